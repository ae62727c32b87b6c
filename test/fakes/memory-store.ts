import { LoaError } from '../../agent/core/errors.js';
import type { Store } from '../../agent/core/store.js';

/** A store in memory whose writes can be made to fail. */
export interface MemoryStore extends Store {
  /** Writes asked for so far, failed ones included. */
  writes(): number;
  /** The n-th write from now (1 is the next) fails and changes nothing. */
  failWrite(n: number): void;
  /** Every write from now on fails, or none does. */
  failAll(failing: boolean): void;
  /** A store with the same content, as a process that starts again would find it. */
  reopened(): MemoryStore;
}

/** The contract of Store over a Map. */
export function memoryStore(content: ReadonlyMap<string, Uint8Array> = new Map()): MemoryStore {
  const entries = new Map(content);
  let writes = 0;
  let failing = false;
  const failAt = new Set<number>();
  return {
    async get(key) {
      return entries.get(key);
    },
    async write(changes) {
      writes += 1;
      if (failing || failAt.has(writes))
        throw new LoaError('E_STORE_WRITE', `write ${writes} was made to fail`);
      for (const change of changes) {
        if ('put' in change) entries.set(change.put, change.value);
        else entries.delete(change.del);
      }
    },
    async range(prefix, { limit, reverse = false, after }) {
      const keys = [...entries.keys()].filter((key) => key.startsWith(prefix)).sort(byteOrder);
      if (reverse) keys.reverse();
      const beyond = (key: string): boolean =>
        after === undefined || (reverse ? byteOrder(key, after) < 0 : byteOrder(key, after) > 0);
      return keys
        .filter(beyond)
        .slice(0, limit)
        .flatMap((key) => {
          const value = entries.get(key);
          return value === undefined ? [] : [{ key, value }];
        });
    },
    async close() {
      failing = true;
    },
    writes: () => writes,
    failWrite(n) {
      failAt.add(writes + n);
    },
    failAll(fail) {
      failing = fail;
    },
    reopened: () => memoryStore(entries),
  };
}

function byteOrder(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
