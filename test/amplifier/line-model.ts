import { LINE_RATE_HZ, LockIn } from '../../hardware/loudspeaker-line/lock-in.js';
import { measureTone, type ToneMeasure } from '../../hardware/loudspeaker-line/tone-measure.js';
import { mulberry } from './mulberry.js';

/** One measurement of a simulated line. */
export interface LineTrial {
  /** How many loudspeakers it was built with. */
  readonly loudspeakers: number;
  /** Which of them are gone, by index. */
  readonly missing: readonly number[];
  /** Power of the tone against that of all the noise, dB. */
  readonly snrDb: number;
}

const RATE_HZ = LINE_RATE_HZ;
const TONE_MS = 4_000;
const RECORD_MS = 7_000;
const FREQUENCY_HZ = 1_000;
/** Amplitude of the tone with every loudspeaker, in steps of the sensor's 16 bits. */
const AMPLITUDE = 1_500;
/** Loudspeakers and their transformers differ by so much. */
const TOLERANCE = 0.1;
/** Mains, heat and damp move amplifier and loudspeakers from day to day: standard deviation. */
const DRIFT = 0.02;
/** The card of the sensor has a crystal of its own. */
const PPM = 200;

/** A line of loudspeakers with their tolerances, its sensor, and noise: hum and its harmonics, white noise, wind in gusts. */
export class LineModel {
  readonly #random: () => number;
  readonly #shares: readonly number[];

  constructor(loudspeakers: number, seed: number) {
    this.#random = mulberry(seed);
    const conductances = Array.from({ length: loudspeakers }, () => 1 + TOLERANCE * (2 * this.#random() - 1));
    const whole = conductances.reduce((sum, one) => sum + one, 0);
    this.#shares = conductances.map((one) => one / whole);
  }

  /** Sounds the tone, and measures as the product does. */
  measure({ missing, snrDb }: LineTrial): ToneMeasure | undefined {
    const load = this.#shares.reduce((sum, share, i) => (missing.includes(i) ? sum : sum + share), 0);
    const amplitude = AMPLITUDE * load * (1 + DRIFT * this.#normal());
    // The noise is of a loudness of its own: it does not become less because a loudspeaker has gone.
    const noise = this.#noise(AMPLITUDE / Math.SQRT2 / 10 ** (snrDb / 20));
    const step = (2 * Math.PI * FREQUENCY_HZ * (1 + (PPM * (2 * this.#random() - 1)) / 1e6)) / RATE_HZ;
    const from = Math.round((0.8 + this.#random()) * RATE_HZ);
    const phase = 2 * Math.PI * this.#random();
    const samples = new Int16Array(noise.length);
    for (let i = 0; i < samples.length; i += 1) {
      const tone =
        i >= from && i < from + (TONE_MS * RATE_HZ) / 1000 ? amplitude * Math.sin(phase + step * i) : 0;
      samples[i] = Math.max(-32_768, Math.min(32_767, Math.round(tone + (noise[i] as number))));
    }
    const lockIn = new LockIn(FREQUENCY_HZ, RATE_HZ);
    lockIn.take(samples);
    return measureTone(lockIn.amplitudes, TONE_MS);
  }

  /** Hum with harmonics up to 1 kHz itself, white noise, and wind (low-passed, in gusts), together of this root mean square. */
  #noise(rms: number): Float64Array {
    const noise = new Float64Array((RECORD_MS * RATE_HZ) / 1000);
    const hum = Array.from({ length: 20 }, (_, i) => ({
      step: (2 * Math.PI * 50 * (i + 1)) / RATE_HZ,
      level: 1 / (i + 1),
      phase: 2 * Math.PI * this.#random(),
    }));
    let [wind, gust] = [0, 0];
    for (let i = 0; i < noise.length; i += 1) {
      if (i % 4_800 === 0) gust = 0.8 * gust + this.#random();
      wind = 0.9 * wind + this.#normal();
      let level = this.#normal() + 0.3 * gust * wind;
      for (const one of hum) level += one.level * Math.sin(one.phase + one.step * i);
      noise[i] = level;
    }
    const found = Math.sqrt(noise.reduce((sum, one) => sum + one * one, 0) / noise.length);
    return noise.map((one) => (one * rms) / found);
  }

  /** Nearly normal, and quick: the sum of four even numbers. */
  #normal(): number {
    return (this.#random() + this.#random() + this.#random() + this.#random() - 2) * Math.sqrt(3);
  }
}
