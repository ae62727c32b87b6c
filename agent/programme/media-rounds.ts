import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import { inBackground } from '../core/settled.js';
import type { CacheView, MediaKeeper } from './media-keeper.js';

/** Between two rounds at most, milliseconds. */
const EVERY_MS = 300_000;
/** Between two rounds at least, milliseconds. */
const LEAST_MS = 1_000;
/** Something has changed: documents come in bursts. */
const SOON_MS = 5_000;

/** Calls a keeper round after round, one at a time. */
export class MediaRounds {
  readonly #keeper: Pick<MediaKeeper, 'round' | 'dueInMs' | 'view'>;
  readonly #clock: Clock;
  readonly #nowMs: () => number;
  readonly #log: Log;
  readonly #gone = new AbortController();
  #running: Promise<unknown> | undefined;
  #hurry = false;
  #cancel: () => void = () => undefined;

  /** @param nowMs the time that needs are reckoned by: trusted time */
  constructor(
    keeper: Pick<MediaKeeper, 'round' | 'dueInMs' | 'view'>,
    clock: Clock,
    nowMs: () => number,
    log: Log,
  ) {
    this.#keeper = keeper;
    this.#clock = clock;
    this.#nowMs = nowMs;
    this.#log = log;
  }

  /** What was found in the last round. */
  get view(): CacheView {
    return this.#keeper.view;
  }

  /** What is wanted may have changed: looks within seconds. Also begins the rounds. */
  soon(): void {
    this.#hurry = true;
    this.#wait(SOON_MS);
  }

  /** Ends a download under way; what came is kept. */
  async close(): Promise<void> {
    this.#gone.abort();
    this.#cancel();
    await this.#running;
  }

  #wait(ms: number): void {
    this.#cancel();
    if (this.#gone.signal.aborted) return;
    this.#cancel = this.#clock.after(ms, () => this.#round());
  }

  #round(): void {
    if (this.#running !== undefined) return this.#wait(SOON_MS);
    this.#hurry = false;
    this.#running = this.#keeper.round(this.#nowMs(), this.#gone.signal).finally(() => {
      this.#running = undefined;
      // What is wanted may have changed meanwhile: then it is looked at sooner than this.
      if (!this.#hurry)
        this.#wait(Math.min(EVERY_MS, Math.max(LEAST_MS, this.#keeper.dueInMs(this.#nowMs()))));
    });
    inBackground(this.#running, this.#log, 'the cache was not looked at');
  }
}
