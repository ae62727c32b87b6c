import { writeAtomic } from '../agent/core/atomic-file.js';
import { LoaError } from '../agent/core/errors.js';
import { checkChain, checkValidity } from './certificate-chain.js';
import { parseDeviceKey } from './device-key.js';
import { identityFiles, readIdentityFile } from './identity-folder.js';
import { Identity } from './identity.js';

/**
 * Installs what the province answered to a request. Nothing is written unless all of it holds: it can be read, fits
 * the key on the device, carries a receiver id, was issued by the anchors, and is valid now.
 * @param options.certificatePem the device's certificate first, then those between it and an anchor
 * @param options.receiverId where given, the id that the certificate must carry
 * @throws LoaError `E_IDENTITY_KEY`, `E_IDENTITY_CERTIFICATE`, `E_IDENTITY_FOREIGN`, `E_IDENTITY_EXPIRED`, `E_STORE_WRITE`
 */
export async function installCertificate(options: {
  readonly folder: string;
  readonly certificatePem: string;
  readonly anchorsPem: string;
  readonly nowMs: number;
  readonly receiverId?: string;
}): Promise<Identity> {
  const files = identityFiles(options.folder);
  const keyPem = await readIdentityFile(files.key, 'E_IDENTITY_KEY', { secret: true });
  const deviceKey = parseDeviceKey(keyPem, files.key);
  const chain = checkChain(options.certificatePem, options.anchorsPem, deviceKey.key);
  if (options.receiverId !== undefined && chain.receiverId !== options.receiverId) {
    const fields = { expected: options.receiverId, found: chain.receiverId };
    throw new LoaError('E_IDENTITY_CERTIFICATE', `the certificate is for ${fields.found}`, { fields });
  }
  checkValidity(chain, options.nowMs);
  const identity = await Identity.of(chain, keyPem, deviceKey);
  // Anchors first: a power cut between the two leaves a certificate that installing again replaces.
  await writeAtomic(files.anchors, identity.anchorsPem.join(''), 0o644);
  await writeAtomic(files.certificate, identity.certificatePem, 0o644);
  return identity;
}
