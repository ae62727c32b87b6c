import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JWK,
} from 'jose';
import { z } from 'zod';
import { LoaError } from '../../agent/core/errors.js';
import type { PublicKey } from '../../protocols/trust-document.js';

const privateJwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});

/** A key that signs by ES256, known by the thumbprint of its public part (RFC 7638). */
export interface Signer {
  readonly kid: string;
  readonly algorithm: 'ES256';
  readonly key: CryptoKey;
  readonly publicJwk: PublicKey;
}

/** A new private key as a JWK: for a root, an authority, or an intruder that nobody trusts. */
export async function newPrivateJwk(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return exportJWK(privateKey);
}

/**
 * Makes a signer of a private JWK.
 * @throws LoaError `E_IDENTITY_KEY` where it is not a private key of EC P-256
 */
export async function signerOf(jwk: unknown): Promise<Signer> {
  const parsed = privateJwk.safeParse(jwk);
  if (!parsed.success) throw new LoaError('E_IDENTITY_KEY', 'not a private JWK of EC P-256');
  const { kty, crv, x, y } = parsed.data;
  const key = await importJWK(parsed.data, 'ES256');
  if (key instanceof Uint8Array) throw new LoaError('E_IDENTITY_KEY', 'not a private JWK of EC P-256');
  const publicJwk = { kty, crv, x, y };
  return { kid: await calculateJwkThumbprint(publicJwk), algorithm: 'ES256', key, publicJwk };
}
