/** Grows by this factor at an underrun. */
const WIDEN = 1.5;
/** An underrun within this time of the last one belongs to the same stall. */
const SAME_STALL_MS = 500;
/** After so long without an underrun it gives back one step, and the next one each further step of time. */
const QUIET_MS = 600_000;
const NARROW_EVERY_MS = 60_000;
const NARROW_STEP_MS = 5;
/** So long after the start a stall that nobody heard says nothing of those to come: programs are loaded, code is compiled. */
export const STARTING_MS = 30_000;

/**
 * How much sound the card is to hold: as little as the setting says, for a quick interruption; more after an underrun, up to a cap;
 * and slowly less again after ten quiet minutes. Stalls of the start that fell into silence do not count.
 */
export class SinkBuffer {
  readonly #leastMs: number;
  readonly #mostMs: number;
  readonly #startedMs: number;
  #ms: number;
  #dryMs = -Infinity;
  #narrowedMs = -Infinity;

  /**
   * @param mostMs the cap; below `leastMs` it never widens
   * @param startedMs when the program began, monotonic milliseconds
   */
  constructor(leastMs: number, mostMs: number, startedMs = -Infinity) {
    this.#startedMs = startedMs;
    this.#leastMs = leastMs;
    this.#mostMs = Math.max(leastMs, mostMs);
    this.#ms = leastMs;
  }

  /** What the card is to hold when the next sound is written, milliseconds. */
  get ms(): number {
    return this.#ms;
  }

  /** The card ran dry, while a play was heard or in silence. */
  ranDry(monotonicMs: number, during: 'play' | 'silence' = 'play'): void {
    if (during === 'silence' && monotonicMs - this.#startedMs < STARTING_MS) return;
    const same = monotonicMs - this.#dryMs < SAME_STALL_MS;
    this.#dryMs = monotonicMs;
    if (!same) this.#ms = Math.min(this.#mostMs, Math.ceil(this.#ms * WIDEN));
  }

  /** To be called now and then. */
  rest(monotonicMs: number): void {
    const since = Math.max(this.#dryMs + QUIET_MS, this.#narrowedMs + NARROW_EVERY_MS);
    if (this.#ms === this.#leastMs || monotonicMs < since) return;
    this.#narrowedMs = monotonicMs;
    this.#ms = Math.max(this.#leastMs, this.#ms - NARROW_STEP_MS);
  }
}
