import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the kernel tells of itself; other folders in a test. */
export interface KernelRoots {
  readonly sys: string;
  readonly proc: string;
}

/** The machine's own. */
export const KERNEL_ROOTS: KernelRoots = { sys: '/sys', proc: '/proc' };

/** The trimmed text of a file; undefined where it is absent or does not give anything now (a sensor may answer EAGAIN). */
export async function textOf(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return undefined;
  }
}

/**
 * The same of a file that the kernel answers from its memory (/proc, counters): at once, for a tenth of the processor's time that the way
 * through the thread pool takes. Never for a sensor: a bus may be slow.
 */
export function promptText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** A number in a file, times `scale`. */
export async function numberIn(path: string, scale = 1): Promise<number | undefined> {
  const text = await textOf(path);
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? Math.round(value * scale * 1_000) / 1_000 : undefined;
}

/** Names in a folder, sorted; none where it is absent. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    return [];
  }
}

/** Folders in `folder` whose file `file` has this text: hwmon chips, IIO devices and thermal zones are found so. */
export async function devicesNamed(folder: string, file: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await namesIn(folder)) {
    if ((await textOf(join(folder, name, file))) === text) found.push(join(folder, name));
  }
  return found;
}

/** A path beneath /sys as a board gives it, within the root in force; a folder named `*` is the first that there is. */
export async function resolved(roots: KernelRoots, path: string): Promise<string | undefined> {
  let at = roots.sys;
  for (const part of path.replace(/^\/sys\//, '').split('/')) {
    if (!part.includes('*')) {
      at = join(at, part);
      continue;
    }
    const [before = '', after = ''] = part.split('*', 2);
    const name = (await namesIn(at)).find((one) => one.startsWith(before) && one.endsWith(after));
    if (name === undefined) return undefined;
    at = join(at, name);
  }
  return at;
}
