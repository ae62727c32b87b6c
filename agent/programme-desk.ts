import type { AmplifierStatus } from '../hardware/types.js';
import type { Desired } from '../protocols/messages/desired.js';
import { DEFAULT_HOURS, type PermittedHours } from '../protocols/messages/desired.js';
import { LoaError, type ErrorCode } from './core/errors.js';
import type { ScheduleClock } from './programme/clock-confidence.js';
import { countryDay } from './programme/as-run.js';
import type { AsRunLog } from './programme/as-run-log.js';
import { dayNumberOf } from './programme/local-days.js';
import type { Programme } from './programme/programme.js';
import type { DayRow, DayView, Gate, PathView, WhyView } from './technician/programme-view.js';
import { clockText } from './technician/day-text.js';
import { isDate } from './technician/verbs/day-arguments.js';

const DAY_MS = 86_400_000;
const COUNTRY_MS = 7 * 3_600_000;

/** What the views of the programme are read from. */
export interface ProgrammeDesk {
  readonly programme: Pick<Programme, 'day' | 'open' | 'onAir' | 'schedules'>;
  readonly asRun: Pick<AsRunLog, 'days'>;
  readonly nowMs: number;
  /** What the province desires; undefined where it said nothing. */
  readonly desired: Desired['body'] | undefined;
  readonly gate: (of: 'normal' | 'priority') => Gate;
  readonly assigned: boolean;
  readonly sinkOk: boolean;
  /** Why the amplifier lets no bulletin through. */
  readonly amplifier?: ErrorCode | undefined;
  readonly scheduleClock: ScheduleClock;
  readonly path?: PathView;
}

/** A day of the country as `loa schedule` shows it. @throws LoaError `E_USAGE` for no date */
export function dayView(
  { programme, nowMs, desired }: Pick<ProgrammeDesk, 'programme' | 'nowMs' | 'desired'>,
  day = countryDay(nowMs),
): DayView {
  if (!isDate(day)) throw new LoaError('E_USAGE', `no date: ${day.slice(0, 40)}`);
  const fromMs = dayNumberOf(day) * DAY_MS - COUNTRY_MS;
  const hours = desired?.permittedHours ?? DEFAULT_HOURS;
  const { plan, stateOf } = programme.day(fromMs, fromMs + DAY_MS);
  const rows = [
    ...plan.occurrences.map((occurrence) => ({ occurrence, reason: undefined })),
    ...plan.resting,
  ].map(({ occurrence: { key, startMs, endMs, entry, authority }, reason }): DayRow => {
    const kept = { startMs, endMs, title: entry.title, class: entry.class, authority };
    if (reason !== undefined) return { ...kept, state: 'rest', reason };
    const state = stateOf(key);
    if (state === 'done') return { ...kept, state: 'done' };
    if (endMs <= nowMs) return { ...kept, state: 'past' };
    if (!permitted(hours[entry.class], startMs, endMs)) return { ...kept, state: 'hours' };
    return { ...kept, state: startMs <= nowMs && state === 'begun' ? 'now' : 'coming' };
  });
  return { day, nowMs, hours, rows: rows.sort((a, b) => a.startMs - b.startMs) };
}

/** What decides whether something is heard now, as `loa why` tells it. */
export async function whyView(desk: ProgrammeDesk): Promise<WhyView> {
  const { programme, nowMs, assigned, sinkOk, scheduleClock, gate } = desk;
  const today = countryDay(nowMs);
  const { rows } = dayView(desk, today);
  const onAir = programme.onAir();
  const open = programme.open();
  const by = open.find(({ playId }) => playId === onAir?.playId)?.by ?? 'command';
  const resting = rows.find(
    ({ state, startMs, endMs }) => state === 'rest' && startMs <= nowMs && nowMs < endMs,
  );
  const next =
    rows.find(({ state, startMs }) => state === 'coming' && startMs > nowMs) ??
    dayView(desk, countryDay(nowMs + DAY_MS)).rows.find(({ state }) => state === 'coming');
  const [log] = await desk.asRun.days(today, today);
  const missed = log?.entries.findLast(({ outcome }) => outcome === 'not-played');
  return {
    ...{ nowMs, assigned, sinkOk, scheduleClock },
    ...(desk.amplifier === undefined ? {} : { amplifier: desk.amplifier }),
    ...(desk.path === undefined ? {} : { path: desk.path }),
    ...(onAir === undefined ? {} : { onAir: { ...onAirOf(onAir), by } }),
    waiting: open.filter(({ playId }) => playId !== onAir?.playId).map(({ title }) => title),
    gate: { normal: gate('normal'), priority: gate('priority') },
    schedules: [...programme.schedules].length,
    ...(resting?.reason === undefined ? {} : { resting: { title: resting.title, reason: resting.reason } }),
    ...(next === undefined ? {} : { next: { title: next.title, startMs: next.startMs } }),
    ...(missed?.dueMs === undefined
      ? {}
      : { notPlayed: { title: missed.title, reason: missed.reason ?? '', dueMs: missed.dueMs } }),
  };
}

function onAirOf({
  title,
  class: airClass,
  authority,
  sinceMs,
}: NonNullable<ReturnType<Programme['onAir']>>): Omit<NonNullable<WhyView['onAir']>, 'by'> {
  return { title, class: airClass, authority, ...(sinceMs === undefined ? {} : { sinceMs }) };
}

/** May any of it be heard? */
function permitted(spans: PermittedHours['normal'], startMs: number, endMs: number): boolean {
  for (let atMs = startMs; atMs < endMs; atMs += 60_000) {
    const time = clockText(atMs);
    if (spans.some(({ from, to }) => from <= time && time < to)) return true;
  }
  return false;
}

const LINE_CODES: readonly ErrorCode[] = ['E_LINE_OPEN', 'E_LINE_SHORT'];

/** What the amplifier tells a diagnosis: a fault of the line is the line's. */
export function amplifierTold(status: AmplifierStatus | undefined): object {
  if (status === undefined) return {};
  const { phase, code, line } = status;
  const own = code === undefined || LINE_CODES.includes(code) ? undefined : code;
  const hot = own === 'E_AMPLIFIER_HOT' ? { hot: true } : own === undefined ? {} : { fault: own };
  return { line, amplifier: { state: phase, ...hot } };
}
