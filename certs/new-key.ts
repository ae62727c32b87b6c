import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

/** Kinds of device keys that are made here: EC P-256 unless the certificate authority demands RSA. */
export type KeyKind = 'ec-p256' | 'rsa-2048' | 'rsa-3072' | 'rsa-4096';

const generate = promisify(generateKeyPair);

/** A new private key, PKCS#8 PEM; made beside the main thread, since RSA takes up to seconds. */
export async function newKeyPem(kind: KeyKind): Promise<string> {
  const { privateKey } =
    kind === 'ec-p256'
      ? await generate('ec', { namedCurve: 'P-256' })
      : await generate('rsa', { modulusLength: Number(kind.slice('rsa-'.length)) });
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}
