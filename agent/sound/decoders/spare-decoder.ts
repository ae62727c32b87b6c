import type { Clock } from '../../core/clock.js';
import type { AudioFormat } from '../audio-format.js';
import type { Decoder, MakeDecoder, OnPcm } from './decoder.js';

/** The spare is made when what was played last has been over for so long: what goes on air in its place comes first. Milliseconds. */
export const SPARE_AFTER_MS = 50;
/** It is given up when nobody has asked for so long, milliseconds. */
export const SPARE_KEPT_MS = 15 * 60_000;

type Piped = AudioFormat & { readonly decoder: 'ffmpeg' };

interface Spare {
  readonly demuxer: Piped['demuxer'];
  readonly decoder: Decoder;
  /** Whom its sound goes to. */
  readonly to: { onPcm: OnPcm };
}

/**
 * One program that decodes, started before it is needed: loading ffmpeg costs 60 to 300 ms, which is longer than all else
 * before the first sample of a live stream. It is of the kind that was played last, is made when that has ended (so never two
 * where one is used), and takes some 10 MB while it waits.
 */
export class SpareDecoder {
  readonly #make: MakeDecoder;
  readonly #clock: Pick<Clock, 'after'>;
  #spare: Spare | undefined;
  #cancel: () => void = () => undefined;
  #closed = false;

  /** @param make starts the program */
  constructor(make: MakeDecoder, clock: Pick<Clock, 'after'>) {
    this.#make = make;
    this.#clock = clock;
  }

  /** A decoder of a format: the spare one where it fits. @throws LoaError `E_DECODER_MISSING` */
  readonly make: MakeDecoder = async (format, onPcm) => {
    if (format.decoder !== 'ffmpeg' || format.path !== undefined) return this.#make(format, onPcm);
    this.#cancel();
    const spare = this.#take(format);
    if (spare !== undefined) spare.to.onPcm = onPcm;
    const decoder = spare?.decoder ?? (await this.#make(format, onPcm));
    return this.#followed(decoder, format);
  };

  /** Ends the spare one, and makes none any more. */
  close(): void {
    this.#closed = true;
    this.#cancel();
    this.#drop();
  }

  #take({ demuxer }: Piped): Spare | undefined {
    const spare = this.#spare;
    if (spare?.demuxer !== demuxer || spare.decoder.failed?.() === true) {
      this.#drop();
      return undefined;
    }
    this.#spare = undefined;
    return spare;
  }

  #drop(): void {
    this.#spare?.decoder.close();
    this.#spare = undefined;
  }

  /** The same decoder; when it is closed, the next may be made. */
  #followed(decoder: Decoder, format: Piped): Decoder {
    return {
      write: (bytes) => decoder.write(bytes),
      end: () => decoder.end(),
      hold: (wait) => decoder.hold?.(wait),
      close: () => {
        decoder.close();
        if (this.#closed) return;
        this.#cancel();
        this.#cancel = this.#clock.after(SPARE_AFTER_MS, () => void this.#prepare(format));
      },
    };
  }

  async #prepare(format: Piped): Promise<void> {
    this.#drop();
    const to: Spare['to'] = { onPcm: () => undefined };
    let isOver = false;
    this.#cancel = () => {
      isOver = true;
    };
    // What cannot be started now is told by the play that needs it.
    const decoder = await this.#make(format, (frames) => to.onPcm(frames)).catch(() => undefined);
    if (isOver || this.#closed || decoder === undefined) {
      decoder?.close();
      return;
    }
    this.#spare = { demuxer: format.demuxer, decoder, to };
    this.#cancel = this.#clock.after(SPARE_KEPT_MS, () => this.#drop());
  }
}
