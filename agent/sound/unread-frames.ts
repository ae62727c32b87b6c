/**
 * The last frames read of a play, so that some of them can be read again: what was written to a card and taken back. Bounded; its
 * memory is made with the first frame kept.
 */
export class UnreadFrames {
  readonly #capacity: number;
  #frames = new Float32Array(0);
  /** Where the next frame is kept. */
  #end = 0;
  #kept = 0;
  #again = 0;

  /** @param capacity frames that can be kept */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Frames that are to be read again. */
  get length(): number {
    return this.#again;
  }

  /** Keeps frames that were read for the first time; the oldest give way. */
  keep(frames: Float32Array): void {
    if (this.#frames.length === 0) this.#frames = new Float32Array(this.#capacity);
    const kept = frames.subarray(Math.max(0, frames.length - this.#capacity));
    const first = Math.min(kept.length, this.#capacity - this.#end);
    this.#frames.set(kept.subarray(0, first), this.#end);
    this.#frames.set(kept.subarray(first), 0);
    this.#end = (this.#end + kept.length) % this.#capacity;
    this.#kept = Math.min(this.#capacity, this.#kept + kept.length);
  }

  /** The last `frames` kept, and not taken back yet, are to be read again. @throws RangeError where so many are not kept */
  takeBack(frames: number): void {
    if (this.#again + frames > this.#kept) throw new RangeError(`${frames} frames are not kept`);
    this.#again += frames;
  }

  /** Reads again, up to `into.length` frames; returns how many there were. They stay kept. */
  read(into: Float32Array): number {
    const taken = Math.min(into.length, this.#again);
    const from = (this.#end - this.#again + this.#capacity) % Math.max(1, this.#capacity);
    const first = Math.min(taken, this.#frames.length - from);
    into.set(this.#frames.subarray(from, from + first));
    into.set(this.#frames.subarray(0, taken - first), first);
    this.#again -= taken;
    return taken;
  }

  /** Drops up to `frames` of those that are to be read again; returns how many. */
  skip(frames: number): number {
    const dropped = Math.min(frames, this.#again);
    this.#again -= dropped;
    return dropped;
  }
}
