import { LoaError } from '../core/errors.js';
import { RATE_HZ } from '../core/units.js';
import { Resampler } from './resampler.js';

/** A header longer than this is not one of ours. */
const HEADER_LIMIT_BYTES = 4_096;

/**
 * Reads a WAV file as it comes (RIFF, PCM of 16 bits, one channel, 8 000 to 48 000 Hz) and gives frames at 48 kHz. Sizes
 * in its header are not believed: a program that writes into a pipe does not know them.
 */
export class WavReader {
  #held: Buffer = Buffer.alloc(0);
  #resampler: Resampler | 'none' | undefined;

  /** Frames of what came so far. @throws LoaError `E_MEDIA_FORMAT` where it is no such WAV */
  push(bytes: Uint8Array): Float32Array {
    this.#held = Buffer.concat([this.#held, bytes]);
    if (this.#resampler === undefined && !this.#readHeader()) return new Float32Array(0);
    const count = this.#held.length >> 1;
    const frames = new Float32Array(count);
    for (let i = 0; i < count; i += 1) frames[i] = this.#held.readInt16LE(i * 2) / 32_768;
    this.#held = this.#held.subarray(count * 2);
    return this.#resampler instanceof Resampler ? this.#resampler.push(frames) : frames;
  }

  /** The rest, at the end. */
  flush(): Float32Array {
    return this.#resampler instanceof Resampler ? this.#resampler.flush() : new Float32Array(0);
  }

  #readHeader(): boolean {
    const bytes = this.#held;
    if (bytes.length < 12) return false;
    if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE')
      throw new LoaError('E_MEDIA_FORMAT', 'no RIFF WAVE');
    let rateHz = 0;
    for (let at = 12; at + 8 <= bytes.length;) {
      const [id, size] = [bytes.toString('latin1', at, at + 4), bytes.readUInt32LE(at + 4)];
      if (id === 'data') {
        if (rateHz === 0) throw new LoaError('E_MEDIA_FORMAT', 'data before its format');
        this.#resampler = rateHz === RATE_HZ ? 'none' : new Resampler(rateHz);
        this.#held = bytes.subarray(at + 8);
        return true;
      }
      if (id === 'fmt ' && at + 24 <= bytes.length) rateHz = rateOf(bytes.subarray(at + 8, at + 24));
      at += 8 + size + (size & 1);
    }
    if (bytes.length > HEADER_LIMIT_BYTES) throw new LoaError('E_MEDIA_FORMAT', 'no data in this WAV');
    return false;
  }
}

function rateOf(format: Buffer): number {
  const [kind, channels, rateHz, bits] = [
    format.readUInt16LE(0),
    format.readUInt16LE(2),
    format.readUInt32LE(4),
    format.readUInt16LE(14),
  ];
  if (kind !== 1 || channels !== 1 || bits !== 16 || rateHz < 8_000 || rateHz > RATE_HZ)
    throw new LoaError('E_MEDIA_FORMAT', `WAV of kind ${kind}, ${channels} × ${bits} bits, ${rateHz} Hz`);
  return rateHz;
}
