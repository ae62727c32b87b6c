/** Puts titles between the bytes of a stream, as SHOUTcast does for a client that sent `Icy-MetaData: 1`. */
export class IcyInterleaver {
  readonly #everyBytes: number;
  #untilNext: number;
  #lastTitle: string | undefined;

  /** @param everyBytes sound between two blocks, the `icy-metaint` of the answer */
  constructor(everyBytes: number) {
    this.#everyBytes = everyBytes;
    this.#untilNext = everyBytes;
  }

  /** The next bytes of the stream, with the blocks that fall in between; an unchanged title is an empty block. */
  insert(sound: Uint8Array, title: string): Uint8Array {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < sound.length;) {
      const piece = sound.subarray(at, at + this.#untilNext);
      pieces.push(piece);
      at += piece.length;
      this.#untilNext -= piece.length;
      if (this.#untilNext === 0) {
        pieces.push(this.#block(title));
        this.#untilNext = this.#everyBytes;
      }
    }
    return Buffer.concat(pieces);
  }

  #block(title: string): Uint8Array {
    if (title === this.#lastTitle) return Buffer.from([0]);
    this.#lastTitle = title;
    const shortened = Buffer.from(title.replace(/['\r\n\0]/g, ' '))
      .subarray(0, 4000)
      .toString('utf8');
    const text = Buffer.from(`StreamTitle='${shortened.replace(/\uFFFD+$/, '')}';`);
    const block = Buffer.alloc(1 + Math.ceil(text.length / 16) * 16);
    block.writeUInt8((block.length - 1) / 16);
    text.copy(block, 1);
    return block;
  }
}
