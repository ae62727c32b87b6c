import type { Clock } from '../core/clock.js';

/** Between two looks. */
const LOOK_MS = 500;
/** So many looks in a row without a sign of life are a hang: 4 s. */
const LOOKS = 8;
/** Before the first sign: loading the program takes long on a slow board. 30 s. */
const FIRST_LOOKS = 60;

/**
 * Watches for signs of life of a thread that should give one each second. It counts looks, not time: while this
 * thread itself stands still, or has messages that it has not read yet, nothing is held against the other.
 */
export class HeartbeatWatch {
  readonly #clock: Clock;
  readonly #onHang: () => void;
  #heard = false;
  #everHeard = false;
  #missed = 0;
  #closed = false;
  #cancel: () => void = () => undefined;

  /** @param onHang called once */
  constructor(clock: Clock, onHang: () => void) {
    this.#clock = clock;
    this.#onHang = onHang;
    this.#wait();
  }

  /** A sign of life came. */
  alive(): void {
    this.#heard = this.#everHeard = true;
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #wait(): void {
    // What has come in meanwhile is read before the next look is set.
    setImmediate(() => {
      if (!this.#closed) this.#cancel = this.#clock.after(LOOK_MS, () => this.#look());
    });
  }

  #look(): void {
    this.#missed = this.#heard ? 0 : this.#missed + 1;
    this.#heard = false;
    if (this.#missed < (this.#everHeard ? LOOKS : FIRST_LOOKS)) {
      this.#wait();
      return;
    }
    this.#closed = true;
    this.#onHang();
  }
}
