/** Crashes within this are counted together. */
export const CRASH_WINDOW_MS = 10 * 60_000;
/** So many are too many. */
export const CRASHES = 5;
/** A safe mode that has run well for so long is left; twice as long after each time that it was entered again. */
export const GOOD_TIME_MS = 30 * 60_000;
const LONGEST_GOOD_MS = 24 * 3_600_000;

/** What is known of the runs before, since the machine was switched on. Instants are monotonic milliseconds of this boot. */
export interface RunMarks {
  /** When ends that nobody asked for were noticed, oldest first. */
  readonly crashes: readonly number[];
  /** A run has begun and has not ended in order. */
  readonly running: boolean;
  /** Safe mode is on. */
  readonly safe: boolean;
  /** How often safe mode was entered. */
  readonly entered: number;
}

/** Nothing has run since the machine was switched on. */
export const NO_RUNS: RunMarks = { crashes: [], running: false, safe: false, entered: 0 };

/** A run begins. Pure. A run before it that did not end in order has crashed, whatever ended it. */
export function runBegins(before: RunMarks, nowMs: number): RunMarks {
  const recent = before.crashes.filter((atMs) => atMs <= nowMs && nowMs - atMs < CRASH_WINDOW_MS);
  const crashes = before.running ? [...recent, nowMs].slice(-2 * CRASHES) : recent;
  const enters = !before.safe && crashes.length >= CRASHES;
  return {
    crashes,
    running: true,
    safe: before.safe || enters,
    entered: before.entered + (enters ? 1 : 0),
  };
}

/** A run ends in order. Pure. Safe mode stays on: that it was stopped says nothing of its health. */
export function runEnds(marks: RunMarks): RunMarks {
  return { ...marks, running: false };
}

/** Safe mode is left: what crashed before does not count any more. Pure. */
export function safeModeLeft(marks: RunMarks): RunMarks {
  return { ...marks, crashes: [], safe: false };
}

/** How long a safe mode must run well before it is left by itself, milliseconds. Pure. */
export function goodTimeMs({ entered }: RunMarks): number {
  return Math.min(LONGEST_GOOD_MS, GOOD_TIME_MS * 2 ** Math.max(0, entered - 1));
}

/** Why a receiver runs with link, verification, sound and emergencies alone. */
export type SafeReason = 'crashes' | 'store';
