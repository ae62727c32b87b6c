import { LoaError } from '../../agent/core/errors.js';
import type { Decoder, MakeDecoder } from '../../agent/sound/decoders/decoder.js';

/** A decoder of which a test sees everything. */
export interface RawDecoder {
  readonly make: MakeDecoder;
  /** Bytes it was given, in order. */
  readonly bytes: () => Buffer;
  /** What `hold` was asked, in order. */
  readonly holds: readonly boolean[];
  readonly closed: () => boolean;
}

/**
 * Gives `framesPerByte` frames for each byte, numbered 0, 1, 2 … (exact up to 2^24). A byte `failAt` bytes in is
 * `E_MEDIA_DECODE`.
 */
export function rawDecoder(options: { framesPerByte: number; failAt?: number }): RawDecoder {
  const given: Buffer[] = [];
  const holds: boolean[] = [];
  let frame = 0;
  let closed = false;
  let total = 0;
  const make: MakeDecoder = async (_, onPcm): Promise<Decoder> => ({
    async write(bytes) {
      given.push(Buffer.from(bytes));
      total += bytes.length;
      if (options.failAt !== undefined && total > options.failAt) {
        throw new LoaError('E_MEDIA_DECODE', 'made to fail');
      }
      const count = bytes.length * options.framesPerByte;
      onPcm(Float32Array.from({ length: count }, (__, i) => frame + i));
      frame += count;
    },
    async end() {
      onPcm(new Float32Array(0));
    },
    hold(wait) {
      holds.push(wait);
    },
    close() {
      closed = true;
    },
  });
  return { make, bytes: () => Buffer.concat(given), holds, closed: () => closed };
}
