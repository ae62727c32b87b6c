import t from 'tap';
import {
  RENEWAL_START,
  renewalDueMs,
  renewalStep,
  type RenewalEffect,
  type RenewalEvent,
  type RenewalState,
} from '../../../certs/renewal.js';

const DAY_MS = 86_400_000;
const life = { notBeforeMs: 0, notAfterMs: 90 * DAY_MS };
const times = { fraction: 0.5, spreadMs: 300_000 };
const why = { code: 'E_ENROL_CONNECT', detail: 'no answer' } as const;

/** Takes events in turn, each at its instant. */
function run(
  events: readonly (readonly [number, RenewalEvent])[],
  from: RenewalState = RENEWAL_START,
): { state: RenewalState; effects: readonly RenewalEffect[] } {
  let state = from;
  let effects: readonly RenewalEffect[] = [];
  for (const [nowMs, event] of events) ({ state, effects } = renewalStep(state, event, nowMs, times));
  return { state, effects };
}

const start = { kind: 'start', life, staged: false } as const;
const kinds = (effects: readonly RenewalEffect[]): string[] => effects.map(({ kind }) => kind);

t.test('a certificate is due at two thirds of its life, and up to a twentieth of it later', async (t) => {
  t.equal(renewalDueMs(life, 0), 60 * DAY_MS);
  t.equal(renewalDueMs(life, 0.5), 62.25 * DAY_MS);
  t.ok(renewalDueMs(life, 0.999999) < 64.5 * DAY_MS);
});

t.test('nothing is asked before it is due, however often the timer is re-armed', async (t) => {
  let { state } = run([[DAY_MS, start]]);
  for (let nowMs = DAY_MS; nowMs < 62 * DAY_MS; nowMs += 3_600_000) {
    const step = renewalStep(state, { kind: 'timer' }, nowMs, times);
    t.same(kinds(step.effects), ['timer']);
    state = step.state;
    if (state.kind !== 'resting') break;
  }
  t.same(kinds(renewalStep(state, { kind: 'timer' }, 62.25 * DAY_MS, times).effects), ['ask']);
});

t.test('one that is overdue at the start is spread, so that a province does not ask at once', async (t) => {
  const { effects } = run([[500 * DAY_MS, start]]);
  t.same(effects, [{ kind: 'timer', afterMs: 150_000 }]);
});

t.test('a pair that a power cut left staged is tested at once', async (t) => {
  t.same(kinds(run([[DAY_MS, { ...start, staged: true }]]).effects), ['test']);
});

t.test('asked, issued, tested, promoted, proved by the link: in that order alone', async (t) => {
  const promoted = { kind: 'promoted', life, previousUntilMs: 90 * DAY_MS } as const;
  const steps: [RenewalEvent, string[], RenewalState['kind']][] = [
    [{ kind: 'now' }, ['ask'], 'asking'],
    [{ kind: 'issued' }, ['test'], 'testing'],
    [{ kind: 'tested' }, ['promote'], 'promoting'],
    [promoted, ['timer'], 'proving'],
    [{ kind: 'link-up' }, ['timer'], 'resting'],
  ];
  let { state } = run([[DAY_MS, start]]);
  for (const [event, effects, kind] of steps) {
    for (const early of [{ kind: 'tested' }, promoted, { kind: 'fell-back', life }] as const) {
      if (early.kind !== event.kind) t.equal(renewalStep(state, early, DAY_MS, times).state, state);
    }
    const step = renewalStep(state, event, DAY_MS, times);
    t.same(kinds(step.effects), effects, event.kind);
    t.equal(step.state.kind, kind);
    state = step.state;
  }
});

t.test('failures are tried again ever later, at most every six hours, with one alarm', async (t) => {
  let { state } = run([
    [DAY_MS, start],
    [DAY_MS, { kind: 'now' }],
  ]);
  const waits: number[] = [];
  let alarms = 0;
  let nowMs = DAY_MS;
  for (let i = 0; i < 40; i += 1) {
    const failed = renewalStep(state, { kind: 'failed', why }, nowMs, times);
    alarms += kinds(failed.effects).filter((kind) => kind === 'alarm').length;
    if (failed.state.kind !== 'waiting') throw new Error(failed.state.kind);
    waits.push(failed.state.untilMs - nowMs);
    nowMs = failed.state.untilMs;
    state = renewalStep(failed.state, { kind: 'timer' }, nowMs, times).state;
    t.equal(state.kind, 'asking');
  }
  t.same(waits.slice(0, 4), [60_000, 120_000, 240_000, 480_000]);
  t.equal(Math.max(...waits), 6 * 3_600_000);
  t.equal(alarms, 1);
});

t.test('202 is waited for without counting as a failure', async (t) => {
  const { state, effects } = run([
    [DAY_MS, start],
    [DAY_MS, { kind: 'now' }],
    [DAY_MS, { kind: 'pending', retryAfterMs: 7_000 }],
  ]);
  t.match(state, { kind: 'waiting', failures: 0 });
  t.same(effects, [{ kind: 'timer', afterMs: 7_000 }]);
});

t.test('a broker that is not reached says nothing of the pair: it is kept and tested again', async (t) => {
  const { state, effects } = run([
    [DAY_MS, { ...start, staged: true }],
    [DAY_MS, { kind: 'untested', why }],
  ]);
  t.same(kinds(effects), ['timer']);
  t.same(kinds(renewalStep(state, { kind: 'timer' }, 2 * DAY_MS, times).effects), ['test']);
});

t.test('a pair that the broker refuses is dropped with an alarm', async (t) => {
  const { effects } = run([
    [DAY_MS, { ...start, staged: true }],
    [DAY_MS, { kind: 'rejected', why: { code: 'E_IDENTITY_STAGED', detail: 'alert' } }],
  ]);
  t.same(kinds(effects), ['drop', 'alarm', 'timer']);
});

t.test('a promoted pair that the link cannot use falls back, while the old one is valid', async (t) => {
  const refused = { kind: 'link-refused', why: { code: 'E_LINK_TLS', detail: 'alert' } } as const;
  const to = (previousUntilMs: number): ReturnType<typeof run> =>
    run([
      [DAY_MS, { ...start, staged: true }],
      [DAY_MS, { kind: 'tested' }],
      [DAY_MS, { kind: 'promoted', life, previousUntilMs }],
      [DAY_MS, refused],
      [DAY_MS, refused],
    ]);
  const second = to(90 * DAY_MS);
  t.same(second.effects, []);
  const third = renewalStep(second.state, refused, DAY_MS, times);
  t.same(kinds(third.effects), ['alarm', 'fall-back']);
  t.same(renewalStep(to(1).state, refused, DAY_MS, times).effects, [], 'an expired one helps nobody');
});

t.test('a clock that was set back by years does not put a waiting renewal off by years', async (t) => {
  const { state } = run([
    [900 * DAY_MS, start],
    [900 * DAY_MS, { kind: 'now' }],
    [900 * DAY_MS, { kind: 'failed', why }],
  ]);
  t.same(kinds(renewalStep(state, { kind: 'timer' }, DAY_MS, times).effects), ['ask']);
});
