import type { Schedule } from '../../protocols/messages/schedule.js';
import type { Authority } from '../../protocols/trust-document.js';
import { planDay, type DayPlan, type KeptSchedule, type Occurrence } from './day-plan.js';
import { accepted, refused, type Outcome } from '../core/errors.js';
import { zoneOf } from './local-days.js';
import type { ScheduleMemory } from './schedule-memory.js';
import { dayLimitMs, occurrenceAllowed } from './renewal.js';
import { decide, type DueOccurrence, type MissedReason, type OccurrenceState } from './schedule-plan.js';

/** Why an occurrence was not played. */
export type NotPlayed = MissedReason | 'clock' | 'rest';

/** What a look at the schedules asks for. */
export interface ScheduleLook {
  /** To be taken up now. */
  readonly begin: readonly DueOccurrence[];
  /** Keys of those on air whose entry is gone or was altered. */
  readonly end: readonly string[];
  /** Each is told once. */
  readonly notPlayed: readonly { readonly occurrence: Occurrence; readonly reason: NotPlayed }[];
  /** When to look again, wall time, milliseconds. */
  readonly lookAgainMs: number;
}

const DAY_MS = 86_400_000;
/** Occurrences remembered at most; the oldest by start are forgotten, which a plan of two days never asks for. */
const REMEMBERED = 4_096;
/** What was missed is told this far back at most, milliseconds. */
const TOLD_BACK_MS = 2 * DAY_MS;
/** A schedule that waits for the clock is looked at this often. */
const CLOCK_WAIT_MS = 60_000;

/** Keeps the schedules in force and says what is to be on air by them. Makes no sound, keeps no time: it is told both. */
export class ScheduleDesk {
  readonly #schedules = new Map<string, KeptSchedule>();
  readonly #onAir = new Map<string, Occurrence>();
  readonly #told = new Set<string>();
  readonly #memory: Map<string, OccurrenceState>;
  #written: ScheduleMemory['occurrences'] | undefined;
  #plan: DayPlan | undefined;
  #sinceMs: number | undefined;

  /** @param kept what was begun and done before the start, and when was looked last */
  constructor(kept: ScheduleMemory) {
    this.#memory = new Map(Object.entries(kept.occurrences));
    this.#sinceMs = kept.lookedMs;
  }

  /** What was begun and done, to be kept across restarts. */
  get memory(): ScheduleMemory {
    this.#written ??= Object.fromEntries(this.#memory);
    return {
      occurrences: this.#written,
      ...(this.#sinceMs === undefined ? {} : { lookedMs: this.#sinceMs }),
    };
  }

  /** Replaces the schedule of a slot, whole. */
  set(slotKey: string, authority: Authority, schedule: Schedule): void {
    const zone = zoneOf(schedule.body.timeZone);
    // The schema has refused a zone that the engine does not know.
    if (zone === undefined) return;
    this.#schedules.set(slotKey, { slotKey, authority, schedule, zone });
    this.#plan = undefined;
  }

  /** Takes the schedule of a slot away. */
  drop(slotKey: string): void {
    if (this.#schedules.delete(slotKey)) this.#plan = undefined;
  }

  /** The schedules in force, by slot. */
  get schedules(): Iterable<KeptSchedule> {
    return this.#schedules.values();
  }

  /**
   * Decides what is to be on air at an instant. Nothing begins by a clock that is not trusted; what is on air is not ended by a
   * clock that steps: its length is the caller's to keep, on the monotonic clock.
   */
  look(nowMs: number, clockTrusted: boolean): ScheduleLook {
    const sinceMs = Math.max(Math.min(this.#sinceMs ?? nowMs, nowMs), nowMs - TOLD_BACK_MS);
    const plan = this.#planOf(sinceMs, nowMs);
    const onAir = new Set(this.#onAir.keys());
    const decision = decide(plan, this.#memory, nowMs, { onAir, sinceMs });
    const end = this.#altered();
    if (!clockTrusted) {
      const notPlayed = this.#tell(decision.due.map(({ occurrence }) => ({ occurrence, reason: 'clock' })));
      return {
        begin: [],
        end,
        notPlayed,
        lookAgainMs: Math.min(decision.lookAgainMs, nowMs + CLOCK_WAIT_MS),
      };
    }
    this.#sinceMs = nowMs;
    const begin = decision.due.filter(({ occurrence }) => !onAir.has(occurrence.key));
    for (const { occurrence } of begin) this.#begin(occurrence);
    for (const { occurrence, reason } of decision.missed) {
      if (reason === 'late') this.#remember(occurrence.key, 'done');
    }
    const resting = plan.resting
      .filter(({ occurrence }) => occurrence.startMs <= nowMs && nowMs < occurrence.endMs)
      .map(({ occurrence }) => ({ occurrence, reason: 'rest' as const }));
    const notPlayed = this.#tell([...decision.missed, ...resting]);
    return { begin, end, notPlayed, lookAgainMs: decision.lookAgainMs };
  }

  /** What stands in the schedules for a span of time, and what became of each occurrence so far. */
  day(
    fromMs: number,
    toMs: number,
  ): { readonly plan: DayPlan; readonly stateOf: (key: string) => OccurrenceState | undefined } {
    return {
      plan: planDay([...this.#schedules.values()], fromMs, toMs),
      stateOf: (key) => (this.#onAir.has(key) ? 'begun' : this.#memory.get(key)),
    };
  }

  /**
   * The authority of an occurrence, if it may be heard by its grants.
   * @param heardTodayMs what was heard today of an authority
   */
  mayBegin(occurrence: Occurrence, heardTodayMs: (authority: string) => number): Outcome<Authority> {
    const authority = this.#schedules.get(occurrence.slotKey)?.authority;
    if (authority === undefined) return refused('E_AUTHORITY_GRANT', 'its schedule is gone');
    const allowed = occurrenceAllowed(occurrence, authority);
    if (!allowed.ok) return allowed;
    const { entry } = occurrence;
    if (heardTodayMs(authority.id) >= dayLimitMs('schedule', authority, entry.class, [entry.source]))
      return refused('E_AUTHORITY_MINUTES', 'the minutes of this day are used up');
    return accepted(authority);
  }

  /**
   * Where an authority stands in the priority class, by the order of the authority nearest to the receiver that has decided
   * one; 0 where none has. Who is not named comes after all who are.
   */
  placeOf(authority: string): number {
    const deciding = [...this.#schedules.values()].filter(({ schedule }) => schedule.body.priorityOrder);
    const nearest = deciding.sort((a, b) => a.authority.level - b.authority.level)[0];
    const order = nearest?.schedule.body.priorityOrder;
    if (order === undefined) return 0;
    const place = order.indexOf(authority);
    return place === -1 ? order.length : place;
  }

  /** An occurrence that was taken up has ended, in whatever way: it is not taken up again. */
  ended(key: string): void {
    if (!this.#onAir.delete(key)) return;
    this.#remember(key, 'done');
  }

  #begin(occurrence: Occurrence): void {
    this.#onAir.set(occurrence.key, occurrence);
    this.#remember(occurrence.key, 'begun');
  }

  #planOf(sinceMs: number, nowMs: number): DayPlan {
    const fromMs = Math.floor(sinceMs / DAY_MS) * DAY_MS;
    const toMs = (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
    if (this.#plan?.fromMs !== fromMs || this.#plan.toMs !== toMs)
      this.#plan = planDay([...this.#schedules.values()], fromMs, toMs);
    return this.#plan;
  }

  /** What is on air though its schedule holds its entry no more, or holds another under its name. */
  #altered(): string[] {
    return [...this.#onAir.values()]
      .filter(({ slotKey, entry }) => {
        const entries = this.#schedules.get(slotKey)?.schedule.body.entries ?? [];
        const now = entries.find(({ id }) => id === entry.id);
        return now !== entry && JSON.stringify(now) !== JSON.stringify(entry);
      })
      .map(({ key }) => key);
  }

  #tell(
    all: readonly { readonly occurrence: Occurrence; readonly reason: NotPlayed }[],
  ): { occurrence: Occurrence; reason: NotPlayed }[] {
    const news = all.filter(({ occurrence, reason }) => !this.#told.has(`${reason} ${occurrence.key}`));
    for (const { occurrence, reason } of news) this.#told.add(`${reason} ${occurrence.key}`);
    for (const oldest of this.#told) {
      if (this.#told.size <= REMEMBERED) break;
      this.#told.delete(oldest);
    }
    return news;
  }

  #remember(key: string, state: OccurrenceState): void {
    this.#memory.set(key, state);
    this.#written = undefined;
    if (this.#memory.size <= REMEMBERED) return;
    // A quarter at once: who is the oldest is dear to find.
    const oldestFirst = [...this.#memory.keys()].sort((a, b) => startOf(a) - startOf(b));
    for (const oldest of oldestFirst.slice(0, REMEMBERED / 4)) this.#memory.delete(oldest);
  }
}

function startOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('@') + 1));
}
