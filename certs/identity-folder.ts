import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { LoaError, type ErrorCode } from '../agent/core/errors.js';

/** Where the parts of a device's identity stand. */
export interface IdentityFiles {
  /** Private key, PKCS#8 PEM, mode 0600. It never leaves the device. */
  readonly key: string;
  /** Certificate request (PKCS#10, RFC 2986), PEM, mode 0644. */
  readonly request: string;
  /** The device's certificate, then those between it and an anchor, PEM, mode 0644. */
  readonly certificate: string;
  /** The province's certificate authorities, PEM, mode 0644: the only ones that are trusted. */
  readonly anchors: string;
}

/** The identity folder of a state folder. */
export function identityFolder(stateFolder: string): string {
  return join(stateFolder, 'identity');
}

/** The files of an identity folder. */
export function identityFiles(folder: string): IdentityFiles {
  return {
    key: join(folder, 'device.key'),
    request: join(folder, 'device.csr'),
    certificate: join(folder, 'device.crt'),
    anchors: join(folder, 'anchors.pem'),
  };
}

const LARGEST_BYTES = 256 * 1024;

/**
 * Reads a small regular file of an identity, following no symbolic link.
 * @param code what to throw where it is missing, unreadable, larger than 256 KiB, or (`secret`) open to others
 * @throws LoaError of that code, with the path and the system's reason in its fields
 */
export async function readIdentityFile(
  path: string,
  code: ErrorCode,
  options: { readonly secret: boolean },
): Promise<string> {
  const fail = (reason: string, cause?: unknown): LoaError =>
    new LoaError(code, `${path}: ${reason}`, { cause, fields: { path, reason } });
  // O_NONBLOCK: a pipe put in its place must not hold the start of the program.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((cause: NodeJS.ErrnoException) => {
    throw fail(cause.code === 'ENOENT' ? 'missing' : `cannot be opened (${cause.code ?? 'unknown'})`, cause);
  });
  try {
    const { mode, size } = await file.stat();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw fail('not a regular file');
    if (size > LARGEST_BYTES) throw fail(`${size} bytes are too many`);
    if (options.secret && (mode & 0o077) !== 0) {
      throw fail(`mode ${(mode & 0o777).toString(8).padStart(4, '0')} lets others in; 0600 is wanted`);
    }
    return await file.readFile('utf8');
  } catch (cause) {
    throw cause instanceof LoaError ? cause : fail('cannot be read', cause);
  } finally {
    await file.close();
  }
}
