import { LoaError } from '../../core/errors.js';
import { RATE_HZ } from '../../core/units.js';
import { Resampler } from '../resampler.js';
import type { Decoder, OnPcm } from './decoder.js';

/** What both WebAssembly decoders give for a piece of input. */
interface Decoded {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
}

/** The common shape of mpg123-decoder and ogg-opus-decoder. */
interface WasmDecoder {
  readonly ready: Promise<void>;
  // ogg-opus-decoder answers with a promise, whatever its types say.
  decode(bytes: Uint8Array): Decoded | Promise<Decoded>;
  flush?(): Promise<Decoded>;
  free(): void;
}

/** Sound decoded inside the process: 12 ms to the first sample, no process to start or to lose. */
class InProcessDecoder implements Decoder {
  readonly #decoder: WasmDecoder;
  readonly #onPcm: OnPcm;
  #resampler: { readonly fromHz: number; readonly filter: Resampler } | undefined;
  #bytes = 0;
  #frames = 0;
  #closed = false;

  constructor(decoder: WasmDecoder, onPcm: OnPcm) {
    this.#decoder = decoder;
    this.#onPcm = onPcm;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#closed) return;
    this.#bytes += bytes.length;
    this.#take(await this.#decoder.decode(bytes));
    // The decoders do not report what they cannot read, so silence in spite of much input is the sign.
    if (this.#frames === 0 && this.#bytes > 256 * 1024) {
      throw new LoaError('E_MEDIA_DECODE', `no sound in ${this.#bytes} bytes`);
    }
  }

  async end(): Promise<void> {
    if (this.#closed) return;
    if (this.#decoder.flush !== undefined) this.#take(await this.#decoder.flush());
    if (this.#resampler !== undefined) this.#onPcm(this.#resampler.filter.flush());
    if (this.#frames === 0) throw new LoaError('E_MEDIA_DECODE', `no sound in ${this.#bytes} bytes`);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#decoder.free();
  }

  #take(decoded: Decoded): void {
    if (this.#closed || decoded.samplesDecoded === 0) return;
    this.#frames += decoded.samplesDecoded;
    const mono = toMono(decoded);
    if (decoded.sampleRate === RATE_HZ) {
      this.#onPcm(mono);
      return;
    }
    if (this.#resampler?.fromHz !== decoded.sampleRate) {
      this.#resampler = { fromHz: decoded.sampleRate, filter: new Resampler(decoded.sampleRate) };
    }
    this.#onPcm(this.#resampler.filter.push(mono));
  }
}

function toMono(decoded: Decoded): Float32Array {
  const [left, right] = decoded.channelData;
  if (left === undefined) return new Float32Array(0);
  const mono = left.slice(0, decoded.samplesDecoded);
  if (right === undefined) return mono;
  for (let i = 0; i < mono.length; i += 1) mono[i] = ((mono[i] ?? 0) + (right[i] ?? 0)) / 2;
  return mono;
}

/** MPEG layer III, any rate, through mpg123 in WebAssembly. */
export async function makeMp3Decoder(onPcm: OnPcm): Promise<Decoder> {
  const { MPEGDecoder } = await import('mpg123-decoder');
  const decoder = new MPEGDecoder({ enableGapless: false });
  await decoder.ready;
  return new InProcessDecoder(decoder, onPcm);
}

/** Ogg Opus (RFC 7845) through libopus in WebAssembly. */
export async function makeOpusDecoder(onPcm: OnPcm): Promise<Decoder> {
  const { OggOpusDecoder } = await import('ogg-opus-decoder');
  const decoder = new OggOpusDecoder();
  await decoder.ready;
  return new InProcessDecoder(decoder, onPcm);
}
