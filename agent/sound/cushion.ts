/** How much sound of a live stream is kept in hand, milliseconds. */
export interface CushionRange {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** 0.8 to 6 s. */
export const CUSHION: CushionRange = { leastMs: 800, mostMs: 6_000 };

const GROWTH = 1.5;
const SHRINKING = 0.9;
/** So long without running dry, and it shrinks by a tenth. */
const CALM_MS = 60_000;

/**
 * How much sound a live stream should have in hand: half as much again each time it runs dry, a tenth less after each
 * minute in which it did not. Pure: instants are monotonic milliseconds.
 */
export class Cushion {
  readonly #range: CushionRange;
  #wantedMs: number;
  #sinceMs: number;

  constructor(range: CushionRange, nowMs: number) {
    this.#range = range;
    this.#wantedMs = range.leastMs;
    this.#sinceMs = nowMs;
  }

  /** What it should have in hand at an instant. */
  wantedMs(nowMs: number): number {
    while (nowMs - this.#sinceMs >= CALM_MS && this.#wantedMs > this.#range.leastMs) {
      this.#sinceMs += CALM_MS;
      this.#wantedMs = Math.max(this.#range.leastMs, this.#wantedMs * SHRINKING);
    }
    return this.#wantedMs;
  }

  /** It has run dry. */
  ranDry(nowMs: number): void {
    this.#wantedMs = Math.min(this.#range.mostMs, this.wantedMs(nowMs) * GROWTH);
    this.#sinceMs = nowMs;
  }
}
