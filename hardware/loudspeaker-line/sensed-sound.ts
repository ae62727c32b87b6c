/** Levels of a sound every {@link STEP_MS}, linear, from an instant of the wall clock on. */
export interface Envelope {
  readonly fromMs: number;
  readonly levels: readonly number[];
}

/** Between two levels. */
export const STEP_MS = 10;
const A_SECOND = 1000 / STEP_MS;
/** Between two looks for the delay; it is looked for finer around the best. */
const COARSE = 3;
/** Clocks of card and sensor are known so well only: the delay may seem to be less than nothing. */
const EARLY_MS = 200;
/** Levels below this under the loudest count as silence, dB. */
const FLOOR_DB = -50;
/** A second whose sent level varies less than this shows nothing: a steady tone correlates with everything. */
const LEAST_VARIATION_DB = 2;
/** So many levels of a second must have been sensed. */
const LEAST_LEVELS = 60;
/** A second was sensed from this correlation on … */
const SENSED = 0.5;
/** … and a bulletin if this share of its seconds was, and so many could be judged at all. */
const SENSED_SHARE = 0.8;
const LEAST_SECONDS = 2;

/**
 * How alike the levels sent and those sensed are, second by second of what was sent: −1 to 1 (Pearson, of levels in dB), null where a second
 * shows nothing. The delay from the one to the other is looked for once, up to `mostDelayMs`. Pure.
 */
export function sensedSeconds(sent: Envelope, sensed: Envelope, mostDelayMs: number): (number | null)[] {
  const [one, other] = [inDb(sent.levels), inDb(sensed.levels)];
  const offset = Math.round((sent.fromMs - sensed.fromMs) / STEP_MS);
  const lag = bestLag(one, other, offset, mostDelayMs);
  const seconds: (number | null)[] = [];
  for (let at = 0; at + A_SECOND <= one.length; at += A_SECOND)
    seconds.push(alike(one, other, at, at + A_SECOND, offset + lag));
  return seconds;
}

/** Whether that is evidence that the bulletin was at the loudspeakers. Pure. */
export function isSensed(seconds: readonly (number | null)[]): boolean {
  const judged = seconds.filter((one) => one !== null);
  const sensed = judged.filter((one) => one >= SENSED).length;
  return judged.length >= LEAST_SECONDS && sensed >= SENSED_SHARE * judged.length;
}

function bestLag(
  one: readonly number[],
  other: readonly number[],
  offset: number,
  mostDelayMs: number,
): number {
  const [least, most] = [-Math.round(EARLY_MS / STEP_MS), Math.round(mostDelayMs / STEP_MS)];
  const score = (lag: number): number => alike(one, other, 0, one.length, offset + lag) ?? -1;
  let best = 0;
  let bestScore = -Infinity;
  const look = (lag: number): void => {
    const found = score(lag);
    if (found > bestScore) [best, bestScore] = [lag, found];
  };
  for (let lag = least; lag <= most; lag += COARSE) look(lag);
  const coarse = best;
  for (let lag = coarse - COARSE + 1; lag < coarse + COARSE; lag += 1) look(lag);
  return best;
}

/** Pearson's correlation of `one` from `from` to `to` with `other` moved by `shift`; null where too little is there or varies. */
function alike(
  one: readonly number[],
  other: readonly number[],
  from: number,
  to: number,
  shift: number,
): number | null {
  let [n, sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0, 0];
  for (let i = from; i < to; i += 1) {
    const [a, b] = [one[i], other[i + shift]];
    if (a === undefined || b === undefined) continue;
    n += 1;
    sumA += a;
    sumB += b;
    sumAA += a * a;
    sumBB += b * b;
    sumAB += a * b;
  }
  if (n < LEAST_LEVELS) return null;
  const variationA = Math.max(0, sumAA / n - (sumA / n) ** 2);
  const variationB = Math.max(0, sumBB / n - (sumB / n) ** 2);
  if (Math.sqrt(variationA) < LEAST_VARIATION_DB) return null;
  if (variationB === 0) return 0;
  return Math.round(((sumAB / n - (sumA / n) * (sumB / n)) / Math.sqrt(variationA * variationB)) * 100) / 100;
}

function inDb(levels: readonly number[]): number[] {
  const loudest = levels.reduce((most, one) => Math.max(most, one), 0);
  if (loudest === 0) return levels.map(() => FLOOR_DB);
  return levels.map((level) => Math.max(FLOOR_DB, 20 * Math.log10(level / loudest)));
}
