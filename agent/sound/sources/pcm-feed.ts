import { LoaError, type Refusal, messageOf } from '../../core/errors.js';
import { recognise, SNIFF_BYTES, type AudioFormat, type Recognised } from '../audio-format.js';
import type { Decoder, MakeDecoder } from '../decoders/decoder.js';
import type { PcmRing } from '../pcm-ring.js';

/** Bytes given to a decoder at once: at 6 kb/s, the lowest rate of Opus, they are under 3 s of sound. */
const PIECE_BYTES = 2_048;
/** Space that one piece may fill, frames. */
const PIECE_SPACE = 4 * 48_000;

/**
 * One pass of bytes through format recognition and a decoder into a ring, held back while the ring is full. What the
 * decoder gives beyond the ring's space waits here, so that no frame is lost.
 */
export class PcmFeed {
  readonly #ring: PcmRing;
  readonly #makeDecoder: MakeDecoder;
  readonly #signal: AbortSignal;
  #head: Uint8Array = new Uint8Array(0);
  #decoder: Decoder | undefined;
  #contentType: string | undefined;
  /** Bytes of a long tag that are still to come and to be dropped. */
  #skipBytes = 0;
  #overflow: Float32Array[] = [];
  #wake: (() => void) | undefined;
  /** Space that is waited for, frames. */
  #wanted = 0;

  constructor(ring: PcmRing, makeDecoder: MakeDecoder, contentType: string | undefined, signal: AbortSignal) {
    this.#ring = ring;
    this.#makeDecoder = makeDecoder;
    this.#contentType = contentType;
    this.#signal = signal;
    signal.addEventListener('abort', () => {
      this.#decoder?.close();
      this.#wake?.();
    });
  }

  /** Takes bytes; resolves when more are wanted. @throws LoaError `E_MEDIA_FORMAT`, `E_MEDIA_DECODE` */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#decoder !== undefined) {
      await this.#decode(bytes);
      return;
    }
    this.#head = Buffer.concat([this.#head, bytes]);
    await this.#begin(false);
  }

  /**
   * Instead of bytes: a format with the path of a file, which its decoder reads itself. Resolves as `end` does.
   * @throws LoaError `E_MEDIA_DECODE`, `E_DECODER_MISSING`
   */
  async file(format: AudioFormat): Promise<void> {
    await this.#startDecoder({ format, skipBytes: 0 });
    if (!this.#signal.aborted) await this.end();
  }

  /** The source is at its end: resolves when its last frame is in the ring. */
  async end(): Promise<void> {
    if (this.#decoder === undefined) await this.#begin(true);
    await this.#decoder?.end();
    while (this.#overflow.length > 0 && !this.#signal.aborted) await this.#room(1);
    this.#decoder?.close();
  }

  /** To be called when frames have been read out of the ring. */
  onRead(): void {
    this.#drainOverflow();
    if (this.#roomFor(this.#wanted)) this.#wake?.();
  }

  async #begin(complete: boolean): Promise<void> {
    const found = recognise(this.#head, this.#contentType, complete);
    if (found === undefined) {
      if (this.#head.length > 2 * SNIFF_BYTES) throw new LoaError('E_MEDIA_FORMAT', 'no known sound');
      return;
    }
    if (!found.ok) throw asError(found.refusal);
    await this.#startDecoder(found.value);
  }

  async #startDecoder({ format, skipBytes }: Recognised): Promise<void> {
    const decoder = await this.#makeDecoder(format, (frames) => {
      if (frames.length > 0) this.#take(frames);
    });
    if (this.#signal.aborted) {
      decoder.close();
      return;
    }
    this.#decoder = decoder;
    this.#skipBytes = skipBytes;
    const head = this.#head;
    this.#head = new Uint8Array(0);
    await this.#decode(head);
  }

  async #decode(given: Uint8Array): Promise<void> {
    const bytes = given.subarray(this.#skipBytes);
    this.#skipBytes -= given.length - bytes.length;
    for (let at = 0; at < bytes.length && !this.#signal.aborted; at += PIECE_BYTES) {
      await this.#room(PIECE_SPACE);
      if (this.#signal.aborted) return;
      await this.#decoder?.write(bytes.subarray(at, at + PIECE_BYTES));
      await turn();
    }
  }

  #take(frames: Float32Array): void {
    const taken = this.#overflow.length > 0 ? 0 : this.#ring.push(frames);
    if (taken === frames.length) return;
    this.#overflow.push(frames.subarray(taken));
    this.#decoder?.hold?.(true);
  }

  #drainOverflow(): void {
    for (
      let first = this.#overflow[0];
      first !== undefined && this.#ring.space > 0;
      first = this.#overflow[0]
    ) {
      const taken = this.#ring.push(first);
      if (taken === first.length) this.#overflow.shift();
      else this.#overflow[0] = first.subarray(taken);
    }
    if (this.#overflow.length === 0) this.#decoder?.hold?.(false);
  }

  #roomFor(frames: number): boolean {
    return this.#overflow.length === 0 && this.#ring.space >= frames;
  }

  async #room(frames: number): Promise<void> {
    this.#wanted = frames;
    while (!this.#signal.aborted && !this.#roomFor(frames)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/**
 * Lets the writer have its turn. A decoder in the process ends its promise within the same turn: without this all that a server
 * sends in one burst (Icecast: 64 kB, four seconds of sound) would be decoded in one go, for longer than the card's buffer lasts.
 */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A refusal as the error it stands for. */
function asError(refusal: Refusal): LoaError {
  return new LoaError(
    refusal.code,
    refusal.detail,
    refusal.fields === undefined ? {} : { fields: refusal.fields },
  );
}

/** Anything thrown as a refusal; what is not ours counts as a fault of decoding. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof LoaError)
    return { code: error.code, detail: messageOf(error).slice(error.code.length + 2) };
  return { code: 'E_MEDIA_DECODE', detail: messageOf(error) };
}
