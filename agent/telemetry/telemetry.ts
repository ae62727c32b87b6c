import type { BoardFacts, MachineSensor } from '../../hardware/types.js';
import type { Clock } from '../core/clock.js';
import { codeOf, messageOf } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { OnAir } from '../programme/programme.js';
import type { PlanDigest } from '../programme/plan-digest.js';
import { changedFields, isPressing, type Reading } from './dead-band.js';

/** What the rest of the program tells of itself for a reading. */
export interface ProgramReading {
  readonly processUptimeS: number;
  readonly onAir: OnAir | undefined;
  readonly levelDb: number | undefined;
  readonly secondsOnAirToday: number;
  readonly sink: { readonly kind: string; readonly ok: boolean; readonly underruns: number };
  readonly queued: number;
  readonly plan: PlanDigest;
  readonly certificateDaysLeft: number;
  readonly beatAgeS: number;
  readonly pathTest?: { readonly at: string; readonly ok: boolean };
  /** Where an update stands. */
  readonly update?: Reading['update'];
  /** Power, housing, disk, modem, clock, cache, bytes, losses, alarms: as they stand in a reading. */
  readonly upkeep?: Partial<Reading>;
}

/** What telemetry stands on. */
export interface TelemetryParts {
  readonly machine: MachineSensor;
  readonly boardFacts: () => Promise<BoardFacts>;
  readonly program: () => ProgramReading;
  /**
   * Sends a reading; tells whether the broker has it.
   * @param keep it is kept for later where the link is not up
   */
  readonly send: (body: Reading, keep: boolean) => Promise<boolean>;
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Time between two looks at the sensors. */
  readonly everyMs: number;
  /** Something is sent at least this often; a little sooner by chance, so that a province's receivers do not keep step. */
  readonly heartbeatMs: number;
}

/**
 * By how much of its time a heartbeat may come sooner. The first after a birth is spread wide, because the mains bring a
 * village back at once; those after it keep their distance, as a heartbeat and its pings cost the same money sooner or later.
 */
const JITTER = { birth: 0.2, later: 1 / 15 } as const;

/**
 * Telemetry by exception: everything once after each birth, then what has left its dead band, and a heartbeat, which also
 * brings what only follows the machine's work. What alarms is an event and does not wait for this.
 */
export class TelemetryLoop {
  readonly #parts: TelemetryParts;
  /** The newest value of each field that the province has. */
  #known: Partial<Reading> = {};
  #board: BoardFacts | undefined;
  #heartbeatAtMs: number;
  #closed = false;
  #busy = false;
  #cancel: () => void = () => undefined;

  constructor(parts: TelemetryParts) {
    this.#parts = parts;
    this.#heartbeatAtMs = this.#nextHeartbeat(JITTER.birth);
  }

  /** Begins; the slow facts are asked for once, in the background. */
  start(): void {
    this.#cancel = this.#parts.clock.after(this.#parts.everyMs, () => this.#again());
    this.#parts
      .boardFacts()
      .then((facts) => {
        this.#board = facts;
      })
      .catch((error: unknown) => {
        this.#parts.log.warn({ code: codeOf(error), error: messageOf(error) }, 'the board cannot be read');
      });
  }

  /** Everything there is, now: after a birth. */
  now(): Promise<void> {
    return this.#attend(async () => {
      const reading = await this.reading();
      await this.#send(reading, false, reading);
    });
  }

  /** A reading of this moment, whole. */
  async reading(): Promise<Reading> {
    const machine = await this.#parts.machine.read();
    const { onAir, levelDb, upkeep, ...rest } = this.#parts.program();
    return {
      ...machine,
      ...upkeep,
      ...rest,
      ...(onAir === undefined
        ? {}
        : { onAir: { playId: onAir.playId, class: onAir.class, title: onAir.title } }),
      ...(levelDb === undefined ? {} : { levelDb }),
      ...(this.#board === undefined ? {} : { board: this.#board }),
    };
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #again(): void {
    if (this.#closed) return;
    void this.#attend(() => this.#look());
    this.#cancel = this.#parts.clock.after(this.#parts.everyMs, () => this.#again());
  }

  async #look(): Promise<void> {
    const reading = await this.reading();
    const changed = changedFields(this.#known, reading);
    const isHeartbeat = this.#parts.clock.monotonicMs() >= this.#heartbeatAtMs;
    if (!isHeartbeat && !isPressing(changed)) return;
    const { uptimeS } = reading;
    await this.#send(
      { full: false, uptimeS, ...this.#follows(reading, isHeartbeat), ...changed },
      isHeartbeat,
      reading,
    );
  }

  /** The level goes with every reading, the seconds of the day with the heartbeat; absent means as it was. */
  #follows(reading: Reading, isHeartbeat: boolean): Partial<Reading> {
    const { secondsOnAirToday, levelDb } = reading;
    const isNew = (field: 'secondsOnAirToday' | 'levelDb'): boolean => reading[field] !== this.#known[field];
    return {
      ...(secondsOnAirToday !== undefined && isHeartbeat && isNew('secondsOnAirToday')
        ? { secondsOnAirToday }
        : {}),
      ...(levelDb !== undefined && isNew('levelDb') ? { levelDb } : {}),
    };
  }

  async #send(body: Reading, keep: boolean, reading: Reading): Promise<void> {
    const sent = await this.#parts.send(body, keep);
    const jitter = body.full === false ? JITTER.later : JITTER.birth;
    if (sent || keep) this.#heartbeatAtMs = this.#nextHeartbeat(jitter);
    if (!sent) return;
    const told = Object.keys(body).filter((name) => name !== 'full') as (keyof Reading)[];
    this.#known = { ...this.#known, ...Object.fromEntries(told.map((name) => [name, reading[name]])) };
  }

  #nextHeartbeat(jitter: number): number {
    const { clock, heartbeatMs, random } = this.#parts;
    return clock.monotonicMs() + heartbeatMs * (1 - jitter * random());
  }

  /** A sensor that hangs must not leave one more waiting reading behind at every turn. */
  async #attend(work: () => Promise<void>): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await work();
    } catch (error) {
      this.#parts.log.warn({ code: codeOf(error), error: messageOf(error) }, 'no reading sent');
    } finally {
      this.#busy = false;
    }
  }
}
