import type { Clock } from './core/clock.js';

/** Looked at again so often while something has the air, milliseconds. */
const AGAIN_MS = 60_000;

/** Says when safe mode may be left: after a good time, but not while anything has the air; or at once when asked. */
export class SafeWatch {
  /** Resolves when it is to be left. */
  readonly left: Promise<void>;
  readonly #clock: Clock;
  readonly #onAir: () => boolean;
  #leave: () => void = () => undefined;
  #cancel: () => void;

  constructor(clock: Clock, goodTimeMs: number, onAir: () => boolean) {
    this.#clock = clock;
    this.#onAir = onAir;
    this.left = new Promise((resolve) => {
      this.#leave = resolve;
    });
    this.#cancel = clock.after(goodTimeMs, () => this.#look());
  }

  /** A technician asks for it. */
  leave(): void {
    this.close();
    this.#leave();
  }

  close(): void {
    this.#cancel();
  }

  #look(): void {
    if (!this.#onAir()) this.#leave();
    else this.#cancel = this.#clock.after(AGAIN_MS, () => this.#look());
  }
}
