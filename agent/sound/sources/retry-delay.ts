/** A connection that lasted so long makes the failures before it forgotten, milliseconds. */
export const RETRY_STABLE_MS = 30_000;

const FIRST_MS = 500;
const LONGEST_MS = 8_000;
/** Even the luckiest jitter leaves the server this long. */
const LEAST_MS = 50;

/**
 * How long to wait after so many failures in a row (1 and up): full jitter under a bound that doubles from 0.5 to 8 s,
 * so that a commune's receivers do not come back all at once.
 * @param random at least 0, below 1
 */
export function retryDelayMs(failures: number, random: number): number {
  const longestMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(10, failures - 1));
  return Math.max(LEAST_MS, longestMs * random);
}
