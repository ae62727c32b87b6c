import { createHash } from 'node:crypto';
import { link, rename, rm } from 'node:fs/promises';
import { messageOf } from './errors.js';
import { readIfPresent, writeAtomic } from './atomic-file.js';
import type { Log } from './log.js';

/** Begins the last line of a kept file: the SHA-256 of all that is before it. */
const SEAL = '#sha256 ';

/**
 * Replaces a small file of state: sealed with a checksum, atomically (see {@link writeAtomic}); the one before stays as
 * `PATH.good`, for the day on which the flash gives the new one back damaged.
 * @throws LoaError `E_STORE_WRITE`
 */
export async function writeKept(path: string, text: string, mode = 0o600): Promise<void> {
  await keepGood(path);
  const body = text.endsWith('\n') ? text : `${text}\n`;
  await writeAtomic(path, `${body}${SEAL}${digestOf(body)}\n`, mode);
}

/** What a reader of a kept file got, and why it is not the newest where it is not. */
export interface KeptText {
  readonly text: string | undefined;
  /** `factory`: neither the file nor the one before could be used, or there was none. */
  readonly from: 'file' | 'good' | 'factory';
  /** Why the file, or both, were not used; undefined where nothing is wrong. */
  readonly why?: string;
}

/**
 * Reads a kept file: the file, where that is damaged the last known good one, otherwise nothing. A file without a seal
 * (an installer's, an earlier version's) is judged by `check` alone.
 * @param check throws where the text is not what it should be
 */
export async function readKept(path: string, check: (text: string) => void): Promise<KeptText> {
  const newest = await readChecked(path, check);
  if (newest.text !== undefined) return { text: newest.text, from: 'file' };
  const good = await readChecked(`${path}.good`, check);
  const why = newest.why ?? (good.text === undefined ? undefined : 'missing');
  if (good.text !== undefined)
    return { text: good.text, from: 'good', ...(why === undefined ? {} : { why }) };
  return { text: undefined, from: 'factory', ...(why === undefined ? {} : { why }) };
}

/** A value of plain JSON in a kept file. */
export interface KeptFile<T> {
  /** The kept value, the last known good one, or the factory's. What was damaged is logged. */
  read(): Promise<T>;
  /** Writes one after the other. @throws LoaError `E_STORE_WRITE` */
  write(value: T): Promise<void>;
  /** Resolves when nothing is being written any more; a failure went to who asked. */
  idle(): Promise<void>;
}

/** @param parts `parse` throws where a value is not what it should be; `factory` holds where nothing can be read */
export function keptJson<T>(parts: {
  readonly path: string;
  readonly parse: (value: unknown) => T;
  readonly factory: T;
  readonly log: Log;
}): KeptFile<T> {
  const { path, parse, factory, log } = parts;
  let writing: Promise<void> = Promise.resolve();
  return {
    async read() {
      const { text, from, why } = await readKept(path, (found) => void parse(JSON.parse(found)));
      if (why !== undefined)
        log.error({ code: 'E_STATE_FILE', path, from, why }, 'a file of state is damaged');
      return text === undefined ? factory : parse(JSON.parse(text));
    },
    write(value) {
      const next = writing.then(() => writeKept(path, JSON.stringify(value)));
      writing = next.catch(() => undefined);
      return next;
    },
    async idle() {
      await writing;
    },
  };
}

async function readChecked(
  path: string,
  check: (text: string) => void,
): Promise<{ readonly text?: string; readonly why?: string }> {
  try {
    const whole = await readIfPresent(path);
    if (whole === undefined) return {};
    const text = unsealed(whole);
    check(text);
    return { text };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

/** @throws Error where the seal does not fit */
function unsealed(whole: string): string {
  const at = whole.lastIndexOf(SEAL);
  if (at < 0) return whole;
  const text = whole.slice(0, at);
  if (whole.slice(at + SEAL.length).trimEnd() !== digestOf(text))
    throw new Error('the checksum does not fit');
  return text;
}

/** The file in force becomes the last known good one, where it is whole: without a moment in which neither is there. */
async function keepGood(path: string): Promise<void> {
  const whole = await readIfPresent(path).catch(() => undefined);
  if (whole === undefined || !whole.includes(SEAL)) return;
  try {
    unsealed(whole);
    await rm(`${path}.good.new`, { force: true });
    await link(path, `${path}.good.new`);
    await rename(`${path}.good.new`, `${path}.good`);
  } catch {
    // Damaged, or a file system without links: the good one from before stays.
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
