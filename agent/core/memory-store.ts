import type { RangeOptions, Store, StoreChange, StoreEntry } from './store.js';

/** A {@link Store} that forgets: for a receiver whose disk cannot be used, or must not be. Bounded by what its owners keep. */
export class MemoryStore implements Store {
  readonly #values = new Map<string, Uint8Array>();

  get(key: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#values.get(key));
  }

  write(changes: readonly StoreChange[]): Promise<void> {
    for (const change of changes) {
      if ('put' in change) this.#values.set(change.put, Uint8Array.from(change.value));
      else this.#values.delete(change.del);
    }
    return Promise.resolve();
  }

  range(prefix: string, { limit, reverse = false, after }: RangeOptions): Promise<StoreEntry[]> {
    const beyond = (key: string): boolean =>
      after === undefined || (reverse ? byteOrder(key, after) < 0 : byteOrder(key, after) > 0);
    const entries = [...this.#values]
      .filter(([key]) => key.startsWith(prefix) && beyond(key))
      .map(([key, value]) => ({ key, value }))
      .sort((a, b) => byteOrder(a.key, b.key));
    return Promise.resolve((reverse ? entries.reverse() : entries).slice(0, limit));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** As UTF-8 has it: by code points. */
function byteOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
