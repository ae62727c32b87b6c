import { z } from 'zod';
import type { AirClass } from '../../protocols/messages/common.js';

/** A span of the day, milliseconds since midnight UTC+7; `toMs` excluded. */
export interface DaySpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the province permits; emergencies are never asked about. */
export interface GateRules {
  readonly hours: { readonly normal: readonly DaySpan[]; readonly priority: readonly DaySpan[] };
  /** Heard in a day at most, milliseconds; Infinity without a limit. */
  readonly longestADayMs: { readonly normal: number; readonly priority: number };
}

/** What was heard in one day of the country (days since 1970-01-01, UTC+7), by class, milliseconds; as it is kept. */
export const gateTally = z.object({
  day: z.int(),
  normal: z.number().min(0),
  priority: z.number().min(0),
});

/** What was heard in one day of the country, by class, milliseconds. */
export type GateTally = Readonly<z.infer<typeof gateTally>>;

/** Why a class may not be heard now. */
export type GateVerdict = 'open' | 'hours' | 'minutes';

const DAY_MS = 86_400_000;
const COUNTRY_OFFSET_MS = 7 * 3_600_000;

/** Nothing heard yet. */
export const NOTHING_TALLIED: GateTally = { day: 0, normal: 0, priority: 0 };

/**
 * May this class be heard at this instant? Pure. It is asked for every block that leaves the mixer, of whatever asked for the
 * sound: a fault above makes no noise at night. A technician's test is bounded in length and level where it is taken.
 */
export function gateVerdict(
  rules: GateRules,
  tally: GateTally,
  airClass: AirClass,
  nowMs: number,
): GateVerdict {
  if (airClass === 'emergency' || airClass === 'local') return 'open';
  const ofDayMs = modulo(nowMs + COUNTRY_OFFSET_MS, DAY_MS);
  const within = rules.hours[airClass].some(({ fromMs, toMs }) => fromMs <= ofDayMs && ofDayMs < toMs);
  if (!within) return 'hours';
  const heardMs = isSameDay(tally, nowMs) ? tally[airClass] : 0;
  return heardMs < rules.longestADayMs[airClass] ? 'open' : 'minutes';
}

/** Counts what was heard. Pure. Another day begins at nothing, but a clock that steps back over midnight gives no minutes again. */
export function tallied(tally: GateTally, airClass: AirClass, nowMs: number, heardMs: number): GateTally {
  if (airClass === 'emergency' || airClass === 'local') return tally;
  const day = dayOf(nowMs);
  const same = isSameDay(tally, nowMs);
  const before = same ? tally : { ...NOTHING_TALLIED, day };
  return { ...before, [airClass]: before[airClass] + heardMs };
}

/** When the verdict on a class may change next: an end of a span, midnight. Wall time, milliseconds. Pure. */
export function gateChangesAfter(rules: GateRules, airClass: 'normal' | 'priority', nowMs: number): number {
  const midnightMs = dayOf(nowMs) * DAY_MS - COUNTRY_OFFSET_MS;
  const ends = rules.hours[airClass].flatMap(({ fromMs, toMs }) => [midnightMs + fromMs, midnightMs + toMs]);
  return Math.min(...ends.filter((atMs) => atMs > nowMs), midnightMs + DAY_MS);
}

function dayOf(nowMs: number): number {
  return Math.floor((nowMs + COUNTRY_OFFSET_MS) / DAY_MS);
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function isSameDay(tally: GateTally, nowMs: number): boolean {
  const day = dayOf(nowMs);
  return tally.day === day || tally.day === day + 1;
}
