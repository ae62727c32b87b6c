import type { Schedule, ScheduleEntry } from '../../protocols/messages/schedule.js';
import type { Authority } from '../../protocols/trust-document.js';
import { dateOf, timeOfDayMs, weekdayOf, type DayNumber, type Zone } from './local-days.js';

const DAY_MS = 86_400_000;

/** A schedule in force, with what places it among others. */
export interface KeptSchedule {
  /** The slot that it stands in: `schedule/area/x/authority`. */
  readonly slotKey: string;
  /** Who signed it. */
  readonly authority: Authority;
  readonly schedule: Schedule;
  readonly zone: Zone;
}

/** One time that an entry is to be on air. */
export interface Occurrence {
  /** Tells it apart from all others, across revisions of its schedule: slot, entry and start. */
  readonly key: string;
  readonly slotKey: string;
  readonly authority: string;
  readonly entry: ScheduleEntry;
  readonly startMs: number;
  /** It is over then, however much of it was heard. */
  readonly endMs: number;
}

/** What is to be on air in a span of time, and what rests in it. */
export interface DayPlan {
  readonly fromMs: number;
  readonly toMs: number;
  /** By start, then slot, then entry. Those that began a day before `fromMs` and may last are among them. */
  readonly occurrences: readonly Occurrence[];
  /** For each of them the latest end of all up to it, so that what is long over need not be looked at. */
  readonly endsBy: Float64Array;
  /** What an exception of its schedule takes off the air, with the reason given. */
  readonly resting: readonly { readonly occurrence: Occurrence; readonly reason: string }[];
}

/**
 * Every occurrence that may be on air between two instants at most a few days apart. Pure. Schedules add up: those of two
 * authorities, of an area and of one receiver stand beside each other, and who is heard is decided on the air.
 */
export function planDay(schedules: readonly KeptSchedule[], fromMs: number, toMs: number): DayPlan {
  const occurrences: Occurrence[] = [];
  const resting: { occurrence: Occurrence; reason: string }[] = [];
  for (const kept of schedules) {
    const days = daysOf(kept.zone, fromMs - DAY_MS, toMs);
    const rests = restsOf(kept.schedule, days);
    for (const entry of kept.schedule.body.entries) {
      const slots = entry.slots.map(({ at, durationMs }) => ({ ofDayMs: timeOfDayMs(at), durationMs }));
      for (const day of days) {
        if (!isOn(entry, day)) continue;
        const reason = rests(entry.id, day);
        for (const { ofDayMs, durationMs } of slots) {
          const startMs = kept.zone.instantAt(day.number, ofDayMs);
          const endMs = startMs + durationMs;
          if (startMs >= toMs || endMs <= fromMs) continue;
          const occurrence = occurrenceOf(kept, entry, startMs, endMs);
          if (reason === undefined) occurrences.push(occurrence);
          else resting.push({ occurrence, reason });
        }
      }
    }
  }
  occurrences.sort(byStart);
  return { fromMs, toMs, occurrences, endsBy: endsBy(occurrences), resting };
}

/** For each place the latest end up to there: what lies before the first that is late enough is over. */
function endsBy(occurrences: readonly Occurrence[]): Float64Array {
  const ends = new Float64Array(occurrences.length);
  let latestMs = -Infinity;
  occurrences.forEach(({ endMs }, i) => {
    latestMs = Math.max(latestMs, endMs);
    ends[i] = latestMs;
  });
  return ends;
}

function byStart(a: Occurrence, b: Occurrence): number {
  return a.startMs - b.startMs || (a.key < b.key ? -1 : 1);
}

interface LocalDay {
  readonly number: DayNumber;
  /** YYYY-MM-DD, which sorts like time: dates of a schedule are compared with it as they stand there. */
  readonly date: string;
  readonly weekday: number;
}

function daysOf(zone: Zone, fromMs: number, toMs: number): LocalDay[] {
  const days: LocalDay[] = [];
  for (let number = zone.dayAt(fromMs); number <= zone.dayAt(toMs); number += 1)
    days.push({ number, date: dateOf(number), weekday: weekdayOf(number) });
  return days;
}

function isOn({ dates, weekdays }: ScheduleEntry, { date, weekday }: LocalDay): boolean {
  if (weekdays?.includes(weekday) === false) return false;
  return dates === undefined || isWithin(dates, date);
}

function isWithin({ from, to }: { readonly from: string; readonly to: string }, date: string): boolean {
  return from <= date && date <= to;
}

/** The exceptions that touch these few days, looked at once for all entries. */
function restsOf(
  schedule: Schedule,
  days: readonly LocalDay[],
): (entryId: string, day: LocalDay) => string | undefined {
  const touching = schedule.body.exceptions
    .filter(({ dates }) => days.some(({ date }) => isWithin(dates, date)))
    .map(({ entries, ...rest }) => ({ ...rest, entries: entries && new Set(entries) }));
  return (entryId, { date }) =>
    touching.find(
      ({ dates, entries }) => isWithin(dates, date) && (entries === undefined || entries.has(entryId)),
    )?.reason;
}

function occurrenceOf(kept: KeptSchedule, entry: ScheduleEntry, startMs: number, endMs: number): Occurrence {
  const { slotKey, authority } = kept;
  return {
    key: `${slotKey}#${entry.id}@${startMs}`,
    slotKey,
    authority: authority.id,
    entry,
    startMs,
    endMs,
  };
}
