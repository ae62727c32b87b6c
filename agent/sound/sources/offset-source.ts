import type { Clock } from '../../core/clock.js';
import { framesOf } from '../../core/units.js';
import type { Source } from './source.js';

/** Frames dropped at a time while it looks for its place: what a file source holds decoded. */
const STEP_FRAMES = framesOf(8_000);

/**
 * A source that is joined where it would be by now: its beginning is dropped, and for each moment that this takes as much
 * again. A live source needs none of this.
 */
export class OffsetSource implements Source {
  readonly #inner: Source;
  readonly #clock: Clock;
  /** Monotonic instant at which its first frame should have been heard, milliseconds. */
  readonly #beganMs: number;
  #dropped = 0;
  #found = false;

  constructor(inner: Source, offsetMs: number, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
    this.#beganMs = clock.monotonicMs() - offsetMs;
  }

  get live(): boolean {
    return this.#inner.live;
  }

  get ready(): boolean {
    this.#seek();
    return this.#found && this.#inner.ready;
  }

  get ended(): boolean {
    this.#seek();
    return this.#inner.ended;
  }

  get failure(): Source['failure'] {
    return this.#inner.failure;
  }

  get inHand(): number {
    return this.#found ? (this.#inner.inHand ?? 0) : 0;
  }

  get reconnects(): number {
    return this.#inner.reconnects;
  }

  read(into: Float32Array): number {
    return this.#inner.read(into);
  }

  skip(frames: number): void {
    this.#inner.skip(frames);
  }

  close(): void {
    this.#inner.close();
  }

  #seek(): void {
    if (this.#found) return;
    const scratch = new Float32Array(Math.min(STEP_FRAMES, Math.max(0, this.#wanted() - this.#dropped)));
    this.#dropped += this.#inner.read(scratch);
    this.#found = this.#dropped >= this.#wanted();
  }

  #wanted(): number {
    return framesOf(this.#clock.monotonicMs() - this.#beganMs);
  }
}
