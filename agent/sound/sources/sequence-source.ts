import type { Refusal } from '../../core/errors.js';
import type { Source } from './source.js';

/** One piece of a playlist. */
export interface Piece {
  /** Opens its source when its turn comes, not before: a playlist of an hour must not hold an hour's decoders. */
  readonly open: () => Source;
  /** Silence after it, frames. */
  readonly pauseFrames: number;
}

/** Pieces one after the other, all of them as often as asked. A piece that fails makes way for the next. */
export class SequenceSource implements Source {
  readonly live = false;
  readonly #pieces: readonly Piece[];
  readonly #onTrouble: (refusal: Refusal) => void;
  #turnsLeft: number;
  #at = 0;
  #source: Source | undefined;
  #pauseLeft = 0;
  #sounded = false;
  #failure: Refusal | undefined;
  #reconnects = 0;

  /** @param loops how often the whole of it is played, at least once */
  constructor(pieces: readonly Piece[], loops: number, onTrouble: (refusal: Refusal) => void) {
    this.#pieces = pieces;
    this.#turnsLeft = loops;
    this.#onTrouble = onTrouble;
    this.#source = pieces[0]?.open();
  }

  get ready(): boolean {
    this.#advance();
    return this.#pauseLeft > 0 || this.#source?.ready === true;
  }

  get ended(): boolean {
    this.#advance();
    return this.#source === undefined && this.#pauseLeft === 0;
  }

  /** Only where nothing at all could be heard of it. */
  get failure(): Refusal | undefined {
    return this.ended && !this.#sounded ? this.#failure : undefined;
  }

  get reconnects(): number {
    return this.#reconnects + (this.#source?.reconnects ?? 0);
  }

  get inHand(): number {
    return this.#pauseLeft > 0 ? 0 : (this.#source?.inHand ?? 0);
  }

  read(into: Float32Array): number {
    let frames = 0;
    while (frames < into.length) {
      const moved = this.#readOnce(into.subarray(frames));
      if (moved === 0) break;
      frames += moved;
    }
    return frames;
  }

  skip(frames: number): void {
    let left = frames;
    while (left > 0) {
      this.#advance();
      if (this.#pauseLeft > 0) {
        const rest = Math.min(left, this.#pauseLeft);
        this.#pauseLeft -= rest;
        left -= rest;
      } else {
        // A source does not say how many frames it had left to skip: the rest of them is the next piece's.
        this.#source?.skip(left);
        return;
      }
    }
  }

  close(): void {
    this.#source?.close();
    this.#source = undefined;
    this.#pauseLeft = 0;
    this.#turnsLeft = 0;
  }

  #readOnce(into: Float32Array): number {
    this.#advance();
    if (this.#pauseLeft > 0) {
      const rest = Math.min(into.length, this.#pauseLeft);
      into.fill(0, 0, rest);
      this.#pauseLeft -= rest;
      return rest;
    }
    const frames = this.#source?.read(into) ?? 0;
    if (frames > 0) this.#sounded = true;
    return frames;
  }

  #advance(): void {
    while (this.#pauseLeft === 0 && this.#source !== undefined && this.#done(this.#source)) this.#next();
  }

  #done(source: Source): boolean {
    if (source.failure !== undefined) {
      this.#failure ??= source.failure;
      this.#onTrouble(source.failure);
      return true;
    }
    return source.ended;
  }

  #next(): void {
    const source = this.#source;
    this.#reconnects += source?.reconnects ?? 0;
    const failed = source?.failure !== undefined;
    source?.close();
    this.#pauseLeft = failed ? 0 : (this.#pieces[this.#at]?.pauseFrames ?? 0);
    this.#at += 1;
    if (this.#at >= this.#pieces.length) {
      this.#at = 0;
      this.#turnsLeft -= 1;
    }
    // Where nothing of a whole turn could be heard, another turn would be no better.
    const goesOn = this.#turnsLeft > 0 && (this.#sounded || this.#at > 0);
    this.#source = goesOn ? this.#pieces[this.#at]?.open() : undefined;
    // A pause after the last piece is no sound that anybody waits for.
    if (!goesOn) this.#pauseLeft = 0;
  }
}
