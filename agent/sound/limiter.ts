import { fromDb, RATE_HZ } from '../core/units.js';
import { TRUE_PEAK_DELAY, TRUE_PEAK_MOST, TRUE_PEAK_TAPS, truePeakAt } from './true-peak.js';

/** Highest true peak that leaves the mixer: −1.5 dBTP. */
export const CEILING_DBTP = -1.5;
/** Aimed at a little lower: a gain that moves makes peaks of its own. */
const CEILING = fromDb(CEILING_DBTP - 0.1);
/** Frames over which the gain comes down before a peak. */
const LOOK_AHEAD = 90;
/** Everything is heard so many frames later than it was put in: 2 ms. */
export const LIMITER_DELAY = LOOK_AHEAD + TRUE_PEAK_DELAY;
/** No true peak can be over the ceiling while all samples are below this. */
const HARMLESS = CEILING / TRUE_PEAK_MOST;
/** The gain goes back by this part of what is missing, each frame: time constant 80 ms. */
const RELEASE = 1 - Math.exp(-1 / (0.08 * RATE_HZ));
const NEARLY_ONE = 1 - 1e-5;
const WINDOW = LOOK_AHEAD + 1;

/** What a limiter holds between two blocks. */
export interface LimiterState {
  readonly frames: Float32Array;
  readonly lowest: Float64Array;
  readonly lowestAt: Float64Array;
  readonly gains: Float64Array;
  /** Head, count, gain's place, sum of gains, gain, calm, hot, crest, now, silent frames. */
  readonly numbers: readonly number[];
}

/**
 * A look-ahead limiter for true peaks (ITU-R BS.1770-4, annex 2). Below the ceiling it changes nothing but the time: what comes out
 * is what went in {@link LIMITER_DELAY} frames before. Before a peak the gain is down as a mean of the gains that the next 2 ms
 * need, so that it has no step.
 */
export class Limiter {
  /** What went in last, then the block of now. */
  readonly #frames: Float32Array;
  /** Lowest gain wanted within the window: candidates, best last to be dropped first. */
  readonly #lowest = new Float64Array(WINDOW + 1);
  readonly #lowestAt = new Float64Array(WINDOW + 1);
  #head = 0;
  #count = 0;
  /** The last WINDOW gains before they are averaged. */
  readonly #gains = new Float64Array(WINDOW).fill(1);
  #gainAt = 0;
  #gainSum = WINDOW;
  #gain = 1;
  /** Frames for which nothing has to be held down any more, up to WINDOW. */
  #calm = WINDOW;
  #hot = TRUE_PEAK_TAPS;
  #wasCrest = false;
  #now = 0;
  #silentFrames: number;

  /** @param blockFrames frames of the longest block */
  constructor(blockFrames: number) {
    this.#frames = new Float32Array(LIMITER_DELAY + TRUE_PEAK_TAPS + blockFrames);
    this.#silentFrames = this.#frames.length;
  }

  /** It holds nothing but silence: silence put in now comes out as it is. */
  get silent(): boolean {
    return this.#silentFrames >= this.#frames.length && this.#calm >= WINDOW;
  }

  /** Puts a block in and writes as many delayed frames over it. What is no number counts as silence. */
  process(block: Float32Array): void {
    const frames = this.#frames;
    const before = frames.length - block.length;
    frames.copyWithin(0, block.length);
    let peak = 0;
    for (let i = 0; i < block.length; i += 1) {
      const level = block[i] as number;
      const sound = Number.isFinite(level) ? level : 0;
      frames[before + i] = sound;
      const size = sound < 0 ? -sound : sound;
      if (size > peak) peak = size;
    }
    this.#silentFrames = peak === 0 ? this.#silentFrames + block.length : 0;
    if (peak <= HARMLESS && this.#calm >= WINDOW && this.#hot >= TRUE_PEAK_TAPS) {
      block.set(frames.subarray(before - LIMITER_DELAY, before - LIMITER_DELAY + block.length));
      return;
    }
    for (let i = 0; i < block.length; i += 1) {
      const delayed = frames[before + i - LIMITER_DELAY] as number;
      block[i] = delayed * this.#gainFor(before + i);
    }
  }

  /** What it holds now: {@link Limiter.restore} goes back to it. */
  get state(): LimiterState {
    return {
      // Only what the next block looks back at.
      frames: this.#frames.slice(-(LIMITER_DELAY + TRUE_PEAK_TAPS)),
      lowest: this.#lowest.slice(),
      lowestAt: this.#lowestAt.slice(),
      gains: this.#gains.slice(),
      numbers: [
        ...[this.#head, this.#count, this.#gainAt, this.#gainSum, this.#gain],
        ...[this.#calm, this.#hot, Number(this.#wasCrest), this.#now, this.#silentFrames],
      ],
    };
  }

  /** Goes back to what it held once. */
  restore({ frames, lowest, lowestAt, gains, numbers }: LimiterState): void {
    this.#frames.set(frames, this.#frames.length - frames.length);
    this.#lowest.set(lowest);
    this.#lowestAt.set(lowestAt);
    this.#gains.set(gains);
    const [head = 0, count = 0, gainAt = 0, gainSum = WINDOW, gain = 1] = numbers;
    const [calm = 0, hot = 0, wasCrest = 0, now = 0, silentFrames = 0] = numbers.slice(5);
    this.#head = head;
    this.#count = count;
    this.#gainAt = gainAt;
    this.#gainSum = gainSum;
    this.#gain = gain;
    this.#calm = calm;
    this.#hot = hot;
    this.#wasCrest = wasCrest === 1;
    this.#now = now;
    this.#silentFrames = silentFrames;
  }

  /** Forgets what went in. */
  clear(): void {
    this.#frames.fill(0);
    this.#silentFrames = this.#frames.length;
    this.#gains.fill(1);
    this.#gainSum = WINDOW;
    this.#count = 0;
    this.#gain = 1;
    this.#calm = WINDOW;
    this.#hot = TRUE_PEAK_TAPS;
    this.#wasCrest = false;
  }

  /** The gain of the frame that leaves when the frame at `at` comes in. */
  #gainFor(at: number): number {
    const peak = this.#peakAt(at);
    this.#now += 1;
    if (peak <= CEILING && this.#count === 0 && this.#calm >= WINDOW) return 1;
    const wanted = this.#lowestWanted(peak > CEILING ? CEILING / peak : 1);
    const released = this.#gain + (1 - this.#gain) * RELEASE;
    this.#gain = Math.min(wanted, released > NEARLY_ONE ? 1 : released);
    this.#calm = this.#gain === 1 ? this.#calm + 1 : 0;
    this.#gainSum += this.#gain - (this.#gains[this.#gainAt] as number);
    this.#gains[this.#gainAt] = this.#gain;
    this.#gainAt = this.#gainAt + 1 === WINDOW ? 0 : this.#gainAt + 1;
    if (this.#calm < WINDOW) return this.#gainSum / WINDOW;
    this.#gainSum = WINDOW;
    return 1;
  }

  /** The true peak beside a crest among the samples; on a slope it is the sample's. */
  #peakAt(at: number): number {
    const frames = this.#frames;
    const next = Math.abs(frames[at - TRUE_PEAK_DELAY + 1] as number);
    const here = Math.abs(frames[at - TRUE_PEAK_DELAY] as number);
    const crest =
      next > HARMLESS && next >= here && next >= Math.abs(frames[at - TRUE_PEAK_DELAY + 2] as number);
    const beside = crest || this.#wasCrest;
    this.#wasCrest = crest;
    this.#hot = next > HARMLESS ? 0 : this.#hot + 1;
    return beside ? truePeakAt(frames, at) : here;
  }

  /** The lowest gain wanted within the window: a queue of those below 1 that no later one undercuts. */
  #lowestWanted(wanted: number): number {
    const size = this.#lowest.length;
    if (this.#count > 0 && (this.#lowestAt[this.#head] as number) <= this.#now - WINDOW) {
      this.#head = (this.#head + 1) % size;
      this.#count -= 1;
    }
    while (this.#count > 0 && (this.#lowest[(this.#head + this.#count - 1) % size] as number) >= wanted)
      this.#count -= 1;
    if (wanted < 1) {
      const at = (this.#head + this.#count) % size;
      this.#lowest[at] = wanted;
      this.#lowestAt[at] = this.#now;
      this.#count += 1;
    }
    return this.#count === 0 ? 1 : (this.#lowest[this.#head] as number);
  }
}
