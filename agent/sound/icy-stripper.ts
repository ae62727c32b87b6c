/**
 * Takes Icecast's in-stream metadata out of a stream: after every `interval` bytes of sound comes one length byte (in
 * units of 16) and that much text. Returns the sound alone; titles go to `onTitle`.
 */
export class IcyStripper {
  readonly #interval: number;
  readonly #onTitle: (title: string) => void;
  #untilMeta: number;
  #metaLeft = 0;
  #meta: Buffer[] = [];

  /** @param interval value of the response header `icy-metaint`, bytes */
  constructor(interval: number, onTitle: (title: string) => void) {
    this.#interval = interval;
    this.#untilMeta = interval;
    this.#onTitle = onTitle;
  }

  /** The sound of one chunk; may be empty. */
  strip(chunk: Uint8Array): Uint8Array {
    const sound: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#metaLeft > 0) {
        const part = chunk.subarray(at, at + this.#metaLeft);
        this.#meta.push(Buffer.from(part));
        this.#metaLeft -= part.length;
        at += part.length;
        if (this.#metaLeft === 0) this.#tellTitle();
      } else if (this.#untilMeta > 0) {
        const part = chunk.subarray(at, at + this.#untilMeta);
        sound.push(part);
        this.#untilMeta -= part.length;
        at += part.length;
      } else {
        this.#metaLeft = (chunk[at] ?? 0) * 16;
        this.#untilMeta = this.#interval;
        at += 1;
      }
    }
    return sound.length === 1 && sound[0] !== undefined ? sound[0] : Buffer.concat(sound);
  }

  #tellTitle(): void {
    const text = Buffer.concat(this.#meta).toString('utf8').replace(/\0+$/, '');
    this.#meta = [];
    const title = /StreamTitle='(.*?)';/s.exec(text)?.[1];
    if (title !== undefined && title !== '') this.#onTitle(title.slice(0, 200));
  }
}
