import { COUNTRY_OFFSET_MS } from '../../protocols/authorise.js';
import type { Clock } from '../core/clock.js';
import { addHeard, heardOf, type HeardToday } from './heard-minutes.js';

/** Kept while something is on air at most this often, milliseconds: a flash wears out. */
const KEPT_EVERY_MS = 60_000;

/** Counts how long something is on air, all together and by authority, in days of the country. */
export class AirMinutes {
  readonly #clock: Clock;
  readonly #onHeard: (heard: HeardToday) => void;
  #heard: HeardToday;
  #aired = { day: '', ms: 0 };
  #since: { readonly ms: number; readonly authority: string | undefined } | undefined;
  #toldMs = -Infinity;

  constructor(clock: Clock, heard: HeardToday, onHeard: (heard: HeardToday) => void) {
    this.#clock = clock;
    this.#heard = heard;
    this.#onHeard = onHeard;
  }

  /**
   * From now on this has the air; undefined for silence.
   * @param counted the authority whose minutes it takes; undefined for an emergency or a technician's test
   */
  changed(onAir: { readonly counted: string | undefined } | undefined): void {
    this.#count(onAir !== undefined);
    this.#since =
      onAir === undefined ? undefined : { ms: this.#clock.monotonicMs(), authority: onAir.counted };
  }

  /** Seconds on air since midnight UTC+7. */
  secondsToday(): number {
    this.#count(true);
    return this.#aired.ms / 1000;
  }

  /** What was heard today of an authority, milliseconds. */
  heardTodayMs(authority: string): number {
    this.#count(true);
    return heardOf(this.#heard, this.#day(), authority);
  }

  #count(goesOn: boolean): void {
    const nowMs = this.#clock.monotonicMs();
    const day = this.#day();
    const since = this.#since;
    if (since !== undefined) {
      const ms = nowMs - since.ms;
      this.#aired.ms += ms;
      this.#since = { ...since, ms: nowMs };
      if (since.authority !== undefined) this.#tell(addHeard(this.#heard, day, since.authority, ms), goesOn);
    }
    if (this.#aired.day !== day) this.#aired = { day, ms: 0 };
  }

  #tell(heard: HeardToday, goesOn: boolean): void {
    this.#heard = heard;
    const nowMs = this.#clock.monotonicMs();
    if (goesOn && nowMs - this.#toldMs < KEPT_EVERY_MS) return;
    this.#toldMs = nowMs;
    this.#onHeard(heard);
  }

  #day(): string {
    return new Date(this.#clock.nowMs() + COUNTRY_OFFSET_MS).toISOString().slice(0, 10);
  }
}
