/** Frames a second of the sensor: the tone of the test is at most some kilohertz, and a small board has other work. */
export const LINE_RATE_HZ = 8_000;
/** One window of a lock-in measurement: 250 ms. */
export const WINDOW_MS = 250;
/** A record is at most so long: 10 minutes of windows. */
const WINDOWS = 2_400;

/**
 * How much of one frequency is in a signal, window by window: its in-phase and quadrature parts are averaged, weighted by a Hann window, so
 * that hum and speech beside it count little and the phase not at all. Pure arithmetic; 20 bytes of state however long the signal.
 */
export class LockIn {
  readonly #frames: number;
  readonly #step: number;
  readonly #amplitudes: number[] = [];
  #at = 0;
  #inPhase = 0;
  #quadrature = 0;

  /** @param rateHz frames a second of the signal */
  constructor(frequencyHz: number, rateHz: number) {
    this.#frames = Math.round((rateHz * WINDOW_MS) / 1000);
    this.#step = (2 * Math.PI * frequencyHz) / rateHz;
  }

  /** Amplitude of each whole window so far, in the unit of the samples. */
  get amplitudes(): readonly number[] {
    return this.#amplitudes;
  }

  take(samples: Int16Array): void {
    for (const sample of samples) {
      const hann = 1 - Math.cos((2 * Math.PI * (this.#at + 0.5)) / this.#frames);
      this.#inPhase += sample * hann * Math.cos(this.#step * this.#at);
      this.#quadrature += sample * hann * Math.sin(this.#step * this.#at);
      this.#at += 1;
      if (this.#at === this.#frames) this.#close();
    }
  }

  #close(): void {
    const amplitude = (2 * Math.hypot(this.#inPhase, this.#quadrature)) / this.#frames;
    if (this.#amplitudes.length < WINDOWS) this.#amplitudes.push(amplitude);
    this.#at = this.#inPhase = this.#quadrature = 0;
  }
}
