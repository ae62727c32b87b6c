/** A bounded first-in first-out of frames. What does not fit is refused, never overwritten. */
export class PcmRing {
  readonly #frames: Float32Array;
  #start = 0;
  #length = 0;

  /** @param capacity frames it can hold */
  constructor(capacity: number) {
    this.#frames = new Float32Array(capacity);
  }

  /** Frames held. */
  get length(): number {
    return this.#length;
  }

  /** Frames that still fit. */
  get space(): number {
    return this.#frames.length - this.#length;
  }

  /** Adds frames; returns how many fitted. */
  push(frames: Float32Array): number {
    const taken = Math.min(frames.length, this.space);
    const at = (this.#start + this.#length) % this.#frames.length;
    const first = Math.min(taken, this.#frames.length - at);
    this.#frames.set(frames.subarray(0, first), at);
    this.#frames.set(frames.subarray(first, taken), 0);
    this.#length += taken;
    return taken;
  }

  /** Moves up to `into.length` frames out; returns how many there were. The rest of `into` is left as it is. */
  pull(into: Float32Array): number {
    const taken = Math.min(into.length, this.#length);
    const first = Math.min(taken, this.#frames.length - this.#start);
    into.set(this.#frames.subarray(this.#start, this.#start + first));
    into.set(this.#frames.subarray(0, taken - first), first);
    this.#advance(taken);
    return taken;
  }

  /** Drops up to `frames` of the oldest; returns how many it dropped. */
  skip(frames: number): number {
    const dropped = Math.min(frames, this.#length);
    this.#advance(dropped);
    return dropped;
  }

  #advance(frames: number): void {
    this.#start = (this.#start + frames) % this.#frames.length;
    this.#length -= frames;
  }
}
