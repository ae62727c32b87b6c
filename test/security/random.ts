/** Pseudo-random numbers that are the same for the same seed (xorshift32; for tests alone). */
export class Random {
  #state: number;

  /** @param seed any whole number */
  constructor(seed: number) {
    // Zero would stay zero.
    this.#state = (seed ^ 0x9e3779b9) >>> 0 || 1;
    for (let i = 0; i < 8; i += 1) this.next();
  }

  /** A whole number of 32 bits. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state;
  }

  /** A whole number from 0 to `below` − 1. */
  below(below: number): number {
    return this.next() % below;
  }

  /** One of a list. @throws RangeError where it is empty */
  of<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('an empty list');
    return list[this.below(list.length)] as T;
  }

  /** Bytes without any order. */
  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.next() & 255));
  }
}
