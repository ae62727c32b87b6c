import { setTimeout as pause } from 'node:timers/promises';

/** Frames that were in the recording just before and just after a look at the lines: the look lies between. */
export interface LookedAt {
  readonly beforeFrames: number;
  readonly afterFrames: number;
}

/** Looks after one another that found the same lines. */
export interface LinesSeen {
  /** A bit a line, the first one lowest. */
  readonly value: number;
  readonly first: LookedAt;
  last: LookedAt;
}

/** How often is looked whether more was played, milliseconds of the host. */
const EVERY_MS = 20;
/** While nothing more is played, the lines are looked at the so-manieth time only: each look costs an emulator something. */
const IDLE_LOOKS = 25;
/** An amplifier changes its lines some six times a bulletin. */
const MOST_STRETCHES = 10_000;

/**
 * Looks at the lines of a receiver again and again, each time with how much it has played by then: what the lines were, is told on the
 * time line of the recording.
 */
export class LineWatch {
  readonly #seen: LinesSeen[] = [];
  readonly #look: () => Promise<number>;
  readonly #frames: () => number;
  #longestFrames = 0;
  #stopped = false;
  #trouble: unknown;

  /**
   * @param look the lines now, a bit each
   * @param frames frames recorded so far
   */
  constructor(look: () => Promise<number>, frames: () => number) {
    this.#look = look;
    this.#frames = frames;
    void this.#watch();
  }

  /** What was seen so far. @throws where a look has failed while it should have been looking */
  get seen(): readonly LinesSeen[] {
    if (this.#trouble !== undefined && !this.#stopped)
      throw new Error('the lines were not watched', { cause: this.#trouble });
    return this.#seen.map((one) => ({ ...one }));
  }

  /** Most that was played between two looks, frames. */
  get longestFrames(): number {
    return this.#longestFrames;
  }

  /** No further look. */
  stop(): void {
    this.#stopped = true;
  }

  async #watch(): Promise<void> {
    try {
      for (let idle = IDLE_LOOKS; !this.#stopped && this.#seen.length < MOST_STRETCHES; idle += 1) {
        const beforeFrames = this.#frames();
        if (idle >= IDLE_LOOKS || beforeFrames !== this.#seen.at(-1)?.last.afterFrames) {
          const value = await this.#look();
          this.#take(value, { beforeFrames, afterFrames: this.#frames() });
          idle = 0;
        }
        await pause(EVERY_MS);
      }
      if (!this.#stopped) this.#trouble = new Error(`more than ${MOST_STRETCHES} changes of the lines`);
    } catch (error) {
      this.#trouble = error;
    }
  }

  #take(value: number, at: LookedAt): void {
    const newest = this.#seen.at(-1);
    if (newest !== undefined)
      this.#longestFrames = Math.max(this.#longestFrames, at.afterFrames - newest.last.beforeFrames);
    if (newest?.value === value) newest.last = at;
    else this.#seen.push({ value, first: at, last: at });
  }
}
