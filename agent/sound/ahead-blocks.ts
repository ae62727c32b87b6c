import type { AheadBlock, Mixer } from './mixer.js';

/** A piece that was written ahead, and its first frame. */
export interface WrittenAhead extends AheadBlock {
  readonly frame: number;
}

/** What was written to a card ahead and may be taken back, oldest first. Bounded by how far ahead that is. */
export class AheadBlocks {
  readonly #pieces: WrittenAhead[] = [];

  get length(): number {
    return this.#pieces.length;
  }

  /** Frames of all of it. */
  get frames(): number {
    const oldest = this.#pieces[0];
    const newest = this.#pieces.at(-1);
    return oldest === undefined || newest === undefined
      ? 0
      : newest.frame + newest.mixed.block.length - oldest.frame;
  }

  push(piece: WrittenAhead): void {
    this.#pieces.push(piece);
  }

  /** Gives out the oldest piece if its end lies before a frame, or at it. */
  shiftEnded(frame: number): WrittenAhead | undefined {
    const oldest = this.#pieces[0];
    return oldest !== undefined && oldest.frame + oldest.mixed.block.length <= frame
      ? this.#pieces.shift()
      : undefined;
  }

  /**
   * Undoes what goes beyond a frame, whole pieces, the newest first.
   * @returns the first frame that is to be written anew; undefined where there is nothing to undo
   */
  takeBack(frame: number, mixer: Pick<Mixer, 'undo'>): number | undefined {
    let cut: number | undefined;
    for (
      let newest = this.#pieces.at(-1);
      newest !== undefined && newest.frame + newest.mixed.block.length > frame;
      newest = this.#pieces.at(-1)
    ) {
      this.#pieces.pop();
      mixer.undo(newest.before);
      cut = newest.frame;
    }
    return cut;
  }
}
