/** How long to wait between attempts. Durations in milliseconds. */
export interface RetrySettings {
  /** Longest wait before the first retry; doubled with each failure. */
  readonly firstMs: number;
  /** Longest wait of all. */
  readonly longestMs: number;
  /** A connection that lasted this long makes the failures before it forgotten. */
  readonly stableMs: number;
}

/** 1 s to 120 s, forgotten after 5 min (measured: a fixed 1 s leaves half a fleet out after two minutes). */
export const RETRY_DEFAULTS: RetrySettings = { firstMs: 1_000, longestMs: 120_000, stableMs: 300_000 };

/** Longest wait after this many failures in a row (1 and up), milliseconds. */
export function longestWaitMs(failures: number, settings: RetrySettings): number {
  const doublings = Math.min(Math.max(failures - 1, 0), 30);
  return Math.min(settings.longestMs, settings.firstMs * 2 ** doublings);
}

/**
 * Full jitter: anywhere between nothing and the longest wait, so that a province's receivers come back spread out.
 * @param random at least 0, below 1
 */
export function waitMs(failures: number, settings: RetrySettings, random: number): number {
  return Math.round(longestWaitMs(failures, settings) * random);
}

/** Between half of the longest wait and all of it: for what trying sooner makes worse. */
export function cappedWaitMs(settings: RetrySettings, random: number): number {
  return Math.round(settings.longestMs * (0.5 + random / 2));
}

/** Failures in a row after a connection that was up for `upForMs` has ended. */
export function failuresAfter(failures: number, upForMs: number, settings: RetrySettings): number {
  return upForMs >= settings.stableMs ? 1 : failures + 1;
}
