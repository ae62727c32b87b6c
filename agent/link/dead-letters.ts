import { entriesOf, type Store, type StoreChange } from '../core/store.js';
import { keyOf, numberOf } from './outbox-message.js';

/** Most that is kept of refused messages, bytes of keys and values. */
export const DEAD_LIMIT_BYTES = 1_048_576;
const PREFIX = 'dead/';

/**
 * Messages that the broker has refused for good, under the numbers they had in the outbox. They are out of the way of
 * the others and not lost: a process that starts puts them back, because a wrong access list is mended by then.
 */
export class DeadLetters {
  /** Bytes by number, oldest first. */
  private readonly sizes = new Map<number, number>();
  private bytes = 0;

  constructor(private readonly limitBytes = DEAD_LIMIT_BYTES) {}

  /** How many there are. */
  get count(): number {
    return this.sizes.size;
  }

  /** Changes that move every one of them back under `outboxPrefix`, in pieces of at most 64. */
  static async *revival(store: Store, outboxPrefix: string): AsyncGenerator<StoreChange[]> {
    let piece: StoreChange[] = [];
    for await (const { key, value } of entriesOf(store, PREFIX, 32)) {
      const number = numberOf(PREFIX, key);
      piece.push({ del: key });
      if (number !== undefined) piece.push({ put: keyOf(outboxPrefix, number), value });
      if (piece.length >= 64) {
        yield piece;
        piece = [];
      }
    }
    if (piece.length > 0) yield piece;
  }

  /**
   * Changes that keep a message; the oldest go where there is no room.
   * @returns `accept` is to be called when they are on the disk; it returns how many went
   */
  bury(number: number, value: Uint8Array): { changes: StoreChange[]; accept: () => number } {
    const put = keyOf(PREFIX, number);
    const size = put.length + value.length;
    const gone: number[] = [];
    let bytes = this.bytes + size;
    for (const [other, otherSize] of this.sizes) {
      if (bytes <= this.limitBytes) break;
      gone.push(other);
      bytes -= otherSize;
    }
    return {
      changes: [{ put, value }, ...gone.map((other) => ({ del: keyOf(PREFIX, other) }))],
      accept: () => {
        for (const other of gone) this.sizes.delete(other);
        this.sizes.set(number, size);
        this.bytes = bytes;
        return gone.length;
      },
    };
  }
}
