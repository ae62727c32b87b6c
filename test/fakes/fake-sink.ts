import { LoaError } from '../../agent/core/errors.js';
import type { Clock } from '../../agent/core/clock.js';
import type { OpenSink, SinkListener } from '../../hardware/types.js';

/** A sink that a test opens, kills and reads. */
export interface FakeSink {
  readonly open: OpenSink;
  /** How often it was opened, failures included. */
  opened(): number;
  /** Every block taken by any life of it. */
  readonly blocks: readonly Int16Array[];
  /** Makes the next openings fail. */
  refuse(refusing: boolean): void;
  /** Makes the next write a death. */
  dieAtWrite(): void;
  /** Speaks as the sink of the n-th opening (1 is the first). */
  listener(n: number): SinkListener;
  closed(): boolean;
}

/** @param aheadFrames how much it wants written ahead */
export function fakeSink(clock: Clock, aheadFrames = 0): FakeSink {
  const listeners: SinkListener[] = [];
  const blocks: Int16Array[] = [];
  let refusing = false;
  let dying = false;
  let closed = false;
  return {
    blocks,
    open: async (_, listener) => {
      listeners.push(listener);
      if (refusing) throw new LoaError('E_SINK_OPEN', 'made to fail');
      return {
        kind: 'null',
        startedMs: clock.monotonicMs(),
        aheadFrames,
        uncertaintyMs: 0,
        write(block) {
          if (dying) {
            dying = false;
            listener.onDied('E_SINK_DIED', 'made to die');
          } else blocks.push(block);
        },
        async close() {
          closed = true;
        },
      };
    },
    opened: () => listeners.length,
    refuse: (refuse) => {
      refusing = refuse;
    },
    dieAtWrite: () => {
      dying = true;
    },
    listener: (n) => {
      const listener = listeners[n - 1];
      if (listener === undefined) throw new Error(`never opened ${n} times`);
      return listener;
    },
    closed: () => closed,
  };
}
