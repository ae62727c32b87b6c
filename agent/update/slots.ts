import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { readIfPresent, syncFolder } from '../core/atomic-file.js';
import { LoaError, messageOf } from '../core/errors.js';
import { readKept, writeKept } from '../core/kept-file.js';
import type { Log } from '../core/log.js';
import type { Offer } from './offer.js';
import {
  choiceText,
  countTries,
  FLOOR_ONLY,
  parseChoice,
  withoutLastTry,
  type SlotChoice,
} from './slot-choice.js';
import type { Place, Slot } from './update-state.js';

const run = promisify(execFile);
/** The list of a program's files, as sha256sum(1) writes and checks it. */
export const SUMS = 'SHA256SUMS';
const SUM_LINE = /^([0-9a-f]{64}) {2}([\w][\w.-]*(?:\/[\w][\w.-]*)*)$/;
const UNPACK_LIMIT_MS = 5 * 60_000;
/** What is left free of the disk, bytes: state and logs go on. */
const SPARE_BYTES = 16 * 1_048_576;

/** The two slots beside the package's own program, and the choice between them. The one place that knows how they lie on the disk. */
export class Slots {
  constructor(
    /** `slots` in the state folder. */
    readonly folder: string,
    private readonly log: Log,
  ) {}

  /** What the launcher reads; the package's own alone where nothing can be read. */
  async choice(): Promise<SlotChoice> {
    const { text, why } = await readKept(this.#path('choice'), (found) => void parseChoice(found));
    if (why !== undefined) this.log.error({ code: 'E_STATE_FILE', why }, 'the choice of slots is damaged');
    return text === undefined ? FLOOR_ONLY : parseChoice(text);
  }

  /** @throws LoaError `E_STORE_WRITE` */
  async choose(choice: SlotChoice): Promise<void> {
    await writeKept(this.#path('choice'), choiceText(choice), 0o640);
  }

  /** The slot starts next, on trial. @throws LoaError `E_STORE_WRITE` */
  async try(slot: Slot, seal: string, version: string): Promise<void> {
    const before = await this.choice();
    await this.#forgetTries();
    const slots = { ...before.slots, [slot]: { seal, version } };
    const previous = before.previous === slot ? 'floor' : before.previous;
    await this.choose({ ...before, previous, slots, trial: slot });
  }

  /** What is on trial has proved itself. @throws LoaError `E_STORE_WRITE` */
  async commit(slot: Slot): Promise<void> {
    const before = await this.choice();
    const previous = before.committed === slot ? before.previous : before.committed;
    await this.choose({ ...before, committed: slot, previous, trial: undefined });
    await this.#forgetTries();
  }

  /** Nothing is on trial any more, and this starts next. @throws LoaError `E_STORE_WRITE` */
  async leave(to: Place): Promise<void> {
    const before = await this.choice();
    await this.choose({ ...before, committed: to, previous: 'floor', trial: undefined });
    await this.#forgetTries();
  }

  /** Starts that the launcher has counted. */
  async tries(slot: Slot, bootId: string): Promise<ReturnType<typeof countTries>> {
    return countTries((await readIfPresent(this.#path('tries')).catch(() => '')) ?? '', slot, bootId);
  }

  /** This run of a slot was none that failed: it has lasted, or it ends in order. What cannot be kept counts on. */
  async wentWell(slot: Slot, bootId: string): Promise<void> {
    const text = await readIfPresent(this.#path('tries')).catch(() => undefined);
    if (text === undefined) return;
    // In place of an atomic file: a torn line counts for less, and this folder may be full.
    await writeFile(this.#path('tries'), withoutLastTry(text, slot, bootId)).catch((error: unknown) =>
      this.log.warn({ error: messageOf(error) }, 'the starts are not put right'),
    );
  }

  /**
   * Unpacks an archive, checks it against its own list of files, and puts it into the slot once all of it is on the disk.
   * @returns the SHA-256 of the list
   * @throws LoaError `E_UPDATE_CONTENT`; `E_STORE_WRITE` where the disk is full
   */
  async unpack(archive: string, slot: Slot, { unpackedBytes }: Offer, signal: AbortSignal): Promise<string> {
    const fresh = this.#path(`${slot}.new`);
    await rm(fresh, { recursive: true, force: true });
    try {
      await this.#roomFor(unpackedBytes);
      await mkdir(fresh, { recursive: true, mode: 0o750 });
      await untar(archive, fresh, signal);
      const seal = await checkTree(fresh, unpackedBytes);
      await onDisk(syncTree(fresh));
      const place = this.#path(slot);
      await rm(place, { recursive: true, force: true });
      await onDisk(rename(fresh, place));
      await onDisk(syncFolder(this.folder));
      return seal;
    } catch (error) {
      await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
      throw error;
    }
  }

  async #roomFor(bytes: number): Promise<void> {
    await onDisk(mkdir(this.folder, { recursive: true, mode: 0o750 }));
    const { bavail, bsize } = await statfs(this.folder);
    if (bavail * bsize >= bytes + SPARE_BYTES) return;
    throw new LoaError('E_STORE_WRITE', `${Math.round((bavail * bsize) / 1_048_576)} MiB are free`);
  }

  async #forgetTries(): Promise<void> {
    await rm(this.#path('tries'), { force: true }).catch(() => undefined);
  }

  #path(name: string): string {
    return join(this.folder, name);
  }
}

/** GNU tar drops leading slashes and refuses `..` by itself; the list of files has the last word on what is there. */
async function untar(archive: string, folder: string, signal: AbortSignal): Promise<void> {
  const how = ['--no-same-owner', '--no-same-permissions', '--delay-directory-restore'];
  const words = ['--extract', '--gzip', '--file', archive, '--directory', folder, ...how];
  try {
    await run('tar', words, { signal, timeout: UNPACK_LIMIT_MS, killSignal: 'SIGKILL' });
  } catch (cause) {
    // What it unpacks was signed: that it cannot be is the disk's fault, as far as can be told.
    throw new LoaError('E_STORE_WRITE', `tar: ${messageOf(cause)}`.slice(0, 300), { cause });
  }
}

/** @returns the SHA-256 of the list. @throws LoaError `E_UPDATE_CONTENT` where the files are not those of the list, all of them and no other */
async function checkTree(folder: string, unpackedBytes: number): Promise<string> {
  const list = await readFile(join(folder, SUMS), 'utf8').catch((cause: unknown) => {
    throw new LoaError('E_UPDATE_CONTENT', `no ${SUMS}`, { cause });
  });
  const wanted = new Map<string, string>();
  for (const line of list.trimEnd().split('\n')) {
    const [, sum, path] = SUM_LINE.exec(line) ?? [];
    if (sum === undefined || path === undefined || wanted.has(path))
      throw new LoaError('E_UPDATE_CONTENT', `${SUMS}: ${line.slice(0, 80)}`);
    wanted.set(path, sum);
  }
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    if (entry.isDirectory() || path === SUMS) continue;
    const sum = wanted.get(path);
    if (!entry.isFile() || sum === undefined)
      throw new LoaError('E_UPDATE_CONTENT', `${path.slice(0, 80)} is not on the list`);
    const found = await digestOf(join(folder, path));
    if (found.sha256 !== sum) throw new LoaError('E_UPDATE_CONTENT', `${path} is not as listed`);
    bytes += found.bytes;
    wanted.delete(path);
  }
  if (wanted.size > 0)
    throw new LoaError('E_UPDATE_CONTENT', `${[...wanted.keys()].slice(0, 3).join(', ')} lack`);
  if (bytes > unpackedBytes)
    throw new LoaError('E_UPDATE_CONTENT', `${bytes} bytes, told were ${unpackedBytes}`);
  return createHash('sha256').update(list).digest('hex');
}

/** SHA-256 and length of a file. @throws LoaError `E_STORE_OPEN` */
export async function digestOf(path: string): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const digest = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      digest.update(chunk as Uint8Array);
      bytes += (chunk as Uint8Array).length;
    }
  } catch (cause) {
    throw new LoaError('E_STORE_OPEN', messageOf(cause), { cause });
  }
  return { sha256: digest.digest('hex'), bytes };
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else {
      const file = await open(path, 'r');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }
  }
  await syncFolder(folder);
}

async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new LoaError('E_STORE_WRITE', messageOf(cause), { cause });
  }
}
