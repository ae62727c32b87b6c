import { readFile } from 'node:fs/promises';
import { LoaError, messageOf } from '../core/errors.js';

/** The text of a file that an authority has signed, as it was brought. @throws LoaError `E_USAGE` where it cannot be read */
export async function signedFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new LoaError('E_USAGE', `${path}: ${messageOf(cause)}`, { cause });
  }
}
