import { RATE_HZ } from '../core/units.js';

const HALF_TAPS = 24;
/** Kaiser window shape: about 80 dB of stop band. */
const BETA = 8;

/**
 * Changes the sample rate by the exact ratio of two whole rates: a polyphase filter, a windowed sinc of 2 × 24 taps a
 * phase (Kaiser window, β = 8; Oppenheim and Schafer, Discrete-Time Signal Processing, 7.5.3). Keeps its state between
 * blocks; the output is delayed by nothing: frame n of the output stands at instant n / 48 000 s of the input.
 */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #phases: readonly Float32Array[];
  /** Input frames from HALF_TAPS before the next output's instant on. */
  #history = new Float32Array(HALF_TAPS);
  #phase = 0;

  /** @param fromHz rate of the input, 8 000 to 192 000 Hz */
  constructor(fromHz: number) {
    const divisor = gcd(fromHz, RATE_HZ);
    this.#up = RATE_HZ / divisor;
    this.#down = fromHz / divisor;
    this.#phases = makePhases(this.#up, Math.min(1, RATE_HZ / fromHz));
  }

  /** Output frames that the input so far allows. */
  push(input: Float32Array): Float32Array {
    const frames = new Float32Array(this.#history.length + input.length);
    frames.set(this.#history);
    frames.set(input, this.#history.length);
    const output = new Float32Array(Math.ceil((frames.length * this.#up) / this.#down) + 1);
    let at = 0;
    let count = 0;
    while (at + 2 * HALF_TAPS <= frames.length) {
      const taps = this.#phases[this.#phase] as Float32Array;
      let sum = 0;
      for (let k = 0; k < taps.length; k += 1) sum += (frames[at + k] as number) * (taps[k] as number);
      output[count] = sum;
      count += 1;
      this.#phase += this.#down;
      at += Math.floor(this.#phase / this.#up);
      this.#phase %= this.#up;
    }
    this.#history = frames.slice(at);
    return output.subarray(0, count);
  }

  /** The rest, at the end of the input: up to its last frame, not beyond. */
  flush(): Float32Array {
    return this.push(new Float32Array(HALF_TAPS - 1));
  }
}

function makePhases(count: number, cutoff: number): Float32Array[] {
  return Array.from({ length: count }, (_, phase) => {
    const taps = new Float32Array(2 * HALF_TAPS);
    let sum = 0;
    for (let k = 0; k < taps.length; k += 1) {
      // Tap k weighs the input frame at k - HALF_TAPS from the output's instant, which lies phase/count past a frame.
      const distance = k - HALF_TAPS - phase / count;
      const tap = sinc(distance * cutoff) * kaiser(distance / HALF_TAPS);
      taps[k] = tap;
      sum += tap;
    }
    return taps.map((tap) => tap / sum);
  });
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);
}

function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 40; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
