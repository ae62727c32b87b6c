import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClassicLevel } from 'classic-level';
import { readIfPresent, writeAtomic } from './atomic-file.js';
import { LoaError, messageOf } from './errors.js';

/** One change of a {@link Store}: a value under a key, or a key taken away. */
export type StoreChange = { readonly put: string; readonly value: Uint8Array } | { readonly del: string };

/** Which part of a range is wanted. */
export interface RangeOptions {
  /** At most this many entries. */
  readonly limit: number;
  /** Last key first. */
  readonly reverse?: boolean;
  /** Only keys beyond this one, in the direction of reading: how the next page is asked for. */
  readonly after?: string;
}

/** An entry of a {@link Store}. */
export interface StoreEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/**
 * What must outlive a power cut: small values under text keys, ordered by key (byte order of UTF-8). Keys begin with
 * the name of their owner and a slash.
 */
export interface Store {
  /** The value under a key, or undefined. */
  get(key: string): Promise<Uint8Array | undefined>;
  /**
   * Makes all the changes or none; resolves when they are on the disk (fsync).
   * @throws LoaError `E_STORE_WRITE`
   */
  write(changes: readonly StoreChange[]): Promise<void>;
  /** The entries whose key begins with `prefix`, in the order of their keys. */
  range(prefix: string, options: RangeOptions): Promise<StoreEntry[]>;
  /** Waits for what is under way and closes; a second call does nothing. */
  close(): Promise<void>;
}

/**
 * Opens (or makes) the store in a folder. One process at a time. One that a power cut has left damaged is repaired: LevelDB
 * does not sync the first description of a database (1.20, classic-level 3.0.0), and a receiver that cannot start is silent.
 * @param onRepaired told once after a repair, over power cuts too: what is in the store now may be less than all of it
 * @throws LoaError `E_STORE_OPEN`
 */
export async function openStore(
  folder: string,
  onRepaired: (store: Store) => Promise<void> = async () => undefined,
): Promise<Store> {
  const mark = `${folder}.repaired`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    // Loaded when needed: a verb that opens no store does not pay for the native library.
    const { ClassicLevel } = await import('classic-level');
    const level = new ClassicLevel<string, Uint8Array>(folder, {
      keyEncoding: 'utf8',
      valueEncoding: 'view',
    });
    try {
      await level.open();
    } catch (error) {
      if (!isDamaged(error)) throw error;
      await writeAtomic(mark, `${reasonOf(error).slice(0, 300)}\n`, 0o640);
      await ClassicLevel.repair(folder);
      await level.open();
    }
    const store = new LevelStore(level, folder);
    if ((await readIfPresent(mark)) === undefined) return store;
    try {
      await onRepaired(store);
    } catch (error) {
      await store.close();
      throw error;
    }
    await rm(mark, { force: true });
    return store;
  } catch (cause) {
    throw new LoaError('E_STORE_OPEN', `cannot open the store in ${folder}: ${reasonOf(cause)}`, {
      cause,
      fields: { folder },
    });
  }
}

/** Every entry under a prefix, page after page, so that a large store is never in memory at once. */
export async function* entriesOf(store: Store, prefix: string, pageSize = 100): AsyncGenerator<StoreEntry> {
  let after: string | undefined;
  for (;;) {
    const page = await store.range(prefix, { limit: pageSize, ...(after === undefined ? {} : { after }) });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    after = last.key;
  }
}

/** The first key after every key that begins with `prefix`. */
function endOf(prefix: string): string {
  return `${prefix}\u{10FFFF}`;
}

/** LevelDB says why it could not open in the cause of its error. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}

/** LevelDB finds its own files damaged, or the one that describes the others gone; not a lock, a missing right or a broken disk. */
function isDamaged(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
  return code === 'LEVEL_CORRUPTION' || (code === 'LEVEL_IO_ERROR' && /No such file/.test(reasonOf(error)));
}

/** Changes of one caller that wait to be written. */
interface Waiting {
  readonly changes: readonly StoreChange[];
  readonly resolve: () => void;
  readonly reject: (error: LoaError) => void;
}

/** Changes written in one batch, at most; one caller's are never divided. */
const BATCH_CHANGES = 256;
/** As much must fit on the disk before the database is opened anew, bytes. */
const PROBE_BYTES = 262_144;

/**
 * LevelDB goes on after a write that failed, behind the torn record that a full disk leaves in its log: what it takes then
 * is gone at the next start, though it was synced (seen with LevelDB 1.20 of classic-level 3.0.0). So writes go one after
 * the other, those that wait together in one batch, and after a failure the database is opened anew before the next,
 * once the disk takes something again. Until then what is there can be read.
 */
class LevelStore implements Store {
  private readonly waiting: Waiting[] = [];
  private readonly reads = new Set<Promise<unknown>>();
  /** Resolves when the database can be read; never rejects. */
  private ready: Promise<void> = Promise.resolve();
  private draining: Promise<void> | undefined;
  private doubtful = false;
  private closed = false;

  constructor(
    private readonly level: ClassicLevel<string, Uint8Array>,
    private readonly folder: string,
  ) {}

  get(key: string): Promise<Uint8Array | undefined> {
    return this.read(() => this.level.get(key));
  }

  write(changes: readonly StoreChange[]): Promise<void> {
    if (changes.length === 0) return Promise.resolve();
    if (this.closed) return Promise.reject(this.failure(new Error('the store is closed')));
    return new Promise((resolve, reject) => {
      this.waiting.push({ changes, resolve, reject });
      this.draining ??= this.drain();
    });
  }

  range(prefix: string, { limit, reverse = false, after }: RangeOptions): Promise<StoreEntry[]> {
    const from = reverse || after === undefined ? { gte: prefix } : { gt: after };
    const to = reverse && after !== undefined ? { lt: after } : { lt: endOf(prefix) };
    return this.read(async () => {
      const entries = await this.level.iterator({ ...from, ...to, reverse, limit }).all();
      return entries.map(([key, value]) => ({ key, value }));
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.draining;
    await this.level.close();
  }

  private async read<T>(ask: () => Promise<T>): Promise<T> {
    await this.ready;
    const answer = ask();
    this.reads.add(answer);
    try {
      return await answer;
    } finally {
      this.reads.delete(answer);
    }
  }

  /** Never rejects: each caller is told for itself. */
  private async drain(): Promise<void> {
    // Not before `draining` holds this very promise.
    await Promise.resolve();
    for (let together = this.next(); together.length > 0; together = this.next()) {
      try {
        if (this.doubtful) await this.openAnew();
        await this.level.batch(
          together.flatMap(({ changes }) => changes.map(operationOf)),
          { sync: true },
        );
        for (const { resolve } of together) resolve();
      } catch (cause) {
        this.doubtful = true;
        const error = this.failure(cause);
        for (const { reject } of together) reject(error);
      }
    }
    this.draining = undefined;
  }

  private next(): Waiting[] {
    let many = 0;
    const end = this.waiting.findIndex(({ changes }, index) => {
      many += changes.length;
      return index > 0 && many > BATCH_CHANGES;
    });
    return this.waiting.splice(0, end < 0 ? this.waiting.length : end);
  }

  private async openAnew(): Promise<void> {
    await probe(join(this.folder, 'probe'));
    const opening = Promise.allSettled([...this.reads]).then(async () => {
      await this.level.close();
      await this.level.open();
    });
    this.ready = opening.catch(() => undefined);
    await opening;
    this.doubtful = false;
  }

  private failure(cause: unknown): LoaError {
    return new LoaError('E_STORE_WRITE', `cannot write to the store in ${this.folder}: ${reasonOf(cause)}`, {
      cause,
      fields: { folder: this.folder },
    });
  }
}

function operationOf(
  change: StoreChange,
): { type: 'put'; key: string; value: Uint8Array } | { type: 'del'; key: string } {
  return 'put' in change
    ? { type: 'put', key: change.put, value: change.value }
    : { type: 'del', key: change.del };
}

/** Does the disk take anything? @throws Error of the file system where it does not */
async function probe(path: string): Promise<void> {
  try {
    await writeFile(path, new Uint8Array(PROBE_BYTES), { flush: true });
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}
