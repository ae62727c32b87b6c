import type { AudioFormat } from '../audio-format.js';

/** Sound as it comes out of a decoder: one channel at 48 kHz. */
export type OnPcm = (frames: Float32Array) => void;

/** Bytes in, sound out. One for each source; not used again after `close`. */
export interface Decoder {
  /** Takes bytes; resolves when more may come. @throws LoaError `E_MEDIA_DECODE` */
  write(bytes: Uint8Array): Promise<void>;
  /** The source is at its end: resolves when the last frame is out. @throws LoaError `E_MEDIA_DECODE` */
  end(): Promise<void>;
  /**
   * For a decoder that gives sound by itself: true asks it to wait, false to go on. What is under way may still come.
   * Without it a few bytes that stand for hours of silence would fill the memory.
   */
  hold?(wait: boolean): void;
  /** Whether it has failed by itself: bytes written now would be refused. */
  failed?(): boolean;
  /** Ends at once; nothing comes out any more. */
  close(): void;
}

/** Makes the decoder of a format. @throws LoaError `E_DECODER_MISSING` */
export type MakeDecoder = (format: AudioFormat, onPcm: OnPcm) => Promise<Decoder>;
