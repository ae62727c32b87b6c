import type { PcmRing } from './pcm-ring.js';

/** Frames that go in and come out of one slowed group: 1 % slower. */
const IN = 99;
const OUT = 100;
/** Frames beyond a group that its last frames are interpolated with. */
const AHEAD = 2;

/**
 * Reads a ring as it is, frame by frame, or 1 % slower: groups of 99 frames become 100 by cubic interpolation
 * (Catmull-Rom), beginning and ending exactly on a frame, so that going back to the true speed is seamless.
 */
export class Stretcher {
  readonly #ring: PcmRing;
  /** Taken from the ring, not yet given. */
  #carry: Float32Array = new Float32Array(0);
  /** Slowed, not yet given. */
  #made: Float32Array = new Float32Array(0);
  #before = 0;

  constructor(ring: PcmRing) {
    this.#ring = ring;
  }

  /** Frames there are. */
  get length(): number {
    return this.#made.length + this.#carry.length + this.#ring.length;
  }

  /** Fills `into` as far as there are frames; returns how many there were. */
  read(into: Float32Array, slower: boolean): number {
    let at = this.#give(into, 0);
    while (at < into.length && slower && this.#carry.length + this.#ring.length >= IN + AHEAD) {
      this.#made = this.#group();
      at = this.#give(into, at);
    }
    const carried = Math.min(into.length - at, this.#carry.length);
    into.set(this.#carry.subarray(0, carried), at);
    this.#carry = this.#carry.subarray(carried);
    at += carried;
    if (at < into.length) at += this.#ring.pull(into.subarray(at));
    if (at > 0) this.#before = into[at - 1] as number;
    return at;
  }

  /** Drops up to so many frames; returns how many. */
  skip(frames: number): number {
    const made = Math.min(frames, this.#made.length);
    this.#made = this.#made.subarray(made);
    const carried = Math.min(frames - made, this.#carry.length);
    this.#carry = this.#carry.subarray(carried);
    return made + carried + this.#ring.skip(frames - made - carried);
  }

  #give(into: Float32Array, at: number): number {
    const count = Math.min(into.length - at, this.#made.length);
    into.set(this.#made.subarray(0, count), at);
    this.#made = this.#made.subarray(count);
    return at + count;
  }

  #group(): Float32Array {
    const input = new Float32Array(IN + AHEAD);
    const carried = Math.min(this.#carry.length, input.length);
    input.set(this.#carry.subarray(0, carried));
    this.#ring.pull(input.subarray(carried));
    const rest = this.#carry.subarray(carried);
    const output = new Float32Array(OUT);
    for (let i = 0; i < OUT; i += 1) {
      const whole = Math.floor((i * IN) / OUT);
      output[i] = cubic(input, whole, (i * IN) / OUT - whole, this.#before);
    }
    this.#before = input[IN - 1] as number;
    this.#carry = Float32Array.of(...input.subarray(IN), ...rest);
    return output;
  }
}

/** Catmull-Rom between frames `at` and `at + 1`; `before` stands before the first. */
function cubic(frames: Float32Array, at: number, part: number, before: number): number {
  const [b, c, d] = frames.subarray(at, at + 3) as unknown as [number, number, number];
  const a = at === 0 ? before : (frames[at - 1] as number);
  return b + 0.5 * part * (c - a + part * (2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a)));
}
