import type { EventBody } from '../protocols/messages/up.js';
import { systemClock, type Clock } from './core/clock.js';
import type { ErrorCode } from './core/errors.js';
import type { FromSound, SinkFeed } from './sound/messages.js';

/** Quieter than this is no sound, dBFS. */
const SOUNDING_DB = -60;
/** A player that takes nothing is found out and killed sooner than this after its opening, milliseconds. */
const FOUND_OUT_MS = 3_000;

/** How the sink is, for telemetry. */
export interface SinkReading {
  readonly kind: string;
  readonly ok: boolean;
  readonly underruns: number;
  readonly bufferMs?: number;
  readonly cardPpm?: number;
  readonly position?: SinkFeed['position'];
}

/** Follows the sink's health from the sound worker's messages: one alarm when it goes, one clearing when it is back. */
export class SinkWatch {
  /** Level of the last second, dBFS. */
  levelDb: number | undefined;
  readonly #kind: string;
  readonly #tell: (body: EventBody) => void;
  /** Seconds that the sound thread has told of: the sign that it gets on. */
  seconds = 0;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #soundMs = -Infinity;
  /** Since when one sink has been open without a death. */
  #openMs = Infinity;
  #ok = false;
  #trouble: { readonly code: ErrorCode; readonly detail: string } | undefined;
  #underruns = 0;
  #feed: SinkFeed | undefined;

  /** @param kind the sink that the configuration names */
  constructor(
    kind: string,
    tell: (body: EventBody) => void,
    clock: Pick<Clock, 'monotonicMs'> = systemClock,
  ) {
    this.#kind = kind;
    this.#tell = tell;
    this.#clock = clock;
  }

  /** Was a sound within so long taken by a sink that has outlived the time in which one that hangs is found out? */
  tookSoundWithin(ms: number): boolean {
    return this.heardWithin(ms) && this.#soundMs - this.#openMs >= FOUND_OUT_MS;
  }

  /** Was a sound heard within so long? */
  heardWithin(ms: number): boolean {
    return this.#clock.monotonicMs() - this.#soundMs <= ms;
  }

  take(message: FromSound): void {
    if (message.kind === 'level') {
      this.levelDb = message.rmsDb;
      this.seconds += 1;
      if (message.rmsDb > SOUNDING_DB) this.#soundMs = this.#clock.monotonicMs();
      this.#feed = message.feed;
    }
    if (message.kind === 'underrun') this.#underruns += 1;
    if (message.kind !== 'sink') return;
    this.#ok = message.ok;
    this.#openMs = message.ok ? this.#clock.monotonicMs() : Infinity;
    if (message.ok) {
      if (this.#trouble !== undefined) this.#tell({ kind: 'cleared', ...this.#trouble });
      this.#trouble = undefined;
    } else {
      const { code } = message;
      const detail = message.detail.slice(0, 300);
      // Trying again and failing again is the same trouble.
      if (this.#trouble === undefined) this.#tell({ kind: 'alarm', code, detail });
      this.#trouble ??= { code, detail };
    }
  }

  /** For telemetry. */
  reading(): SinkReading {
    const { bufferMs, cardPpm, position } = this.#feed ?? {};
    return {
      ...{ kind: this.#kind, ok: this.#ok, underruns: this.#underruns },
      ...(bufferMs === undefined ? {} : { bufferMs }),
      ...(cardPpm === undefined ? {} : { cardPpm: Math.round(cardPpm * 10) / 10 }),
      ...(position === undefined ? {} : { position }),
    };
  }

  /** For `loa status`. */
  status(): SinkReading & { code?: string; detail?: string } {
    return { ...this.reading(), ...this.#trouble };
  }
}
