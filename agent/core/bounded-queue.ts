import { LoaError } from './errors.js';

/** Runs pieces of work one after the other, in the order they were asked for. */
export interface BoundedQueue {
  /**
   * Runs `work` when all before it has ended, failed or not; gives what it gives.
   * @throws LoaError `E_INTERNAL` at once when too much waits already; whatever `work` throws
   */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing waits or runs. */
  idle(): Promise<void>;
}

/**
 * A queue of at most `limit` pieces of work, the running one counted.
 * @param what named in the error of a full queue
 */
export function createBoundedQueue(limit: number, what: string): BoundedQueue {
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    async run(work) {
      if (waiting >= limit) throw new LoaError('E_INTERNAL', `${what}: more than ${limit} wait already`);
      waiting += 1;
      const result = tail.then(work).finally(() => {
        waiting -= 1;
      });
      tail = result.catch(() => undefined);
      return result;
    },
    async idle() {
      while (waiting > 0) await tail;
    },
  };
}
