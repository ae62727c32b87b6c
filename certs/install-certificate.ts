import { writeAtomic } from '../agent/core/atomic-file.js';
import { LoaError } from '../agent/core/errors.js';
import { certificatesOf, checkChain, checkValidity } from './certificate-chain.js';
import { parseDeviceKey, type DeviceKey } from './device-key.js';
import { readIdentityFile, type IdentityFiles } from './identity-folder.js';
import { Identity } from './identity.js';
import { pairFiles, promote, readPairs, wantName } from './staged-identity.js';

/**
 * Installs what the province answered to a request. Nothing is written unless all of it holds: it can be read, fits
 * a key on the device, carries a receiver id, was issued by the anchors, and is valid now. A certificate for the
 * staged key puts that pair in force.
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
  const { files, keyPem, deviceKey, staged } = await fittingKey(options.folder, options.certificatePem);
  const chain = checkChain(options.certificatePem, options.anchorsPem, deviceKey.key);
  checkValidity(chain, options.nowMs);
  const identity = await Identity.of(chain, keyPem, deviceKey);
  if (options.receiverId !== undefined) wantName(identity, options.receiverId);
  // Anchors first: a power cut between the two leaves a certificate that installing again replaces.
  await writeAtomic(files.anchors, identity.anchorsPem.join(''), 0o644);
  await writeAtomic(files.certificate, identity.certificatePem, 0o644);
  return staged ? promote(options.folder) : identity;
}

interface FittingKey {
  readonly files: IdentityFiles;
  readonly keyPem: string;
  readonly deviceKey: DeviceKey;
  readonly staged: boolean;
}

/** The staged key where the certificate is for it, otherwise the one in force. */
async function fittingKey(folder: string, certificatePem: string): Promise<FittingKey> {
  const { current, staged } = await readPairs(folder);
  const [leaf] = certificatesOf(certificatePem, 'the certificate');
  if (staged !== undefined) {
    const found = await keyOf(pairFiles(folder, staged)).catch((error: unknown) => {
      if (error instanceof LoaError) return undefined;
      throw error;
    });
    if (found !== undefined && leaf?.checkPrivateKey(found.deviceKey.key) === true) {
      return { ...found, staged: true };
    }
  }
  return { ...(await keyOf(pairFiles(folder, current))), staged: false };
}

async function keyOf(files: IdentityFiles): Promise<Omit<FittingKey, 'staged'>> {
  const keyPem = await readIdentityFile(files.key, 'E_IDENTITY_KEY', { secret: true });
  return { files, keyPem, deviceKey: parseDeviceKey(keyPem, files.key) };
}
