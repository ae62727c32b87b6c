/** A player tells of a gap soon after the pause that it came of, milliseconds. */
const KEPT_MS = 300;

/**
 * Knows where the writing of sound last paused for so long that a card can have run dry of it. Pure: instants are monotonic
 * milliseconds, frames are counted since the player was opened.
 */
export class WritePause {
  readonly #dryMs: number;
  #wroteMs: number | undefined;
  #longest: { readonly frame: number; readonly ms: number; readonly endMs: number } | undefined;

  /** @param dryMs a shorter pause runs no card dry: what it holds, or the time between two turns, whichever is longer */
  constructor(dryMs: number) {
    this.#dryMs = dryMs;
  }

  /** Sound is written from this frame on. */
  wrote(frame: number, nowMs: number): void {
    const ms = nowMs - (this.#wroteMs ?? nowMs);
    this.#wroteMs = nowMs;
    if (ms >= Math.max(this.#dryMs, this.#recent(nowMs)?.ms ?? 0))
      this.#longest = { frame, ms, endMs: nowMs };
  }

  /** The first frame written after the longest pause of late; undefined where there was none. */
  frameAfter(nowMs: number): number | undefined {
    return this.#recent(nowMs)?.frame;
  }

  #recent(nowMs: number): { readonly frame: number; readonly ms: number } | undefined {
    return this.#longest !== undefined && nowMs - this.#longest.endMs < KEPT_MS ? this.#longest : undefined;
  }
}
