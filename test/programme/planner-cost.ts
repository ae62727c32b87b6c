import { dateOf, dayNumberOf } from '../../agent/programme/local-days.js';
import { ScheduleDesk } from '../../agent/programme/schedule-desk.js';
import { NOTHING_SCHEDULED } from '../../agent/programme/schedule-memory.js';
import type { Schedule, ScheduleEntry } from '../../protocols/messages/schedule.js';
import type { Authority } from '../../protocols/trust-document.js';
import { Random } from '../security/random.js';

/** What decisions over so many entries cost, milliseconds. */
export interface PlannerCost {
  readonly entries: number;
  /** Exceptions of all schedules together, spread over ten years. */
  readonly exceptions: number;
  /** All decisions of some days, each at the time that the one before asked for. */
  readonly decisions: number;
  readonly medianMs: number;
  /** The first of a day, which plans it. */
  readonly planningMs: number;
  readonly slowestMs: number;
}

const DAY_MS = 86_400_000;
const YEARS = 10;
const FIRST_DAY = dayNumberOf('2026-01-01');
/** As many as one signed schedule may hold, and exceptions likewise. */
const ENTRIES_EACH = 256;
const EXCEPTIONS_EACH = 366;

/**
 * Measures the decisions of random days in ten years, over schedules as full as they may be: half of their entries bound to
 * weekdays or dates, one to four slots a day, exceptions of one to seven days all over the ten years.
 * @param decisions of each day at most
 */
export function plannerCost(
  entries: number,
  { days = 5, decisions = 200, seed = 1 }: { days?: number; decisions?: number; seed?: number } = {},
): PlannerCost {
  const random = new Random(seed);
  const schedules = Array.from({ length: Math.ceil(entries / ENTRIES_EACH) }, (_, i) =>
    keptSchedule(random, i, Math.min(ENTRIES_EACH, entries - i * ENTRIES_EACH)),
  );
  const costs: number[] = [];
  const planning: number[] = [];
  for (let day = 0; day < days; day += 1) {
    const desk = new ScheduleDesk(NOTHING_SCHEDULED);
    for (const { slotKey, authority, schedule } of schedules) desk.set(slotKey, authority, schedule);
    let nowMs = (FIRST_DAY + random.below(YEARS * 365)) * DAY_MS + random.below(DAY_MS / 2);
    for (let i = 0; i < decisions; i += 1) {
      const startedMs = performance.now();
      const look = desk.look(nowMs, true);
      const tookMs = performance.now() - startedMs;
      costs.push(tookMs);
      if (i === 0) planning.push(tookMs);
      for (const { occurrence } of look.begin) desk.ended(occurrence.key);
      nowMs = Math.max(nowMs + 50, look.lookAgainMs);
    }
  }
  return {
    ...{ entries, exceptions: schedules.length * EXCEPTIONS_EACH, decisions: costs.length },
    medianMs: medianOf(costs),
    planningMs: medianOf(planning),
    slowestMs: Math.max(...costs),
  };
}

/** How often `cost` may grow where entries grow from `few` to `many` and cost as n log n. Pure. */
export function nLogN(few: number, many: number): number {
  return (many * Math.log2(many)) / (few * Math.log2(few));
}

function medianOf(all: readonly number[]): number {
  return [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN;
}

interface GivenSchedule {
  readonly slotKey: string;
  readonly authority: Authority;
  readonly schedule: Schedule;
}

function keptSchedule(random: Random, index: number, count: number): GivenSchedule {
  const entries = Array.from({ length: count }, (_, i) => entryOf(random, i));
  const exceptions = Array.from({ length: EXCEPTIONS_EACH }, () => {
    const from = FIRST_DAY + random.below(YEARS * 365);
    const all = random.below(2) === 0;
    return {
      dates: { from: dateOf(from), to: dateOf(from + random.below(7)) },
      reason: 'Ngày nghỉ lễ',
      ...(all ? {} : { entries: [`e${random.below(count)}`] }),
    };
  });
  const schedule: Schedule = {
    ...{ type: 'schedule', authority: `a${index}`, slot: { area: 'a' }, revision: 1, epoch: 0 },
    issuedAt: '2026-01-01T00:00:00+07:00',
    body: { timeZone: 'Asia/Ho_Chi_Minh', entries, exceptions },
  };
  const authority: Authority = {
    ...{ id: `a${index}`, name: { vi: 'Xã', en: 'Commune' }, homeArea: 'a', level: 10, keys: [], grants: [] },
  };
  return { slotKey: `schedule/area/a/a${index}`, authority, schedule };
}

function entryOf(random: Random, i: number): ScheduleEntry {
  const from = FIRST_DAY + random.below(YEARS * 365);
  const bound = random.below(4);
  return {
    ...{ id: `e${i}`, title: `Mục ${i}`, class: 'normal', rank: 0, gainDb: 0 },
    ...(bound === 0 ? { weekdays: [1 + random.below(7)] } : {}),
    ...(bound === 1 ? { dates: { from: dateOf(from), to: dateOf(from + random.below(365)) } } : {}),
    slots: Array.from({ length: 1 + random.below(4) }, () => ({
      at: `${two(random.below(24))}:${two(random.below(60))}`,
      durationMs: 1_000 + random.below(3_600_000),
    })),
    missed: { policy: 'join', graceMs: 300_000 },
    source: { kind: 'stored', name: 'chime' },
  };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
