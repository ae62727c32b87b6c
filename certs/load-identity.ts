import { checkChain } from './certificate-chain.js';
import { parseDeviceKey } from './device-key.js';
import { identityFiles, readIdentityFile } from './identity-folder.js';
import { Identity } from './identity.js';

/**
 * Reads the device's identity and checks it, its time included.
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
  const files = identityFiles(folder);
  const keyPem = await readIdentityFile(files.key, 'E_IDENTITY_KEY', { secret: true });
  const deviceKey = parseDeviceKey(keyPem, files.key);
  const [certificatePem, anchorsPem] = await Promise.all([
    readIdentityFile(files.certificate, 'E_IDENTITY_CERTIFICATE', { secret: false }),
    readIdentityFile(files.anchors, 'E_IDENTITY_CERTIFICATE', { secret: false }),
  ]);
  const chain = checkChain(certificatePem, anchorsPem, deviceKey.key);
  return Identity.of(chain, keyPem, deviceKey);
}
