import type { Source } from './source.js';

/** Sound that is in memory: a chime. */
export class StoredSource implements Source {
  readonly live = false;
  readonly ready = true;
  readonly failure = undefined;
  readonly reconnects = 0;
  readonly #frames: Float32Array;
  #at = 0;

  constructor(frames: Float32Array) {
    this.#frames = frames;
  }

  get ended(): boolean {
    return this.#at >= this.#frames.length;
  }

  get inHand(): number {
    return this.#frames.length - this.#at;
  }

  read(into: Float32Array): number {
    const part = this.#frames.subarray(this.#at, this.#at + into.length);
    into.set(part);
    this.#at += part.length;
    return part.length;
  }

  skip(frames: number): void {
    this.#at = Math.min(this.#frames.length, this.#at + frames);
  }

  /** Begins again. */
  rewind(): void {
    this.#at = 0;
  }

  close(): void {
    this.#at = this.#frames.length;
  }
}
