import { mkdir } from 'node:fs/promises';
import type { ClassicLevel } from 'classic-level';
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
 * Opens (or makes) the store in a folder. One process at a time.
 * @throws LoaError `E_STORE_OPEN`
 */
export async function openStore(folder: string): Promise<Store> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    // Loaded when needed: a verb that opens no store does not pay for the native library.
    const { ClassicLevel } = await import('classic-level');
    const level = new ClassicLevel<string, Uint8Array>(folder, {
      keyEncoding: 'utf8',
      valueEncoding: 'view',
    });
    await level.open();
    return new LevelStore(level, folder);
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

class LevelStore implements Store {
  constructor(
    private readonly level: ClassicLevel<string, Uint8Array>,
    private readonly folder: string,
  ) {}

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.level.get(key);
  }

  async write(changes: readonly StoreChange[]): Promise<void> {
    if (changes.length === 0) return;
    try {
      await this.level.batch(
        changes.map((change) =>
          'put' in change
            ? { type: 'put' as const, key: change.put, value: change.value }
            : { type: 'del' as const, key: change.del },
        ),
        { sync: true },
      );
    } catch (cause) {
      throw new LoaError(
        'E_STORE_WRITE',
        `cannot write to the store in ${this.folder}: ${messageOf(cause)}`,
        {
          cause,
          fields: { folder: this.folder },
        },
      );
    }
  }

  async range(prefix: string, { limit, reverse = false, after }: RangeOptions): Promise<StoreEntry[]> {
    const from = reverse || after === undefined ? { gte: prefix } : { gt: after };
    const to = reverse && after !== undefined ? { lt: after } : { lt: endOf(prefix) };
    const entries = await this.level.iterator({ ...from, ...to, reverse, limit }).all();
    return entries.map(([key, value]) => ({ key, value }));
  }

  async close(): Promise<void> {
    await this.level.close();
  }
}
