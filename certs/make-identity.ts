import { generateKeyPairSync } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { writeAtomic } from '../agent/core/atomic-file.js';
import { LoaError } from '../agent/core/errors.js';
import { identifier } from '../protocols/messages/common.js';
import { certificateRequest } from './certificate-request.js';
import { parseDeviceKey } from './device-key.js';
import { identityFiles, readIdentityFile } from './identity-folder.js';

/** A request for a certificate, ready to be taken to the province. */
export interface KeyAndRequest {
  /** False where the key was there already: the request is for that key. */
  readonly keyMade: boolean;
  readonly keyPath: string;
  readonly requestPath: string;
  readonly requestPem: string;
}

/**
 * Makes the device's key (EC P-256) and the request for its certificate. A key that is there is kept, and a new
 * request made for it, unless `replace` is set: then the certificate in force no longer fits until the next one is installed.
 * @param options.folder the identity folder; made where it is missing
 * @throws LoaError `E_USAGE` (the id), `E_IDENTITY_KEY` (a key is there and cannot be used), `E_STORE_WRITE`
 */
export async function makeKeyAndRequest(options: {
  readonly folder: string;
  readonly receiverId: string;
  readonly replace?: boolean;
}): Promise<KeyAndRequest> {
  const { folder, receiverId, replace = false } = options;
  if (!identifier.safeParse(receiverId).success) {
    throw new LoaError(
      'E_USAGE',
      'a receiver id is 1 to 64 letters, digits, _ or -, a letter or digit first',
    );
  }
  const files = identityFiles(folder);
  const keyMade = replace || !(await exists(files.key));
  if (keyMade) await writeAtomic(files.key, newKeyPem(), 0o600);
  const keyPem = await readIdentityFile(files.key, 'E_IDENTITY_KEY', { secret: true });
  const requestPem = await certificateRequest(receiverId, parseDeviceKey(keyPem, files.key));
  await writeAtomic(files.request, requestPem, 0o644);
  return { keyMade, keyPath: files.key, requestPath: files.request, requestPem };
}

function newKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** True for anything in that place, a dangling link too; what cannot be looked at is there. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
