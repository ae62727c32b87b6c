import t from 'tap';
import { planDay, type KeptSchedule } from '../../../agent/programme/day-plan.js';
import { dateOf, dayNumberOf, weekdayOf, zoneOf, type Zone } from '../../../agent/programme/local-days.js';
import { decide, type OccurrenceMemory } from '../../../agent/programme/schedule-plan.js';
import { schedule } from '../../../protocols/messages/schedule.js';
import { commune } from './programme-rig.js';
import { scheduleOf } from './schedules.js';

const DAY_MS = 86_400_000;
const NOBODY = { onAir: new Set<string>(), sinceMs: 0 };

function kept(body: Record<string, unknown>): KeptSchedule {
  const parsed = schedule.parse(scheduleOf(body));
  return {
    slotKey: 'schedule/area/a/x',
    authority: commune,
    schedule: parsed,
    zone: zone(parsed.body.timeZone),
  };
}

function zone(name: string): Zone {
  const found = zoneOf(name);
  if (found === undefined) throw new Error(`the engine knows no zone ${name}`);
  return found;
}

function planOf(body: Record<string, unknown>, date: string, days = 1): ReturnType<typeof planDay> {
  const fromMs = Date.parse(`${date}T00:00:00+07:00`);
  return planDay([kept(body)], fromMs, fromMs + days * DAY_MS);
}

const morning = {
  id: 'sang',
  title: 'Bản tin sáng',
  slots: [{ at: '05:30', durationMs: 900_000 }],
  source: { kind: 'stored', name: 'chime' },
};

t.test('an entry is on air at its local time, every day of its dates and weekdays', async (t) => {
  const body = {
    entries: [{ ...morning, weekdays: [1, 3], dates: { from: '2026-11-23', to: '2026-12-02' } }],
  };
  const starts = planOf(body, '2026-11-20', 21).occurrences.map(({ startMs }) =>
    new Date(startMs).toISOString(),
  );
  t.same(starts, [
    '2026-11-22T22:30:00.000Z',
    '2026-11-24T22:30:00.000Z',
    '2026-11-29T22:30:00.000Z',
    '2026-12-01T22:30:00.000Z',
  ]);
});

t.test('an exception rests the entries that it names, and says why', async (t) => {
  const body = {
    entries: [morning, { ...morning, id: 'chieu', slots: [{ at: '17:00', durationMs: 60_000 }] }],
    exceptions: [{ dates: { from: '2026-11-23', to: '2026-11-23' }, entries: ['sang'], reason: 'Quốc tang' }],
  };
  const plan = planOf(body, '2026-11-23');
  t.same(
    plan.occurrences.map(({ entry }) => entry.id),
    ['chieu'],
  );
  t.same(
    plan.resting.map(({ occurrence, reason }) => [occurrence.entry.id, reason]),
    [['sang', 'Quốc tang']],
  );
});

t.test('an entry that began before midnight is in the plan of the day after until it ends', async (t) => {
  const body = { entries: [{ ...morning, slots: [{ at: '23:50', durationMs: 1_200_000 }] }] };
  t.equal(planOf(body, '2026-11-24').occurrences.length, 2);
});

t.test('a local time that a change of clocks leaves out or brings twice has one instant', async (t) => {
  const berlin = zone('Europe/Berlin');
  const iso = (date: string, hours: number): string =>
    new Date(berlin.instantAt(dayNumberOf(date), hours * 3_600_000)).toISOString();
  t.equal(iso('2026-03-28', 2.5), '2026-03-28T01:30:00.000Z');
  t.equal(iso('2026-03-29', 2.5), '2026-03-29T01:30:00.000Z', 'left out: as if clocks had not changed');
  t.equal(iso('2026-10-25', 2.5), '2026-10-25T00:30:00.000Z', 'twice: the first');
  t.equal(iso('2026-10-26', 2.5), '2026-10-26T01:30:00.000Z');
  t.equal(zoneOf('Asia/Nowhere'), undefined);
});

t.test('the country zone agrees with the tables of the engine on every day of a year', async (t) => {
  const tables = zone('Asia/Saigon');
  const fixed = zone('Asia/Ho_Chi_Minh');
  for (let day = dayNumberOf('2026-01-01'); day < dayNumberOf('2027-01-01'); day += 1) {
    if (fixed.instantAt(day, 1_800_000) !== tables.instantAt(day, 1_800_000)) t.fail(dateOf(day));
  }
  t.equal(weekdayOf(dayNumberOf('2026-11-23')), 1, 'a Monday');
  t.equal(weekdayOf(dayNumberOf('1969-12-28')), 7, 'a Sunday before 1970');
});

t.test('nothing is on air a millisecond before its start or at its end', async (t) => {
  const plan = planOf({ entries: [morning] }, '2026-11-23');
  const startMs = Date.parse('2026-11-23T05:30:00+07:00');
  t.same(decide(plan, new Map(), startMs - 1, NOBODY).due, []);
  t.equal(decide(plan, new Map(), startMs - 1, NOBODY).lookAgainMs, startMs);
  t.equal(decide(plan, new Map(), startMs, NOBODY).due.length, 1);
  t.equal(decide(plan, new Map(), startMs, NOBODY).lookAgainMs, startMs + 900_000);
  t.same(decide(plan, new Map(), startMs + 900_000, NOBODY).due, []);
});

t.test(
  'a missed start follows its policy: join where it would be, restart within the grace, or skip',
  async (t) => {
    const startMs = Date.parse('2026-11-23T05:30:00+07:00');
    const late = (policy: string, lateMs: number): unknown => {
      const plan = planOf({ entries: [{ ...morning, missed: { policy, graceMs: 60_000 } }] }, '2026-11-23');
      const { due, missed } = decide(plan, new Map(), startMs + lateMs, NOBODY);
      return due[0]?.offsetMs ?? missed[0]?.reason;
    };
    t.equal(late('join', 120_000), 120_000);
    t.equal(late('restart', 59_000), 0);
    t.equal(late('restart', 61_000), 'late');
    t.equal(late('skip', 2_000), 0, 'a wake-up takes some time');
    t.equal(late('skip', 2_001), 'late');
  },
);

t.test('what was done is never taken up again; what was cut off follows its policy', async (t) => {
  const plan = planOf({ entries: [morning] }, '2026-11-23');
  const [one] = plan.occurrences;
  const at = Number(one?.startMs) + 10_000;
  const with_ = (state: 'begun' | 'done'): OccurrenceMemory => new Map([[String(one?.key), state]]);
  t.same(decide(plan, with_('done'), at, NOBODY).due, []);
  t.equal(decide(plan, with_('begun'), at, NOBODY).due[0]?.offsetMs, 10_000);
});

t.test('what passed unseen is told as missed, once its time is over, and is not caught up on', async (t) => {
  const plan = planOf({ entries: [morning] }, '2026-11-23');
  const [one] = plan.occurrences;
  const sinceMs = Number(one?.startMs) - 1;
  const afterwards = decide(plan, new Map(), Number(one?.endMs) + 1, { ...NOBODY, sinceMs });
  t.same(afterwards.due, []);
  t.same(
    afterwards.missed.map(({ reason }) => reason),
    ['over'],
  );
});
