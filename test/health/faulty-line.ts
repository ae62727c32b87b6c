import { refusalTeller } from '../../agent/compose-amplifier.js';
import type { Clock } from '../../agent/core/clock.js';
import { Amplifier } from '../../hardware/amplifier/amplifier.js';
import { boardSchema } from '../../hardware/boards/board.js';
import type { EventBody } from '../../protocols/messages/up.js';

/** The slowest amplifier that a board's file may describe. */
const AMPLIFIER = boardSchema.parse({
  ...{ format: 1, name: 'fake', description: { vi: 'bo mạch thử', en: 'a board to test with' } },
  amplifier: { times: { supplyDelayMs: 120_000, settleMs: 30_000, unmuteMs: 10_000 } },
}).amplifier;
/** An amplifier notices its load this long after it is unmuted, milliseconds. */
const NOTICED_MS = 100;

/**
 * A loudspeaker line behind the product's amplifier, with a bulletin wanted all the time. As real amplifiers do, this one tells of an open line
 * or a short circuit only while it is on: each time that it is tried again.
 */
export class FaultyLine {
  readonly #amplifier: Amplifier;
  readonly #clock: Clock;
  #is: 'normal' | 'open' | 'short' = 'normal';
  #told: 'open' | 'short' | undefined;
  #on = false;

  constructor(clock: Clock, tell: (body: EventBody) => void) {
    if (AMPLIFIER === undefined) throw new Error('the board has no amplifier');
    this.#clock = clock;
    this.#amplifier = new Amplifier(AMPLIFIER, {
      clock,
      set: (line, active) => {
        if (line !== 'unmute') return;
        this.#on = active;
        this.#noticeLater();
      },
      onDoor: () => undefined,
      onRefusal: refusalTeller(tell),
    });
    this.#amplifier.take({ kind: 'wanted', wanted: 'bulletin' });
  }

  /** How the line is from now on. */
  set is(is: 'normal' | 'open' | 'short') {
    this.#is = is;
    this.#noticeLater();
  }

  #noticeLater(): void {
    this.#clock.after(NOTICED_MS, () => {
      const shown = this.#on && this.#is !== 'normal' ? this.#is : undefined;
      if (shown === this.#told) return;
      if (this.#told !== undefined) this.#amplifier.fault(this.#told, false);
      this.#told = shown;
      if (shown !== undefined) this.#amplifier.fault(shown, true);
    });
  }
}
