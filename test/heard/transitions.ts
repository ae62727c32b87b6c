/**
 * What judges a change from one sound to another in the record of a loudspeaker: when it began, whether there was a
 * hole, and whether it clicked. Pure.
 */

/** Levels below this count as nothing heard. */
export const SILENT_DB = -50;

/**
 * What is left of a signal when a steady tone is taken out of it: x[n] − 2·cos(ω)·x[n−1] + x[n−2] is 0 for a sine of ω,
 * whatever its phase and level. The first two samples are 0.
 */
export function withoutTone(samples: Float32Array, toneHz: number, rateHz: number): Float32Array {
  const twice = 2 * Math.cos((2 * Math.PI * toneHz) / rateHz);
  const left = new Float32Array(samples.length);
  for (let n = 2; n < samples.length; n += 1) {
    left[n] = (samples[n] as number) - twice * (samples[n - 1] as number) + (samples[n - 2] as number);
  }
  return left;
}

/** Which share of a signal's energy is a tone of this frequency, 0 to 1 (Goertzel); the longer the signal the sharper. */
export function toneShare(samples: Float32Array, toneHz: number, rateHz: number): number {
  const twice = 2 * Math.cos((2 * Math.PI * toneHz) / rateHz);
  let last = 0;
  let before = 0;
  let energy = 0;
  for (const sample of samples) {
    const next = sample + twice * last - before;
    before = last;
    last = next;
    energy += sample * sample;
  }
  const power = last * last + before * before - twice * last * before;
  return energy === 0 ? 0 : (2 * power) / (samples.length * energy);
}

/** The largest magnitude of frames [from, to). */
export function peakOf(samples: Float32Array, from = 0, to = samples.length): number {
  let peak = 0;
  for (let n = Math.max(0, from); n < Math.min(to, samples.length); n += 1) {
    peak = Math.max(peak, Math.abs(samples[n] as number));
  }
  return peak;
}

/** The largest difference of neighbouring samples whose later one lies in frames [from, to). */
export function largestStep(samples: Float32Array, from = 1, to = samples.length): number {
  let step = 0;
  for (let n = Math.max(1, from); n < Math.min(to, samples.length); n += 1) {
    step = Math.max(step, Math.abs((samples[n] as number) - (samples[n - 1] as number)));
  }
  return step;
}

/** The largest difference of two steps after one another, the last sample being in frames [from, to): a corner, a jump. */
export function largestBend(samples: Float32Array, from = 2, to = samples.length): number {
  let bend = 0;
  for (let n = Math.max(2, from); n < Math.min(to, samples.length); n += 1) {
    const two = (samples[n] as number) - 2 * (samples[n - 1] as number) + (samples[n - 2] as number);
    bend = Math.max(bend, Math.abs(two));
  }
  return bend;
}

/**
 * The longest stretch of frames [from, to) in which each window of 2 ms lies below {@link SILENT_DB}, milliseconds; 0
 * where none does.
 */
export function longestHoleMs(samples: Float32Array, rateHz: number, from = 0, to = samples.length): number {
  const window = Math.round(rateHz / 500);
  const hop = Math.round(window / 2);
  const limit = 10 ** (SILENT_DB / 10) * window;
  let longest = 0;
  let since: number | undefined;
  for (let at = from; at + window <= to; at += hop) {
    let energy = 0;
    for (let n = at; n < at + window; n += 1) energy += (samples[n] as number) ** 2;
    if (energy >= limit) since = undefined;
    else {
      since ??= at;
      longest = Math.max(longest, at + window - since);
    }
  }
  return (longest * 1000) / rateHz;
}

/** Where and how one sound gave way to another. */
export interface Transition {
  /** The first frame of what is not the tone any more. */
  readonly frame: number;
  /** The longest silence around it, milliseconds. */
  readonly holeMs: number;
  /**
   * The largest step of neighbouring samples around it, or the largest difference of two such steps, over the largest that
   * a ramp of 10 ms between the two may make: whichever is more. Above 1 it clicks.
   */
  readonly stepOfRamp: number;
}

/** How a steady tone is left. */
export interface ToneLeft {
  readonly samples: Float32Array;
  readonly rateHz: number;
  readonly toneHz: number;
  /** The frame from which the change is looked for; the tone is steady for 100 ms before it. */
  readonly from: number;
}

/** What is left of a tone on a card of 16 bits stays below this; a second sound does not. */
const LEFT_OVER = 3e-4;
const RAMP_MS = 10;
/** The change is over so long after its begin. */
const CHANGE_MS = 15;
const AFTER_MS = 100;
/** What comes may be loudest while it is faded in: a bell. */
const DECAY = 1.2;

/**
 * Finds where a steady tone gives way, and judges the way it does. Undefined where it does not.
 * @throws Error where the tone was not steady before
 */
export function leavingTone({ samples, rateHz, toneHz, from }: ToneLeft): Transition | undefined {
  const left = withoutTone(samples, toneHz, rateHz);
  const frames = (ms: number): number => Math.round((ms * rateHz) / 1000);
  const before = from - frames(100);
  if (before < 2 || peakOf(left, before, from) > LEFT_OVER || peakOf(samples, before, from) < 0.01) {
    throw new Error('no steady tone before the change');
  }
  const frame = left.findIndex((value, n) => n >= from && Math.abs(value) > LEFT_OVER);
  if (frame < 0) return undefined;
  const end = Math.min(samples.length, frame + frames(CHANGE_MS));
  const after = Math.min(samples.length, end + frames(AFTER_MS));
  const begin = frame - frames(RAMP_MS);
  const steps = largestStep(samples, before, from) + DECAY * largestStep(samples, end, after);
  const bends = largestBend(samples, before, from) + DECAY * largestBend(samples, end, after);
  const peaks = peakOf(samples, before, from) + DECAY * peakOf(samples, end, after);
  // A product of a level and a ramp of slope s bends by the level's own bend, twice s times its step, and s at a corner.
  const slope = 1 / frames(RAMP_MS);
  const stepLimit = steps + slope * peaks + 2 / 32_768;
  const bendLimit = bends + slope * (2 * steps + peaks) + 4 / 32_768;
  return {
    frame,
    holeMs: longestHoleMs(samples, rateHz, before, after),
    stepOfRamp: Math.max(
      largestStep(samples, begin, end) / stepLimit,
      largestBend(samples, begin, end) / bendLimit,
    ),
  };
}

/** A share of some figures, interpolated: 0.5 is the median. NaN of none. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? NaN;
  const high = sorted[Math.ceil(at)] ?? NaN;
  return low + (high - low) * (at - Math.floor(at));
}
