import type { EventBody } from '../../protocols/messages/up.js';
import { instant, type Clock } from '../core/clock.js';

/** The province's beats come this often, milliseconds. */
export const BEAT_EVERY_MS = 15 * 60_000;
/** So many may be missing before it is an alarm. */
const BEATS = 2;
/** A beat may be late by so much: it is one message among others. */
const LATE_MS = 60_000;

/** What the watch stands on. */
export interface BeatWatchParts {
  readonly clock: Clock;
  readonly onEvent: (body: EventBody) => void;
}

/**
 * Watches the path that an emergency would come by: the province's signed beat. Two that stay away are one alarm, `E_BEAT_MISSING`,
 * until one is there again; whether the link is down or somebody keeps them back makes no difference to who would not be warned.
 */
export class BeatWatch {
  readonly #parts: BeatWatchParts;
  #heardMs: number;
  #heardWallMs: number | undefined;
  #missing = false;
  #closed = false;
  #cancel: () => void = () => undefined;

  /** The first beat is waited for from now on. */
  constructor(parts: BeatWatchParts) {
    this.#parts = parts;
    this.#heardMs = parts.clock.monotonicMs();
    this.#wait();
  }

  /** A beat was accepted. */
  heard(): void {
    const { clock, onEvent } = this.#parts;
    const awayMs = Math.round(clock.monotonicMs() - this.#heardMs);
    this.#heardMs = clock.monotonicMs();
    this.#heardWallMs = clock.nowMs();
    if (this.#missing) {
      this.#missing = false;
      onEvent({ kind: 'cleared', code: 'E_BEAT_MISSING', detail: 'the beat is back', fields: { awayMs } });
    }
    this.#wait();
  }

  /** Are two or more missing? */
  get missing(): boolean {
    return this.#missing;
  }

  /** Since the newest beat, or since the start where none has come, milliseconds. */
  get ageMs(): number {
    return this.#parts.clock.monotonicMs() - this.#heardMs;
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #wait(): void {
    this.#cancel();
    if (this.#closed) return;
    this.#cancel = this.#parts.clock.after(BEATS * BEAT_EVERY_MS + LATE_MS, () => this.#miss());
  }

  #miss(): void {
    this.#missing = true;
    const last = this.#heardWallMs;
    this.#parts.onEvent({
      kind: 'alarm',
      code: 'E_BEAT_MISSING',
      detail: last === undefined ? 'no beat since the start' : `${BEATS} beats are missing`,
      ...(last === undefined ? {} : { fields: { since: instant(last) } }),
    });
  }
}
