/** The one clock of the program. Pure code takes `nowMs` or `monotonicMs` as an argument instead. */
export interface Clock {
  /** Wall time, milliseconds since 1970-01-01T00:00Z. It may step. */
  nowMs(): number;
  /**
   * Milliseconds since an arbitrary start; never steps. The same scale in every thread and process of the machine
   * (CLOCK_MONOTONIC).
   */
  monotonicMs(): number;
  /** Calls `run` once, no sooner than `afterMs` from now. Returns what cancels it. */
  after(afterMs: number, run: () => void): () => void;
}

/** Where `performance.now()` of this thread begins on the machine's monotonic scale. It is asked for at each block of sound, and makes no BigInt. */
const threadBeganMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => threadBeganMs + performance.now(),
  after(afterMs, run) {
    const timer = setTimeout(run, Math.max(0, afterMs));
    return () => clearTimeout(timer);
  },
};

/** Wall time as RFC 3339 with offset, in UTC: `2026-11-23T03:16:34.120Z`. */
export function instant(nowMs: number): string {
  return new Date(nowMs).toISOString();
}

/** Wall time, milliseconds, of a monotonic instant near now. */
export function instantOf(clock: Clock, monotonicMs: number): number {
  return clock.nowMs() + (monotonicMs - clock.monotonicMs());
}
