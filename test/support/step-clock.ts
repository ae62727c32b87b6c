import type { Clock } from '../../agent/core/clock.js';

/** A clock of tests: time moves by hand, and the wall clock can be stepped apart from the monotonic one. */
export interface StepClock extends Clock {
  /** Both clocks move on; what is due runs. */
  advance(byMs: number): void;
  /** The wall clock is set; the monotonic one goes on. */
  stepTo(wallMs: number): void;
  /** How many timers wait. */
  waiting(): number;
}

/** @param wallMs wall time at the start; monotonic time begins at 1000 */
export function stepClock(wallMs: number): StepClock {
  let offsetMs = wallMs - 1_000;
  let monotonicMs = 1_000;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    nowMs: () => offsetMs + monotonicMs,
    monotonicMs: () => monotonicMs,
    after(afterMs, run) {
      const timer = { atMs: monotonicMs + Math.max(0, afterMs), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    advance(byMs) {
      const untilMs = monotonicMs + byMs;
      for (;;) {
        const [first] = timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
        if (first === undefined) break;
        timers = timers.filter((one) => one !== first);
        monotonicMs = first.atMs;
        first.run();
      }
      monotonicMs = untilMs;
    },
    waiting: () => timers.length,
    stepTo(wall) {
      offsetMs = wall - monotonicMs;
    },
  };
}
