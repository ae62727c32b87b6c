import type { Identity } from './identity.js';
import { readPair, readPairs } from './staged-identity.js';

/**
 * Reads the device's identity in force and checks it, its time included.
 * @param folder the identity folder
 * @throws LoaError `E_IDENTITY_KEY` (missing, unreadable, open to others, encrypted, no key),
 * `E_IDENTITY_CERTIFICATE` (missing, damaged, for another key, several or no common name),
 * `E_IDENTITY_FOREIGN` (not issued by an anchor), `E_IDENTITY_EXPIRED` (expired or not yet valid)
 */
export async function loadIdentity(folder: string, nowMs: number): Promise<Identity> {
  const identity = await readIdentity(folder);
  identity.checkValidity(nowMs);
  return identity;
}

/**
 * Like loadIdentity, whatever the time: an expired certificate opens no broker, but the receiver still knows its
 * name, signs its receipts and obeys what the mirror brings.
 * @throws LoaError `E_IDENTITY_KEY`, `E_IDENTITY_CERTIFICATE`, `E_IDENTITY_FOREIGN`
 */
export async function readIdentity(folder: string): Promise<Identity> {
  const { current } = await readPairs(folder);
  return readPair(folder, current);
}
