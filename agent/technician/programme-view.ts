import type { ErrorCode } from '../core/errors.js';
import type { AirClass } from '../../protocols/messages/common.js';
import type { PermittedHours } from '../../protocols/messages/desired.js';
import type { SafeReason } from '../safe-mode.js';
import type { ScheduleClock } from '../programme/clock-confidence.js';

/** One time of an entry on a day. Instants are wall time, milliseconds. */
export interface DayRow {
  readonly startMs: number;
  readonly endMs: number;
  readonly title: string;
  readonly class: AirClass;
  readonly authority: string;
  /** `rest`: an exception of its schedule; `hours`: out of the permitted hours from start to end. */
  readonly state: 'coming' | 'now' | 'done' | 'past' | 'rest' | 'hours';
  /** Why it rests. */
  readonly reason?: string;
}

/** A day of the country (UTC+7) by the schedules in force. */
export interface DayView {
  /** YYYY-MM-DD. */
  readonly day: string;
  readonly nowMs: number;
  readonly hours: PermittedHours;
  /** By start. */
  readonly rows: readonly DayRow[];
}

/** What is known of the path that an emergency would come by. */
export interface PathView {
  /** Two beats of the province are missing. */
  readonly beatMissing: boolean;
  /** Since the newest beat, or since the start. */
  readonly beatAgeMs: number;
  /** Why the newest silent test failed; left out where it did not. */
  /** Why link, verification, sound and emergencies run alone. */
  readonly safeMode?: SafeReason;
  readonly fault?: { readonly atMs: number; readonly detail: string };
}

/** What decides whether something is heard now. */
export interface WhyView {
  readonly nowMs: number;
  readonly onAir?: {
    readonly title: string;
    readonly class: AirClass;
    readonly authority: string;
    readonly sinceMs?: number;
    readonly by: 'schedule' | 'command' | 'emergency' | 'local';
  };
  /** What is open and not heard, by title. */
  readonly waiting: readonly string[];
  readonly assigned: boolean;
  readonly sinkOk: boolean;
  /** Why the amplifier lets no bulletin through; left out where it does. */
  readonly amplifier?: ErrorCode;
  /** What schedules are judged by: a clock that may be right, the last time known and the uptime, or none. */
  readonly scheduleClock: ScheduleClock;
  /** Is the gate before the sink open for the class, or shut by hours or by the minutes of the day? */
  readonly gate: { readonly normal: Gate; readonly priority: Gate };
  /** How many schedules are in force. */
  readonly schedules: number;
  readonly resting?: { readonly title: string; readonly reason: string };
  readonly next?: { readonly title: string; readonly startMs: number };
  /** What of today was not played last. */
  readonly path?: PathView;
  readonly notPlayed?: { readonly title: string; readonly reason: string; readonly dueMs: number };
}

/** See {@link WhyView.gate}. */
export type Gate = 'open' | 'hours' | 'minutes';
