import type { Clock } from '../../agent/core/clock.js';

/** A button that counts only when it was held, so that a bump or a wet line starts nothing; once for each time that it is held. */
export class HeldButton {
  readonly #clock: Clock;
  readonly #holdMs: number;
  readonly #onHeld: () => void;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, holdMs: number, onHeld: () => void) {
    this.#clock = clock;
    this.#holdMs = holdMs;
    this.#onHeld = onHeld;
  }

  take(pressed: boolean): void {
    this.#cancel();
    if (pressed) this.#cancel = this.#clock.after(this.#holdMs, this.#onHeld);
  }

  close(): void {
    this.#cancel();
  }
}
