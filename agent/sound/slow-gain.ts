import { fromDb, RATE_HZ } from '../core/units.js';
import { lufsOf } from './loudness-filter.js';

/** How far a live stream is made louder or softer, dB. */
const LIMIT_DB = 6;
/** What quiet stretches do not count below: pauses between words. */
const GATE_LUFS = -50;
const WINDOW_FRAMES = (RATE_HZ * 4) / 10;
/** Weight of one window of 0.4 s in the running mean: 10 s. */
const WEIGHT = 0.04;
/** Windows above the gate before the first change: 2 s. */
const FIRST_WINDOWS = 5;
/** Per window of 0.4 s: 0.25 dB/s up, 0.5 dB/s down. */
const UP_DB = 0.1;
const DOWN_DB = 0.2;

/**
 * Slow gain control of a live stream towards a loudness: at most ±6 dB, at most half a decibel a second, so that the
 * speaker's own dynamics stay. Loudness is K-weighted (ITU-R BS.1770-4, annex 1, filters for 48 kHz), gated at −50 LUFS.
 */
export class SlowGain {
  readonly #wantedLufs: number;
  readonly #filter = new KWeighting();
  #window = { frames: 0, energy: 0 };
  #mean = 0;
  #windows = 0;
  #gainDb = 0;
  #gain = 1;

  constructor(wantedLufs: number) {
    this.#wantedLufs = wantedLufs;
  }

  /** The gain that it has come to, dB. */
  get gainDb(): number {
    return this.#gainDb;
  }

  /** Changes frames in place; the gain moves evenly over them. */
  apply(frames: Float32Array): void {
    this.#window.energy += this.#filter.energyOf(frames);
    this.#window.frames += frames.length;
    const from = this.#gain;
    if (this.#window.frames >= WINDOW_FRAMES) this.#closeWindow();
    const step = (this.#gain - from) / frames.length;
    if (from === 1 && step === 0) return;
    for (let i = 0; i < frames.length; i += 1) frames[i] = (frames[i] as number) * (from + step * (i + 1));
  }

  #closeWindow(): void {
    const energy = this.#window.energy / this.#window.frames;
    this.#window = { frames: 0, energy: 0 };
    if (!(lufsOf(energy) > GATE_LUFS)) return;
    this.#windows += 1;
    this.#mean += (energy - this.#mean) * Math.max(WEIGHT, 1 / this.#windows);
    if (this.#windows < FIRST_WINDOWS) return;
    const wanted = Math.min(LIMIT_DB, Math.max(-LIMIT_DB, this.#wantedLufs - lufsOf(this.#mean)));
    this.#gainDb += Math.min(UP_DB, Math.max(-DOWN_DB, wanted - this.#gainDb));
    this.#gain = fromDb(this.#gainDb);
  }
}

/**
 * Two filters of second order, one after the other: a shelf for the head, and a high pass. Its state stands in single numbers and is
 * walked by index: arrays and iterators made two objects of each frame (32 bytes, 1.5 MB a second).
 */
class KWeighting {
  #s1 = 0;
  #s2 = 0;
  #p1 = 0;
  #p2 = 0;

  energyOf(frames: Float32Array): number {
    let s1 = this.#s1;
    let s2 = this.#s2;
    let p1 = this.#p1;
    let p2 = this.#p2;
    let energy = 0;
    for (let i = 0; i < frames.length; i += 1) {
      const s0 = (frames[i] as number) + 1.69065929318241 * s1 - 0.73248077421585 * s2;
      const shelved = 1.53512485958697 * s0 - 2.69169618940638 * s1 + 1.19839281085285 * s2;
      s2 = s1;
      s1 = s0;
      const p0 = shelved + 1.99004745483398 * p1 - 0.99007225036621 * p2;
      const passed = p0 - 2 * p1 + p2;
      p2 = p1;
      p1 = p0;
      energy += passed * passed;
    }
    // A stream of floats may hold what is no number: it must not stay in the filter for ever.
    const sound = Number.isFinite(energy);
    this.#s1 = sound ? s1 : 0;
    this.#s2 = sound ? s2 : 0;
    this.#p1 = sound ? p1 : 0;
    this.#p2 = sound ? p2 : 0;
    return sound ? energy : 0;
  }
}
