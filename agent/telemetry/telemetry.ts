import type { BoardFacts, MachineSensor } from '../../hardware/types.js';
import type { Telemetry } from '../../protocols/messages/up.js';
import type { Clock } from '../core/clock.js';
import { codeOf, messageOf } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { OnAir } from '../programme/programme.js';

/** What the rest of the program tells of itself for a reading. */
export interface ProgramReading {
  readonly processUptimeS: number;
  readonly onAir: OnAir | undefined;
  readonly levelDb: number | undefined;
  readonly secondsOnAirToday: number;
  readonly sink: { readonly kind: string; readonly ok: boolean; readonly underruns: number };
  readonly queued: number;
  readonly certificateDaysLeft: number;
}

/** What telemetry stands on. */
export interface TelemetryParts {
  readonly machine: MachineSensor;
  readonly boardFacts: () => Promise<BoardFacts>;
  readonly program: () => ProgramReading;
  readonly send: (body: Telemetry['body']) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs: number;
}

/** Sends readings at a steady pace, the first one when asked. The board's facts go with the first that has them. */
export class TelemetryLoop {
  readonly #parts: TelemetryParts;
  #board: BoardFacts | undefined;
  #boardSent = false;
  #closed = false;
  #busy = false;
  #cancel: () => void = () => undefined;

  constructor(parts: TelemetryParts) {
    this.#parts = parts;
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

  /** One reading now: after a birth, for one. */
  async now(): Promise<void> {
    // A sensor that hangs must not leave one more waiting reading behind at every turn.
    if (this.#busy) return;
    this.#busy = true;
    try {
      const reading = await this.reading();
      await this.#parts.send(reading);
      if (reading.board !== undefined) this.#boardSent = true;
    } catch (error) {
      this.#parts.log.warn({ code: codeOf(error), error: messageOf(error) }, 'no reading sent');
    } finally {
      this.#busy = false;
    }
  }

  /** A reading of this moment. */
  async reading(): Promise<Telemetry['body']> {
    const program = this.#parts.program();
    const { onAir, levelDb, ...rest } = program;
    const board = this.#boardSent ? undefined : this.#board;
    return {
      ...(await this.#parts.machine.read()),
      ...rest,
      ...(onAir === undefined
        ? {}
        : { onAir: { playId: onAir.playId, class: onAir.class, title: onAir.title } }),
      ...(levelDb === undefined ? {} : { levelDb }),
      ...(board === undefined ? {} : { board }),
    };
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #again(): void {
    if (this.#closed) return;
    void this.now();
    this.#cancel = this.#parts.clock.after(this.#parts.everyMs, () => this.#again());
  }
}
