import type { Schedule, ScheduleEntry } from '../../protocols/messages/schedule.js';
import type { Authority } from '../../protocols/trust-document.js';
import { dayNumberOf, timeOfDayMs, weekdayOf, type DayNumber, type Zone } from './local-days.js';

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
      for (const day of days) {
        if (!isOn(entry, day)) continue;
        const reason = rests(entry.id, day);
        for (const occurrence of occurrencesOn(kept, entry, day)) {
          if (occurrence.startMs >= toMs || occurrence.endMs <= fromMs) continue;
          if (reason === undefined) occurrences.push(occurrence);
          else resting.push({ occurrence, reason });
        }
      }
    }
  }
  occurrences.sort(byStart);
  return { fromMs, toMs, occurrences, resting };
}

function byStart(a: Occurrence, b: Occurrence): number {
  return a.startMs - b.startMs || (a.key < b.key ? -1 : 1);
}

function daysOf(zone: Zone, fromMs: number, toMs: number): DayNumber[] {
  const days: DayNumber[] = [];
  for (let day = zone.dayAt(fromMs); day <= zone.dayAt(toMs); day += 1) days.push(day);
  return days;
}

/** Dates compare as text: YYYY-MM-DD sorts like time, and is parsed once a schedule only where it may matter. */
function isOn(entry: ScheduleEntry, day: DayNumber): boolean {
  const { dates, weekdays } = entry;
  if (weekdays !== undefined && !weekdays.includes(weekdayOf(day))) return false;
  return dates === undefined || (dayNumberOf(dates.from) <= day && day <= dayNumberOf(dates.to));
}

/** The exceptions that touch these few days, looked at once for all entries. */
function restsOf(
  schedule: Schedule,
  days: readonly DayNumber[],
): (entryId: string, day: DayNumber) => string | undefined {
  const touching = schedule.body.exceptions
    .map(({ dates, entries, reason }) => ({
      from: dayNumberOf(dates.from),
      to: dayNumberOf(dates.to),
      entries: entries === undefined ? undefined : new Set(entries),
      reason,
    }))
    .filter(({ from, to }) => days.some((day) => from <= day && day <= to));
  return (entryId, day) =>
    touching.find(
      ({ from, to, entries }) => from <= day && day <= to && (entries === undefined || entries.has(entryId)),
    )?.reason;
}

function occurrencesOn(kept: KeptSchedule, entry: ScheduleEntry, day: DayNumber): Occurrence[] {
  return entry.slots.map(({ at, durationMs }) => {
    const startMs = kept.zone.instantAt(day, timeOfDayMs(at));
    return {
      key: `${kept.slotKey}#${entry.id}@${startMs}`,
      slotKey: kept.slotKey,
      authority: kept.authority.id,
      entry,
      startMs,
      endMs: startMs + durationMs,
    };
  });
}
