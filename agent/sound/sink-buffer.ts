/** Grows by this factor at an underrun. */
const WIDEN = 1.5;
/** An underrun within this time of the last one belongs to the same stall. */
const SAME_STALL_MS = 500;
/** After so long without an underrun it gives back one step, and the next one each further step of time. */
const QUIET_MS = 600_000;
const NARROW_EVERY_MS = 60_000;
const NARROW_STEP_MS = 5;

/**
 * How much sound the card is to hold: as little as the setting says, for a quick interruption; more after an underrun, up to a cap;
 * and slowly less again after ten quiet minutes.
 */
export class SinkBuffer {
  readonly #leastMs: number;
  readonly #mostMs: number;
  #ms: number;
  #dryMs = -Infinity;
  #narrowedMs = -Infinity;

  /** @param mostMs the cap; below `leastMs` it never widens */
  constructor(leastMs: number, mostMs: number) {
    this.#leastMs = leastMs;
    this.#mostMs = Math.max(leastMs, mostMs);
    this.#ms = leastMs;
  }

  /** What the card is to hold when the next sound is written, milliseconds. */
  get ms(): number {
    return this.#ms;
  }

  /** The card ran dry. */
  ranDry(monotonicMs: number): void {
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
