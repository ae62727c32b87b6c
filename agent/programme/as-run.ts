import { z } from 'zod';
import { airClass } from '../../protocols/messages/common.js';
import type { Receipt } from '../../protocols/messages/up.js';
import { dayNumberOf } from './local-days.js';
import type { Occurrence } from './day-plan.js';

/** One line of the log: a bulletin that was on air or should have been. */
export const asRunEntry = z.object({
  /** When it ended, or when it was clear that it would not be played; wall time, milliseconds. */
  atMs: z.number(),
  /** When its first sample was heard; left out where none was. */
  fromMs: z.number().optional(),
  title: z.string().max(200),
  authority: z.string().max(64),
  class: airClass,
  /** The end that its receipt tells, or `not-played`. */
  outcome: z.enum(['completed', 'stopped', 'lease-ended', 'failed', 'dropped', 'not-played']),
  /** Why: a code, or a word of the plan (`late`, `over`, `rest`, `clock`, `busy`). */
  reason: z.string().max(64).optional(),
  heardMs: z.number().min(0),
  evidence: z.enum(['none', 'decoded', 'consumed', 'sensed']),
  /** The time that it was due at by a schedule. */
  dueMs: z.number().optional(),
});

/** A day of the country (UTC+7) as it was. */
export const asRunDay = z.object({
  /** YYYY-MM-DD. */
  day: z.string().max(10),
  entries: z.array(asRunEntry),
  /** How long the program ran in it, milliseconds. */
  ranMs: z.number().min(0),
  /** Entries that there was no room for, or that a disk which could not be written has cost. */
  lost: z.int().min(0),
});

/** One line of the log. */
export type AsRunEntry = Readonly<z.infer<typeof asRunEntry>>;
/** A day of the country as it was. */
export type AsRunDay = Readonly<z.infer<typeof asRunDay>>;

const COUNTRY_MS = 7 * 3_600_000;

/** The day of the country at an instant, YYYY-MM-DD. Pure. */
export function countryDay(nowMs: number): string {
  return new Date(nowMs + COUNTRY_MS).toISOString().slice(0, 10);
}

/** What a receipt says, for the log. Pure. */
export function entryOfReceipt(body: Receipt['body']): AsRunEntry {
  const { title, authority, outcome, code, firstSampleAt, scheduled, framesHeard, evidence } = body;
  return {
    ...{ atMs: Date.parse(body.endedAt), title, authority, class: body.class, outcome, evidence },
    ...(firstSampleAt === undefined ? {} : { fromMs: Date.parse(firstSampleAt) }),
    ...(code === undefined ? {} : { reason: code }),
    heardMs: Math.round(framesHeard / 48),
    ...(scheduled === undefined ? {} : { dueMs: Date.parse(scheduled.startsAt) }),
  };
}

/** What was not played by a schedule, for the log. Pure. */
export function entryNotPlayed(
  { entry, authority, startMs }: Occurrence,
  reason: string,
  nowMs: number,
): AsRunEntry {
  return {
    ...{ atMs: nowMs, title: entry.title, authority, class: entry.class, outcome: 'not-played' },
    ...{ reason, heardMs: 0, evidence: 'none', dueMs: startMs },
  };
}

/** The operation report of a span of days. */
export interface OperationReport {
  readonly from: string;
  readonly to: string;
  /** Days that the log knows. */
  readonly days: number;
  readonly heardMsByClass: Readonly<Record<AsRunEntry['class'], number>>;
  readonly byOutcome: Readonly<Record<AsRunEntry['outcome'], number>>;
  /** Why bulletins were not played or failed, with how often. */
  readonly reasons: Readonly<Record<string, number>>;
  /** From the first day that the log knows to the last: how much of the time the program ran, 0 to 1. */
  readonly availability: number;
  readonly lost: number;
}

/** Sums up. Pure. @param nowMs the end of a day that is not over yet */
export function reportOf(
  days: readonly AsRunDay[],
  from: string,
  to: string,
  nowMs: number,
): OperationReport {
  const heard = { local: 0, normal: 0, priority: 0, emergency: 0 };
  const outcomes = { completed: 0, stopped: 0, 'lease-ended': 0, failed: 0, dropped: 0, 'not-played': 0 };
  const reasons: Record<string, number> = {};
  let [ranMs, couldMs, lost] = [0, 0, 0];
  for (const day of days) {
    const beganMs = dayNumberOf(day.day) * 86_400_000 - COUNTRY_MS;
    couldMs += Math.max(1, Math.min(86_400_000, nowMs - beganMs));
    ranMs += day.ranMs;
    lost += day.lost;
    for (const entry of day.entries) {
      heard[entry.class] += entry.heardMs;
      outcomes[entry.outcome] += 1;
      if (entry.reason !== undefined) reasons[entry.reason] = (reasons[entry.reason] ?? 0) + 1;
    }
  }
  // A day without a file in between is one in which it did not run at all.
  const [first, last] = [days[0], days.at(-1)];
  if (first !== undefined && last !== undefined)
    couldMs += (dayNumberOf(last.day) - dayNumberOf(first.day) + 1 - days.length) * 86_400_000;
  const availability = couldMs === 0 ? 0 : Math.min(1, ranMs / couldMs);
  return {
    from,
    to,
    days: days.length,
    heardMsByClass: heard,
    byOutcome: outcomes,
    reasons,
    availability,
    lost,
  };
}

/** The span that the province asks for in its yearly report: 15 December of last year to 14 December. Pure. */
export function reportYear(nowMs: number): { readonly from: string; readonly to: string } {
  const year = Number(countryDay(nowMs).slice(0, 4));
  return { from: `${year - 1}-12-15`, to: `${year}-12-14` };
}
