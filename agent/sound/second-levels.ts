import { RATE_HZ, toDb } from '../core/units.js';
import { LoudnessFilter, lufsOf } from './loudness-filter.js';

/** Levels of one second: dBFS, dBFS, LUFS; to one decimal, silence as −120. */
export interface SecondLevel {
  readonly rmsDb: number;
  readonly peakDb: number;
  readonly lufs: number;
}

const SILENT_DB = -120;

/** Measures sound by the second. */
export class SecondMeter {
  readonly #filter = new LoudnessFilter();
  readonly #onSecond: (level: SecondLevel) => void;
  #frames = 0;
  #energy = 0;
  #weighted = 0;
  #peak = 0;
  #highest = 0;

  constructor(onSecond: (level: SecondLevel) => void) {
    this.#onSecond = onSecond;
  }

  /** Highest level of all, linear. */
  get highest(): number {
    return this.#highest;
  }

  take(samples: Int16Array): void {
    const left = RATE_HZ - this.#frames;
    if (samples.length > left) {
      this.take(samples.subarray(0, left));
      this.take(samples.subarray(left));
      return;
    }
    let energy = 0;
    let peak = 0;
    for (let i = 0; i < samples.length; i += 1) {
      const sample = samples[i] as number;
      energy += sample * sample;
      if (sample > peak) peak = sample;
      else if (-sample > peak) peak = -sample;
    }
    this.#energy += energy;
    this.#peak = Math.max(this.#peak, peak);
    this.#weighted += this.#filter.energyOf(samples);
    this.#frames += samples.length;
    if (this.#frames === RATE_HZ) this.close();
  }

  /** Ends a second that has begun. */
  close(): void {
    if (this.#frames === 0) return;
    const { rms, peak } = { rms: Math.sqrt(this.#energy / this.#frames) / 32_768, peak: this.#peak / 32_768 };
    this.#highest = Math.max(this.#highest, peak);
    this.#onSecond({
      ...{ rmsDb: decibels(rms), peakDb: decibels(peak) },
      lufs: rounded(lufsOf(this.#weighted / this.#frames)),
    });
    this.#frames = this.#energy = this.#weighted = this.#peak = 0;
  }
}

/** Level in dB to one decimal, silence as −120. */
export function decibels(level: number): number {
  return rounded(toDb(level));
}

function rounded(db: number): number {
  return Math.max(SILENT_DB, Math.round(db * 10) / 10);
}
