import { crossCorrelation } from './fft.js';
import { energy, type Span } from './level.js';

/** Where a reference lies in what was heard: heard[n] is reference[n − lagFrames]. */
export interface FoundLag {
  readonly lagFrames: number;
  /** Normalised correlation of the whole span at that lag, −1 to 1; what lies outside the reference counts against it. */
  readonly correlation: number;
}

/** What {@link findLag} is asked. */
export interface LagQuestion extends Span {
  readonly heard: Float32Array;
  readonly reference: Float32Array;
  readonly rateHz: number;
  /** With `searchFrames`: only lags within that many frames of it are tried. */
  readonly expectedLagFrames?: number;
  readonly searchFrames?: number;
}

/** The first search is made on sound at about 3 kHz: speech has its energy below half of that. */
const COARSE_RATE_HZ = 3000;

/**
 * The one lag at which the frames [fromFrame, toFrame) of `heard` fit the reference best: a cross-correlation by FFT of the
 * sound at a sixteenth of its rate, then every frame around the best three places at the full rate.
 */
export function findLag(question: LagQuestion): FoundLag {
  const { heard, reference, rateHz, fromFrame, toFrame } = question;
  const segment = heard.subarray(fromFrame, toFrame);
  const step = Math.max(1, Math.round(rateHz / COARSE_RATE_HZ));
  let best: FoundLag = { lagFrames: question.expectedLagFrames ?? fromFrame, correlation: -Infinity };
  for (const coarse of coarseLags(thin(segment, step), thin(reference, step), allowed(question, step))) {
    const near = coarse * step;
    const lagFrames = fromFrame + refine(segment, reference, near - 2 * step, near + 2 * step);
    const correlation = correlationAt(heard, reference, fromFrame, toFrame, lagFrames);
    if (!outside(question, lagFrames) && correlation > best.correlation) best = { lagFrames, correlation };
  }
  return best.correlation === -Infinity ? { ...best, correlation: 0 } : best;
}

/** Normalised correlation of heard [from, to) with the reference `lag` frames earlier; 0 where either is silent. */
export function correlationAt(
  heard: Float32Array,
  reference: Float32Array,
  from: number,
  to: number,
  lag: number,
): number {
  const power = energy(heard, from, to) * energy(reference, from - lag, to - lag);
  return power === 0 ? 0 : product(heard, reference, from, to, lag) / Math.sqrt(power);
}

/** The lag in [lowest, highest] at which heard [fromFrame, toFrame) correlates best with the reference. */
export function bestLagWithin(
  heard: Float32Array,
  reference: Float32Array,
  { fromFrame, toFrame }: Span,
  [lowest, highest]: readonly [number, number],
): FoundLag {
  const heardPower = energy(heard, fromFrame, toFrame);
  let referencePower = energy(reference, fromFrame - lowest, toFrame - lowest);
  let best: FoundLag = { lagFrames: lowest, correlation: -Infinity };
  for (let lag = lowest; lag <= highest; lag += 1) {
    const power = heardPower * referencePower;
    const correlation = power > 0 ? product(heard, reference, fromFrame, toFrame, lag) / Math.sqrt(power) : 0;
    if (correlation > best.correlation) best = { lagFrames: lag, correlation };
    const entering = reference[fromFrame - lag - 1] ?? 0;
    const leaving = reference[toFrame - lag - 1] ?? 0;
    referencePower += entering * entering - leaving * leaving;
  }
  return best;
}

function product(
  heard: Float32Array,
  reference: Float32Array,
  from: number,
  to: number,
  lag: number,
): number {
  const end = Math.min(to, heard.length, reference.length + lag);
  let sum = 0;
  for (let frame = Math.max(from, lag, 0); frame < end; frame += 1)
    sum += heard[frame]! * reference[frame - lag]!;
  return sum;
}

function outside({ expectedLagFrames, searchFrames }: LagQuestion, lagFrames: number): boolean {
  if (expectedLagFrames === undefined || searchFrames === undefined) return false;
  return Math.abs(lagFrames - expectedLagFrames) > searchFrames;
}

function allowed(question: LagQuestion, step: number): (coarse: number) => boolean {
  const margin = step;
  const { searchFrames } = question;
  const wider = searchFrames === undefined ? question : { ...question, searchFrames: searchFrames + margin };
  return (coarse) => !outside(wider, coarse * step + question.fromFrame);
}

/** Means of `step` frames each: a crude low-pass, enough to find a place. */
function thin(samples: Float32Array, step: number): Float32Array {
  const thinned = new Float32Array(Math.floor(samples.length / step));
  for (let i = 0; i < thinned.length; i += 1) {
    let sum = 0;
    for (let k = 0; k < step; k += 1) sum += samples[i * step + k]!;
    thinned[i] = sum / step;
  }
  return thinned;
}

/** The three best separate places, best first. Divided by the loudness of the reference there, so that a loud passage does not win by being loud. */
function coarseLags(
  segment: Float32Array,
  reference: Float32Array,
  isAllowed: (lag: number) => boolean,
): number[] {
  const sums = crossCorrelation(segment, reference);
  const before = new Float64Array(reference.length + 1);
  reference.forEach((sample, i) => (before[i + 1] = before[i]! + sample * sample));
  const total = before[reference.length]!;
  const found: { lag: number; score: number }[] = [];
  for (let lag = -reference.length + 1; lag < segment.length; lag += 1) {
    if (!isAllowed(lag)) continue;
    const overlap =
      before[Math.min(reference.length, segment.length - lag)]! -
      before[Math.min(reference.length, Math.max(0, -lag))]!;
    // A floor under the divisor: a sliver of overlap, or silence, proves nothing.
    const score = sums[lag < 0 ? lag + sums.length : lag]! / Math.sqrt(overlap + total * 1e-3 + 1e-12);
    const close = found.findIndex((other) => Math.abs(other.lag - lag) <= 4);
    if (close >= 0 && found[close]!.score >= score) continue;
    if (close < 0 && found.length === 3 && found[2]!.score >= score) continue;
    found.splice(close >= 0 ? close : Math.min(found.length, 2), 1, { lag, score });
    found.sort((x, y) => y.score - x.score);
  }
  return found.map(({ lag }) => lag);
}

const REFINE_CHUNKS = 8;

/** The best lag in [lowest, highest], judged on the loudest chunks of the segment that the reference covers. */
function refine(segment: Float32Array, reference: Float32Array, lowest: number, highest: number): number {
  const size = Math.min(segment.length, 8192);
  const chunks: { from: number; power: number }[] = [];
  for (let from = 0; from + size <= segment.length; from += size) {
    if (from - highest < 0 || from + size - lowest > reference.length) continue;
    chunks.push({ from, power: energy(segment, from, from + size) });
  }
  const loudest = chunks.sort((x, y) => y.power - x.power).slice(0, REFINE_CHUNKS);
  // A segment no longer than a chunk, or one that hangs over the reference's ends, is judged as a whole.
  const spans =
    loudest.length > 0
      ? loudest.map(({ from }) => [from, from + size] as const)
      : [[0, segment.length] as const];
  let best = { lag: Math.round((lowest + highest) / 2), score: -Infinity };
  for (let lag = lowest; lag <= highest; lag += 1) {
    let score = 0;
    for (const [from, to] of spans) score += correlationAt(segment, reference, from, to, lag);
    if (score > best.score) best = { lag, score };
  }
  return best.lag;
}
