import { STEP_MS, type Envelope } from './sensed-sound.js';

/** Levels kept: 15 minutes. */
const KEPT = 90_000;

/** Makes levels of 10 ms out of samples as they come, and keeps the newest 15 minutes. */
export class LevelTrack {
  readonly #frames: number;
  readonly #levels: number[] = [];
  #sum = 0;
  #count = 0;
  #fromMs = Infinity;

  /** @param rateHz frames a second */
  constructor(rateHz: number) {
    this.#frames = Math.round((rateHz * STEP_MS) / 1000);
  }

  /** What is kept. */
  get envelope(): Envelope {
    return { fromMs: this.#fromMs, levels: this.#levels };
  }

  /** @param nowMs wall time at which the last of the samples came */
  take(samples: Int16Array, nowMs: number): void {
    for (const sample of samples) {
      this.#sum += sample * sample;
      this.#count += 1;
      if (this.#count < this.#frames) continue;
      this.#levels.push(Math.sqrt(this.#sum / this.#frames));
      this.#sum = this.#count = 0;
    }
    // What comes late is no later sound: the earliest arrival so far tells when it was.
    const countMs = (this.#count * STEP_MS) / this.#frames;
    this.#fromMs = Math.min(this.#fromMs, nowMs - countMs - this.#levels.length * STEP_MS);
    if (this.#levels.length > KEPT + 1_000) {
      const cut = this.#levels.length - KEPT;
      this.#levels.splice(0, cut);
      this.#fromMs += cut * STEP_MS;
    }
  }
}
