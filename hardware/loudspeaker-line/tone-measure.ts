import { WINDOW_MS } from './lock-in.js';

/** What the sensor saw of a tone. */
export interface ToneMeasure {
  /** Amplitude of the tone, in the unit of the sensor. */
  readonly amplitude: number;
  /** Standard error of it, as a share of it. */
  readonly error: number;
  /** The tone against what is there without it, in the band of the measurement, dB. */
  readonly aboveNoiseDb: number;
}

/** Windows at either end of the tone that may hold a part of it only. */
const EDGE = 1;
/** Of a normal distribution: its standard deviation from the median of the absolute deviations. */
const MAD = 1.4826;
/** Standard error of a median against that of a mean. */
const MEDIAN_COST = 1.2533;
const NEVER_DB = 120;

/**
 * Finds a tone in the windows of a record that is longer than it: the loudest run of its length, whose median bursts do not move.
 * Undefined where the record is too short. Pure.
 */
export function measureTone(amplitudes: readonly number[], toneMs: number): ToneMeasure | undefined {
  const length = Math.floor(toneMs / WINDOW_MS) - 2 * EDGE;
  if (length < 2 || amplitudes.length < length) return undefined;
  const at = loudestRun(amplitudes, length);
  const run = amplitudes.slice(at, at + length);
  const amplitude = medianOf(run);
  const spread = MAD * medianOf(run.map((one) => Math.abs(one - amplitude)));
  const rest = amplitudes.filter((_, i) => i < at - 2 * EDGE || i >= at + length + 2 * EDGE);
  const noise = rest.length === 0 ? 0 : medianOf(rest);
  return {
    amplitude,
    error: amplitude === 0 ? Infinity : (MEDIAN_COST * spread) / Math.sqrt(length) / amplitude,
    aboveNoiseDb: noise === 0 ? NEVER_DB : Math.min(NEVER_DB, 20 * Math.log10(amplitude / noise)),
  };
}

function loudestRun(amplitudes: readonly number[], length: number): number {
  let [best, bestSum] = [0, -Infinity];
  for (let at = 0; at + length <= amplitudes.length; at += 1) {
    const sum = amplitudes.slice(at, at + length).reduce((total, one) => total + one, 0);
    if (sum > bestSum) [best, bestSum] = [at, sum];
  }
  return best;
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
