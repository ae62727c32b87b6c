import { chown, readFile, stat } from 'node:fs/promises';
import { writeAtomic } from '../core/atomic-file.js';
import { LoaError, messageOf } from '../core/errors.js';
import { checkConfig } from '../config.js';

/** First words of what only a signed document sets. */
const POLICY = [
  'hours',
  'permittedHours',
  'minutesADay',
  'authorities',
  'authority',
  'areas',
  'area',
  'assignment',
  'groups',
  'desired',
];

type Tree = Record<string, unknown>;

/** The settings file as it is; empty where there is none. @throws LoaError `E_CONFIG_READ` */
export async function readSettings(path: string): Promise<Tree> {
  try {
    const given: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Tree;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new LoaError('E_CONFIG_READ', `${path}: ${messageOf(cause)}`, { cause });
  }
  throw new LoaError('E_CONFIG_READ', `${path}: not a JSON object`);
}

/** The settings with some set; each key is a path with dots. Pure. @throws LoaError `E_POLICY_KEY` */
export function withSettings(settings: Tree, changes: Readonly<Record<string, unknown>>): Tree {
  const changed = structuredClone(settings);
  for (const [key, value] of Object.entries(changes)) {
    const words = key.split('.');
    if (words.some((word) => POLICY.includes(word))) throw new LoaError('E_POLICY_KEY', key);
    let at = changed;
    for (const word of words.slice(0, -1)) {
      const next: unknown = Object.hasOwn(at, word) ? at[word] : undefined;
      const branch: Tree = typeof next === 'object' && next !== null ? (next as Tree) : {};
      Object.defineProperty(at, word, {
        value: branch,
        enumerable: true,
        writable: true,
        configurable: true,
      });
      at = branch;
    }
    const last = words.at(-1) ?? '';
    Object.defineProperty(at, last, { value, enumerable: true, writable: true, configurable: true });
  }
  return changed;
}

/** Writes settings that pass every check, with the mode and the owner that the file had: the receiver must be able to read it. @throws LoaError `E_CONFIG_KEY`, `E_STORE_WRITE` */
export async function writeSettings(path: string, settings: Tree): Promise<void> {
  checkConfig(settings);
  const before = await stat(path).catch(() => undefined);
  await writeAtomic(path, `${JSON.stringify(settings, undefined, 2)}\n`, (before?.mode ?? 0o640) & 0o777);
  const after = await stat(path);
  if (before !== undefined && (before.uid !== after.uid || before.gid !== after.gid))
    await chown(path, before.uid, before.gid);
}

/** A value typed at a shell: JSON where it is, a text otherwise. Pure. */
export function typedValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Settings without their secrets: a proxy's account. Pure. */
export function withoutSecrets<T>(settings: T): T {
  const text = JSON.stringify(settings, (_key, value: unknown) =>
    typeof value === 'string' ? value.replace(/(\/\/)[^/@\s]+@/g, '$1***@') : value,
  );
  return JSON.parse(text) as T;
}
