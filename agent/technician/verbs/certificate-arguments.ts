import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyTrust } from '../../../protocols/trust-document.js';
import { TrustFile } from '../../commands/document-folder.js';
import { LoaError, messageOf } from '../../core/errors.js';
import { TRUST_FILE } from '../../state-files.js';

/** A file that a person named. @throws LoaError `E_USAGE` */
export async function readGiven(path: string): Promise<string> {
  return (await readGivenBytes(path)).toString('utf8');
}

/** Its bytes. @throws LoaError `E_USAGE` */
export async function readGivenBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new LoaError('E_USAGE', `${path}: ${messageOf(cause)}`, { cause });
  }
}

/** The values of what `parse` read. @throws LoaError `E_USAGE` for options that are not understood */
export function parsed<T>(parse: () => { values: T }): T {
  try {
    return parse().values;
  } catch (cause) {
    throw new LoaError('E_USAGE', messageOf(cause), { cause });
  }
}

/** A trust document that was checked, not written yet. */
export interface CheckedTrust {
  readonly version: number;
  write(stateFolder: string): Promise<void>;
}

/** Checks a trust document against the root's fingerprint. @throws LoaError `E_USAGE`, `E_TRUST_*` */
export async function checkTrust(path: string, fingerprint: string): Promise<CheckedTrust> {
  return checkTrustText(await readGiven(path), fingerprint);
}

/** The same of its text, wherever it comes from. @throws LoaError `E_TRUST_*` */
export async function checkTrustText(text: string, fingerprint: string): Promise<CheckedTrust> {
  const verified = await verifyTrust(text, { fingerprint });
  if (!verified.ok) throw new LoaError(verified.refusal.code, verified.refusal.detail);
  return {
    version: verified.value.version,
    write: (stateFolder) => new TrustFile(join(stateFolder, TRUST_FILE)).write(text),
  };
}

/** The same where both may be left out. @throws LoaError `E_USAGE` where one of the two is */
export async function checkTrustIfGiven(
  path: string | undefined,
  fingerprint: string | undefined,
): Promise<CheckedTrust | undefined> {
  if (path === undefined && fingerprint === undefined) return undefined;
  if (path === undefined || fingerprint === undefined)
    throw new LoaError('E_USAGE', '--trust and --fingerprint belong together');
  return checkTrust(path, fingerprint);
}
