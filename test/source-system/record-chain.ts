const KEPT = 10_000;

/**
 * How a signed record stands to those heard before: `first` begins a chain (or is the first one heard since listening
 * began), `linked` follows the newest, `gap` follows something never heard, `fork` follows one that something else has
 * followed already.
 */
export type ChainLink = 'first' | 'linked' | 'gap' | 'fork';

/** Follows the hash chain of one receiver's signed records (receipts and events in one chain). */
export class RecordChain {
  #head: string | undefined;
  readonly #followed = new Set<string>();

  /** Takes the next record: its hash, and the hash it says came before it (empty at the beginning). */
  follow(hash: string, previous: string): ChainLink {
    const link = this.#linkOf(previous);
    if (this.#head !== undefined) this.#followed.add(this.#head);
    this.#head = hash;
    if (this.#followed.size > KEPT) {
      const [oldest] = this.#followed;
      if (oldest !== undefined) this.#followed.delete(oldest);
    }
    return link;
  }

  #linkOf(previous: string): ChainLink {
    if (this.#head === undefined || previous === '') return 'first';
    if (previous === this.#head) return 'linked';
    return this.#followed.has(previous) ? 'fork' : 'gap';
  }
}
