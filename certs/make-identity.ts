import { lstat } from 'node:fs/promises';
import { writeAtomic } from '../agent/core/atomic-file.js';
import { LoaError } from '../agent/core/errors.js';
import { identifier } from '../protocols/messages/common.js';
import { certificateRequest } from './certificate-request.js';
import { parseDeviceKey } from './device-key.js';
import { readIdentityFile, type IdentityFiles } from './identity-folder.js';
import { newKeyPem, type KeyKind } from './new-key.js';
import { dropStaged, filesInForce, stageRequest } from './staged-identity.js';

/** A request for a certificate, ready to be taken to the province. */
export interface KeyAndRequest {
  /** False where the key was there already: the request is for that key. */
  readonly keyMade: boolean;
  readonly keyPath: string;
  readonly requestPath: string;
  readonly requestPem: string;
}

/**
 * Makes the device's key and the request for its certificate. A key that is there is kept, and a new request made for
 * it, unless `replace` is set. Where a certificate is in force, the new key is staged beside it: the device keeps its
 * identity until the new certificate is installed.
 * @param options.folder the identity folder; made where it is missing
 * @param options.kind of a key that is made; EC P-256 by default
 * @throws LoaError `E_USAGE` (the id), `E_IDENTITY_KEY` (a key is there and cannot be used), `E_STORE_WRITE`
 */
export async function makeKeyAndRequest(options: {
  readonly folder: string;
  readonly receiverId: string;
  readonly replace?: boolean;
  readonly kind?: KeyKind;
}): Promise<KeyAndRequest> {
  const { folder, receiverId, replace = false, kind = 'ec-p256' } = options;
  if (!identifier.safeParse(receiverId).success) {
    throw new LoaError(
      'E_USAGE',
      'a receiver id is 1 to 64 letters, digits, _ or -, a letter or digit first',
    );
  }
  const files = await filesInForce(folder);
  if (replace && (await exists(files.certificate))) {
    await dropStaged(folder);
    const staged = await stageRequest({ folder, receiverId, kind });
    return made(staged.files, staged.requestPem, staged.keyMade);
  }
  const keyMade = replace || !(await exists(files.key));
  if (keyMade) await writeAtomic(files.key, await newKeyPem(kind), 0o600);
  const keyPem = await readIdentityFile(files.key, 'E_IDENTITY_KEY', { secret: true });
  const requestPem = await certificateRequest(receiverId, parseDeviceKey(keyPem, files.key));
  await writeAtomic(files.request, requestPem, 0o644);
  return made(files, requestPem, keyMade);
}

function made(files: IdentityFiles, requestPem: string, keyMade: boolean): KeyAndRequest {
  return { keyMade, keyPath: files.key, requestPath: files.request, requestPem };
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
