import { framesOf } from '../core/units.js';
import type { FromSound } from './messages.js';

/** Levels told at once: a second. */
const TOLD = 100;
const STEP_MS = 10;
const STEP_FRAMES = framesOf(STEP_MS);
/** A jump of the clock by more than this begins a new piece. */
const APART_MS = 5;

/** Tells how loud what is sent is, every 10 ms, for who compares it with what a sensor of the line hears. */
export class SentLevels {
  readonly #tell: (message: FromSound) => void;
  #playId: string | undefined;
  #fromMs = 0;
  #levels: number[] = [];
  #sum = 0;
  #count = 0;

  constructor(tell: (message: FromSound) => void) {
    this.#tell = tell;
  }

  /** @param atMs wall time of the first of the samples at the loudspeaker */
  take(playId: string, samples: Int16Array, atMs: number): void {
    const nextMs = this.#fromMs + (this.#levels.length + this.#count / STEP_FRAMES) * STEP_MS;
    if (playId !== this.#playId || Math.abs(atMs - nextMs) > APART_MS) {
      this.flush();
      this.#playId = playId;
      this.#fromMs = atMs;
      this.#sum = this.#count = 0;
    }
    for (let i = 0; i < samples.length; i += 1) {
      const sample = samples[i] as number;
      this.#sum += sample * sample;
      this.#count += 1;
      if (this.#count === STEP_FRAMES) this.#step();
    }
  }

  /** Tells what has not been told yet. */
  flush(): void {
    if (this.#playId === undefined || this.#levels.length === 0) return;
    this.#tell({ kind: 'envelope', playId: this.#playId, fromMs: this.#fromMs, levels: this.#levels });
    this.#fromMs += this.#levels.length * STEP_MS;
    this.#levels = [];
  }

  #step(): void {
    this.#levels.push(Math.round(Math.sqrt(this.#sum / STEP_FRAMES)));
    this.#sum = this.#count = 0;
    if (this.#levels.length === TOLD) this.flush();
  }
}
