import { createPrivateKey, type KeyObject } from 'node:crypto';
import { LoaError } from '../agent/core/errors.js';

/** Signature algorithms (RFC 7518, RFC 8037) of device keys. */
export type DeviceAlgorithm = 'ES256' | 'EdDSA' | 'RS256';

/** A device's private key and what it signs with. */
export interface DeviceKey {
  readonly key: KeyObject;
  readonly algorithm: DeviceAlgorithm;
}

/**
 * Reads a private key of a kind that Loa signs with: EC P-256, Ed25519, or RSA of 2048 bits and more.
 * @param pem PKCS#8 (or the older forms that OpenSSL writes), not encrypted
 * @throws LoaError `E_IDENTITY_KEY`
 */
export function parseDeviceKey(pem: string, path: string): DeviceKey {
  const fail = (reason: string, cause?: unknown): LoaError =>
    new LoaError('E_IDENTITY_KEY', `${path}: ${reason}`, { cause, fields: { path, reason } });
  if (/^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(pem)) throw fail('encrypted');
  const key = privateKeyOf(pem);
  if (key === undefined) throw fail('not a private key');
  const algorithm = algorithmOf(key);
  if (algorithm === undefined) throw fail('neither EC P-256, Ed25519 nor RSA of 2048 bits or more');
  return { key, algorithm };
}

/** Undefined for what is no key. OpenSSL's reason is dropped: it may quote what it read. */
function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function algorithmOf(key: KeyObject): DeviceAlgorithm | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256';
  if (type === 'ed25519') return 'EdDSA';
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048) return 'RS256';
  return undefined;
}
