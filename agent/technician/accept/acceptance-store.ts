import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../../core/atomic-file.js';
import { acceptancePage } from './acceptance-page.js';
import type { AcceptanceFile, AcceptanceRecord } from './acceptance-record.js';
import { acceptanceDigest } from './acceptance-signature.js';

/** Records kept; the oldest goes first. */
export const ACCEPTANCES_KEPT = 10;

const NAME = /^acceptance-(\d{8}T\d{6}Z)\.(json|html)$/;
/** The group of technicians may read them and take them away. */
const MODE = 0o640;

/**
 * Keeps a signed record and its printable page; older ones than the newest {@link ACCEPTANCES_KEPT} go.
 * @returns the path of the signed one
 * @throws LoaError `E_STORE_WRITE`
 */
export async function keepAcceptance(
  folder: string,
  record: AcceptanceRecord,
  file: AcceptanceFile,
): Promise<string> {
  const stamp = record.at.replace(/\.\d+/, '').replace(/[-:]/g, '');
  const path = join(folder, `acceptance-${stamp}.json`);
  await writeAtomic(path, `${JSON.stringify(file, undefined, 1)}\n`, MODE);
  await writeAtomic(
    join(folder, `acceptance-${stamp}.html`),
    acceptancePage(record, acceptanceDigest(file.jws)),
    MODE,
  );
  await dropOld(folder);
  return path;
}

async function dropOld(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name));
  const stamps = [...new Set(names.map((name) => NAME.exec(name)?.[1] ?? ''))].sort();
  const old = new Set(stamps.slice(0, -ACCEPTANCES_KEPT));
  for (const name of names)
    if (old.has(NAME.exec(name)?.[1] ?? '')) await rm(join(folder, name), { force: true });
}
