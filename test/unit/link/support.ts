import type { Clock } from '../../../agent/core/clock.js';
import type { Log } from '../../../agent/core/log.js';

/** A clock that stands until it is moved. */
export interface HandClock extends Clock {
  /** Moves on; what is due runs in the order of its time. */
  advance(byMs: number): void;
}

/** Wall time begins at 2026-11-23T03:00Z, monotonic time at 1000. */
export function handClock(): HandClock {
  const start = Date.parse('2026-11-23T03:00:00Z');
  let elapsed = 0;
  let timers: { atMs: number; run: () => void }[] = [];
  return {
    nowMs: () => start + elapsed,
    monotonicMs: () => 1000 + elapsed,
    after(afterMs, run) {
      const timer = { atMs: elapsed + Math.max(0, afterMs), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    advance(byMs) {
      const until = elapsed + byMs;
      for (;;) {
        const [first] = timers
          .filter(({ atMs }) => atMs <= until)
          .sort((one, other) => one.atMs - other.atMs);
        if (first === undefined) break;
        timers = timers.filter((one) => one !== first);
        elapsed = first.atMs;
        first.run();
      }
      elapsed = until;
    },
  };
}

/** A log that keeps its lines as `level code text`. */
export interface KeptLog extends Log {
  readonly lines: string[];
}

export function keptLog(): KeptLog {
  const lines: string[] = [];
  const line =
    (level: string) =>
    (fields: object, text: string): void => {
      const code = 'code' in fields ? ` ${String(fields.code)}` : '';
      lines.push(`${level}${code} ${text}`);
    };
  const log: KeptLog = {
    lines,
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: () => log,
  };
  return log;
}

/** Lets everything run that is ready now (promises and immediate callbacks). */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
