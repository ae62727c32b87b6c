import type { Refusal } from '../../core/errors.js';

/** Sound to be read in frames of 48 kHz, one channel. Reading never waits. */
export interface Source {
  /** A live source goes on while it is not heard; a file waits. */
  readonly live: boolean;
  /** Enough is here to begin. */
  readonly ready: boolean;
  /** Its last frame has been read; none will follow. */
  readonly ended: boolean;
  /** Why it ended without reaching its end, if it did. */
  readonly failure: Refusal | undefined;
  /** Its connection is gone, or gives nothing: what stands in for it should be got ready. Never where it is left out. */
  readonly troubled?: boolean;
  /** Frames that the next reads are sure to get: nothing ends or breaks off within them. 0 where it is left out. */
  readonly inHand?: number;
  /** How often the connection was made again. */
  readonly reconnects: number;
  /** Moves up to `into.length` frames out; returns how many there were. */
  read(into: Float32Array): number;
  /** Lets time pass unheard. */
  skip(frames: number): void;
  close(): void;
}

/** What a source tells while it lives. */
export interface SourceHooks {
  /** Something went wrong and is being tried again. */
  onTrouble(refusal: Refusal): void;
  /** The programme's title within the stream. */
  onTitle(title: string): void;
}
