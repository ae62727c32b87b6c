import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LoaError } from './errors.js';

/**
 * Replaces a file so that a power cut leaves the old or the new content, never a torn one: temporary file, fsync,
 * rename, fsync of the folder (rename(2) is atomic; its durability needs the folder's fsync).
 * @param mode permission bits of the new file; 0600 by default
 * @throws LoaError `E_STORE_WRITE`
 */
export async function writeAtomic(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const temporary = `${path}.new`;
  try {
    await makeFolder(dirname(path));
    const file = await open(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW,
      mode,
    );
    try {
      await file.chmod(mode);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new LoaError('E_STORE_WRITE', `cannot write ${path}`, { cause, fields: { path } });
  }
}

/** Makes a folder that lasts: the entry of each folder made is synced too, or a power cut takes it with all in it. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o750 });
  if (first === undefined) return;
  const above = dirname(resolve(first));
  for (let made = resolve(path); made !== above; made = dirname(made)) await syncFolder(dirname(made));
}

/** Makes the names in a folder last: what was made, renamed or removed there survives a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The text of a file, or undefined where there is none. Other failures are thrown as they are. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}
