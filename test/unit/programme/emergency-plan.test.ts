import t from 'tap';
import {
  emergencyKey,
  planEmergencies,
  type KeyedEmergency,
} from '../../../agent/programme/emergency-plan.js';
import type { Emergency } from '../../../protocols/messages/emergency.js';
import { at, emergencySetWith, nowMs } from '../../fixtures/trust/messages.js';

const base = emergencySetWith().body.emergencies[0] as Emergency;
const keyed = (key: string, parts: Partial<Emergency> = {}): KeyedEmergency => ({
  key,
  emergency: { ...base, startsAt: at(0), endsAt: at(600), repeatEveryMs: 60_000, ...parts },
});
const a = keyed('a');

t.test('it is due when it begins, not before', async (t) => {
  const before = planEmergencies([a], {}, nowMs - 1);
  t.same(before, { due: [], inForce: [], lookAgainMs: nowMs });
  const plan = planEmergencies([a], {}, nowMs);
  t.same([plan.due, plan.inForce], [['a'], ['a']]);
});

t.test('it is due once in each interval, until it ends', async (t) => {
  const memory: Record<string, number> = {};
  const sounded: number[] = [];
  let lookMs: number | undefined = nowMs;
  while (lookMs !== undefined) {
    const plan = planEmergencies([a], memory, lookMs);
    for (const key of plan.due) {
      memory[key] = lookMs;
      sounded.push((lookMs - nowMs) / 1000);
    }
    if (plan.lookAgainMs !== undefined && plan.lookAgainMs <= lookMs)
      throw new Error('looks at the same instant');
    lookMs = plan.lookAgainMs;
  }
  t.same(sounded, [0, 60, 120, 180, 240, 300, 360, 420, 480, 540]);
});

t.test('it has ended at its end, and there is nothing more to look for', async (t) => {
  t.same(planEmergencies([a], {}, nowMs + 600_000), { due: [], inForce: [], lookAgainMs: undefined });
});

t.test('without memory a repeat is preferred to a miss', async (t) => {
  t.same(planEmergencies([a], {}, nowMs + 30_000).due, ['a']);
});

t.test('after the clock stepped back, what sounded in its future sounds again', async (t) => {
  t.same(planEmergencies([a], { a: nowMs + 500_000 }, nowMs + 10_000).due, ['a']);
});

t.test('a test and an exercise are never due nor in force', async (t) => {
  for (const status of ['test', 'exercise'] as const) {
    t.same(planEmergencies([keyed('a', { status })], {}, nowMs), {
      due: [],
      inForce: [],
      lookAgainMs: undefined,
    });
  }
});

t.test('of several it looks again at the nearest of their instants', async (t) => {
  const plan = planEmergencies(
    [a, keyed('b', { startsAt: at(45) }), keyed('c', { endsAt: at(50) })],
    { a: nowMs - 10_000, c: nowMs - 1 },
    nowMs,
  );
  t.same(plan, { due: [], inForce: ['a', 'c'], lookAgainMs: nowMs + 45_000 });
});

t.test('the same id of two authorities is two emergencies', async (t) => {
  t.not(emergencyKey('province', base.id), emergencyKey('xa-001', base.id));
});
