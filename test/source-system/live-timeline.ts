import type { FramedSound } from './sound-frames.js';

/**
 * A sound repeated without end on a time line: frame n is due at one instant and no other, whoever listens. Pure.
 * Frames are counted through all repetitions, from 0 at `startMs`.
 */
export class LiveTimeline {
  readonly sound: FramedSound;
  /** Monotonic instant at which the first byte of frame 0 is due, milliseconds. */
  readonly startMs: number;
  readonly #framesALoop: number;
  readonly #samplesALoop: number;

  constructor(sound: FramedSound, startMs: number) {
    this.sound = sound;
    this.startMs = startMs;
    this.#framesALoop = sound.offsets.length - 1;
    this.#samplesALoop = sound.samples.at(-1) ?? 0;
  }

  /** When a frame is due, monotonic milliseconds. */
  dueMs(frame: number): number {
    const loops = Math.floor(frame / this.#framesALoop);
    const sample = loops * this.#samplesALoop + (this.sound.samples[frame % this.#framesALoop] ?? 0);
    return this.startMs + (sample * 1000) / this.sound.rateHz;
  }

  /** The newest frame that is due at an instant; −1 before the start. */
  frameAt(monotonicMs: number): number {
    const sample = ((monotonicMs - this.startMs) * this.sound.rateHz) / 1000;
    if (sample < 0) return -1;
    const loops = Math.floor(sample / this.#samplesALoop);
    const { samples } = this.sound;
    let low = 0;
    let high = this.#framesALoop - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((samples[middle] ?? 0) <= sample - loops * this.#samplesALoop) low = middle;
      else high = middle - 1;
    }
    const frame = loops * this.#framesALoop + low;
    // An instant computed by dueMs may fall a rounding error short of its own frame.
    return this.dueMs(frame + 1) <= monotonicMs ? frame + 1 : frame;
  }

  /** The bytes of the frames from `from` up to, not including, `to`. */
  bytesOf(from: number, to: number): Uint8Array {
    const pieces: Uint8Array[] = [];
    for (let frame = from; frame < to;) {
      const inLoop = frame % this.#framesALoop;
      const count = Math.min(to - frame, this.#framesALoop - inLoop);
      const { bytes, offsets } = this.sound;
      pieces.push(bytes.subarray(offsets[inLoop], offsets[inLoop + count]));
      frame += count;
    }
    return Buffer.concat(pieces);
  }
}
