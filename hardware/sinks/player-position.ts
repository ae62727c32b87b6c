import type { SinkPosition } from '../types.js';
import type { CardStatusFile } from './card-status.js';
import type { ChildReading } from './child-reading.js';

/** A driver may count by its period; ± this. */
const CARD_UNCERTAINTY_MS = 5;
/** A player that has taken nothing at this many looks in a row, though something waits for it, hangs. */
const IDLE_LOOKS = 5;
/** Setting up a card takes longer, once. */
const IDLE_LOOKS_AT_START = 10;

/**
 * Puts together what a player has read and what its card has played: which frame of ours is at the loudspeaker, and whether the
 * player still takes sound. Frames are counted since the player was opened.
 */
export class PlayerPosition {
  readonly #card: Pick<CardStatusFile, 'read' | 'close'> | undefined;
  readonly #reading: Pick<ChildReading, 'bytes' | 'close'>;
  /** Bytes counted as read that were none of ours: a library loaded late. */
  #foreign = 0;
  #lastTaken: number | undefined;
  #idle = 0;
  /** What to add to the card's counts, which an underrun may set anew. Undefined until it is known again. */
  #offset: number | undefined = 0;
  #begun: string | undefined;

  constructor(
    card: Pick<CardStatusFile, 'read' | 'close'> | undefined,
    reading: Pick<ChildReading, 'bytes' | 'close'>,
  ) {
    this.#card = card;
    this.#reading = reading;
  }

  /** Frames of ours that the player has read; undefined where that is not known. */
  takenFrames(writtenFrames: number): number | undefined {
    const bytes = this.#reading.bytes();
    if (bytes === undefined) return undefined;
    this.#foreign = Math.max(this.#foreign, bytes - writtenFrames * 2);
    return Math.floor((bytes - this.#foreign) / 2);
  }

  /** To be asked about every 100 ms: true where sound waits and the player has long taken none. */
  hangs(writtenFrames: number): boolean {
    const taken = this.takenFrames(writtenFrames);
    const idle = taken !== undefined && taken < writtenFrames && taken === this.#lastTaken;
    this.#lastTaken = taken;
    this.#idle = idle ? this.#idle + 1 : 0;
    return this.#idle >= (taken === 0 ? IDLE_LOOKS_AT_START : IDLE_LOOKS);
  }

  /** Where the card is, by its own count. Best asked before a write, when the player has read what was written before. */
  position(writtenFrames: number): SinkPosition | undefined {
    const status = this.#card?.read();
    if (status === undefined || !status.running) return undefined;
    const taken = this.takenFrames(writtenFrames) ?? writtenFrames;
    this.#begun ??= status.begun;
    if (status.begun !== this.#begun) this.#offset = undefined;
    this.#begun = status.begun;
    // What the player has read it has given, but for less than a period.
    if (taken === writtenFrames) this.#offset ??= writtenFrames - status.givenFrames;
    if (this.#offset === undefined) return undefined;
    const frame = status.playedFrames + this.#offset;
    return { frame, atMs: status.atMs, uncertaintyMs: CARD_UNCERTAINTY_MS, from: 'card' };
  }

  close(): void {
    this.#card?.close();
    this.#reading.close();
  }
}
