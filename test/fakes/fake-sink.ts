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
  /** What its last life has been given, less what was taken back: samples by frame. */
  readonly frames: () => Int16Array;
  /** From which frames on sound was taken back. */
  readonly takenBack: readonly number[];
  /** Makes the next openings fail. */
  refuse(refusing: boolean): void;
  /** Makes the next write a death. */
  dieAtWrite(): void;
  /** Speaks as the sink of the n-th opening (1 is the first). */
  listener(n: number): SinkListener;
  closed(): boolean;
}

/**
 * @param aheadFrames how much it wants written ahead
 * @param givesBack true: what was written can be taken back
 */
export function fakeSink(clock: Clock, aheadFrames = 0, givesBack = false): FakeSink {
  const listeners: SinkListener[] = [];
  const blocks: Int16Array[] = [];
  const takenBack: number[] = [];
  let frames: number[] = [];
  let refusing = false;
  let dying = false;
  let closed = false;
  return {
    blocks,
    takenBack,
    frames: () => Int16Array.from(frames),
    open: async (_, listener) => {
      listeners.push(listener);
      if (refusing) throw new LoaError('E_SINK_OPEN', 'made to fail');
      frames = [];
      return {
        kind: 'null',
        startedMs: clock.monotonicMs(),
        aheadFrames,
        uncertaintyMs: 0,
        write(block) {
          if (dying) {
            dying = false;
            listener.onDied('E_SINK_DIED', 'made to die');
            return;
          }
          blocks.push(block);
          frames.push(...block);
        },
        ...(givesBack
          ? {
              takeBack(frame: number) {
                takenBack.push(frame);
                frames.length = Math.min(frames.length, frame);
              },
            }
          : {}),
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
