import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK } from 'jose';

/** What signs receipts and events as a receiver would: its private key (EC P-256 or RSA), PEM. */
export async function signerOfPem(
  keyPem: string,
): Promise<{ key: KeyObject; kid: string; algorithm: 'ES256' | 'RS256' }> {
  const key = createPrivateKey(keyPem);
  const kid = await calculateJwkThumbprint(await exportJWK(createPublicKey(key)));
  return { key, kid, algorithm: key.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256' };
}
