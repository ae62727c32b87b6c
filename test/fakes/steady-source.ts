import type { Refusal } from '../../agent/core/errors.js';
import type { Source } from '../../agent/sound/sources/source.js';

/** A source whose state a test sets: every frame read is `level`. */
export class SteadySource implements Source {
  readonly live: boolean;
  ready: boolean;
  ended = false;
  failure: Refusal | undefined;
  troubled = false;
  reconnects = 0;
  /** What it says it has, frames. */
  inHand = 0;
  /** Lengths of the reads, in their order. */
  readonly reads: number[] = [];
  framesRead = 0;
  framesSkipped = 0;
  closed = false;
  level: number;

  constructor(options: { live?: boolean; ready?: boolean; level?: number } = {}) {
    this.live = options.live ?? false;
    this.ready = options.ready ?? true;
    this.level = options.level ?? 0.5;
  }

  read(into: Float32Array): number {
    if (!this.ready) return 0;
    into.fill(this.level);
    this.framesRead += into.length;
    this.reads.push(into.length);
    return into.length;
  }

  skip(frames: number): void {
    this.framesSkipped += frames;
  }

  close(): void {
    this.closed = true;
  }
}
