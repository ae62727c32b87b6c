import t from 'tap';
import {
  LINK_START,
  LINK_TIMES,
  linkStep,
  type LinkEffect,
  type LinkEvent,
  type LinkState,
} from '../../../agent/link/link-state.js';
import { RETRY_DEFAULTS } from '../../../agent/link/retry.js';

const times = { ...LINK_TIMES, retry: RETRY_DEFAULTS };
const why = { code: 'E_LINK_LOST', detail: 'cut' } as const;
const ended = (attempt: number, versionRefused = false): LinkEvent => ({
  kind: 'ended',
  attempt,
  why,
  versionRefused,
});
const connected = (attempt: number): LinkEvent => ({ kind: 'connected', attempt, sessionPresent: false });

function link(settings = times): {
  do(event: LinkEvent, nowMs: number, random?: number): LinkEffect[];
  state(): LinkState;
} {
  let state = LINK_START;
  return {
    do(event, nowMs, random = 0.5) {
      const step = linkStep(state, event, { nowMs, random }, settings);
      state = step.state;
      return [...step.effects];
    },
    state: () => state,
  };
}

t.test('a start connects with MQTT 5 and is given 20 s', async (t) => {
  const one = link();
  t.same(one.do({ kind: 'start' }, 0), [
    { kind: 'connect', attempt: 1, mqttVersion: 5, broker: 0 },
    { kind: 'timer', afterMs: 20_000 },
  ]);
  t.same(one.do({ kind: 'start' }, 1), [], 'a second start does nothing');
  t.match(one.do({ kind: 'timer' }, 20_000), [
    { kind: 'abandon', attempt: 1 },
    { kind: 'down', why: { code: 'E_LINK_CONNECT' } },
    { kind: 'timer', afterMs: 500 },
  ]);
});

t.test('waits grow with failures in a row, and are short again after a stable connection', async (t) => {
  const one = link();
  one.do({ kind: 'start' }, 0);
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 9; attempt += 1) {
    const timer = one.do(ended(attempt), 0).find((effect) => effect.kind === 'timer');
    waits.push(timer?.kind === 'timer' ? timer.afterMs : -1);
    one.do({ kind: 'timer' }, 0);
  }
  t.same(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  one.do(connected(10), 1_000);
  t.match(one.do(ended(10), 2_000).at(-1), { kind: 'timer', afterMs: 60_000 }, 'one second is not stable');
  one.do({ kind: 'timer' }, 3_000);
  one.do(connected(11), 3_000);
  t.match(one.do(ended(11), 303_000).at(-1), { kind: 'timer', afterMs: 500 });
});

t.test('a broker that refuses MQTT 5 is asked with 3.1.1 at once, for a day', async (t) => {
  const one = link();
  one.do({ kind: 'start' }, 0);
  t.same(one.do(ended(1, true), 100), [
    { kind: 'abandon', attempt: 1 },
    { kind: 'connect', attempt: 2, mqttVersion: 4, broker: 0 },
    { kind: 'timer', afterMs: 20_000 },
  ]);
  t.match(one.do(connected(2), 200).at(-1), { kind: 'up', mqttVersion: 4 });
  one.do(ended(2), 1_000);
  t.match(one.do({ kind: 'timer' }, 2_000), [{ kind: 'connect', mqttVersion: 4 }], 'remembered');
  one.do(ended(3), 86_000_000);
  t.match(one.do({ kind: 'timer' }, 86_400_100), [{ kind: 'connect', mqttVersion: 5 }], 'a day later');
  t.equal(one.state().memory.attempts, 4);
});

t.test('a broker that refuses 3.1.1 too is a failure, not a circle', async (t) => {
  const one = link();
  one.do({ kind: 'start' }, 0);
  one.do(ended(1, true), 0);
  t.match(one.do(ended(2, true), 0), [{ kind: 'abandon' }, { kind: 'down' }, { kind: 'timer' }]);
});

t.test('an event of an attempt that is over changes nothing', async (t) => {
  const one = link();
  one.do({ kind: 'start' }, 0);
  one.do(ended(1), 0);
  const before = one.state();
  t.same(one.do(ended(1), 0), []);
  t.same(one.do(connected(1), 0), []);
  one.do({ kind: 'timer' }, 500);
  t.same(one.do(connected(1), 600), []);
  t.not(one.state(), before);
  t.equal(one.state().kind, 'connecting');
});

t.test('closing says farewell when up, gives up an attempt, and is final', async (t) => {
  const up = link();
  up.do({ kind: 'start' }, 0);
  up.do(connected(1), 1);
  t.match(up.do({ kind: 'close' }, 2), [
    { kind: 'stop-timer' },
    { kind: 'farewell', attempt: 1 },
    { kind: 'down' },
  ]);
  t.same(up.do({ kind: 'close' }, 3), []);
  t.same(up.do({ kind: 'timer' }, 3), []);
  t.same(up.do(ended(1), 3), []);
  t.equal(up.state().kind, 'closed');

  const connecting = link();
  connecting.do({ kind: 'start' }, 0);
  t.match(connecting.do({ kind: 'close' }, 2), [{ kind: 'stop-timer' }, { kind: 'abandon', attempt: 1 }]);

  const idle = link();
  idle.do({ kind: 'close' }, 0);
  t.same(idle.do({ kind: 'start' }, 1), [], 'no start after the end');
});

t.test(
  'with a boot spread the first attempt waits for a chance moment within it, and no later one',
  async (t) => {
    const one = link({ ...times, bootSpreadMs: 30_000 });
    t.same(one.do({ kind: 'start' }, 0, 0.9), [{ kind: 'timer', afterMs: 27_000 }]);
    t.match(one.do({ kind: 'timer' }, 27_000), [{ kind: 'connect', attempt: 1 }, { kind: 'timer' }]);
    t.match(one.do(ended(1), 27_100, 0.9).at(-1), { kind: 'timer', afterMs: 900 });
  },
);

t.test('brokers are tried in their order, and from the first again after a connection', async (t) => {
  const one = link({ ...times, brokers: 3 });
  const tried = (effects: LinkEffect[]): number[] =>
    effects.flatMap((effect) => (effect.kind === 'connect' ? [effect.broker] : []));
  const order = tried(one.do({ kind: 'start' }, 0));
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    one.do(ended(attempt), 0);
    order.push(...tried(one.do({ kind: 'timer' }, 0)));
  }
  t.same(order, [0, 1, 2, 0, 1]);
  one.do(connected(5), 1_000);
  one.do(ended(5), 2_000);
  t.same(tried(one.do({ kind: 'timer' }, 3_000)), [0]);
});

t.test(
  'a receiver whose session was taken over does not fight for it: at least a minute passes',
  async (t) => {
    for (const [random, afterMs] of [
      [0, 60_000],
      [0.5, 90_000],
      [0.999, 119_940],
    ] as const) {
      const one = link();
      one.do({ kind: 'start' }, 0);
      one.do(connected(1), 100);
      const takenOver = { code: 'E_LINK_TAKEN_OVER', detail: 'by another' } as const;
      const event: LinkEvent = { kind: 'ended', attempt: 1, why: takenOver, versionRefused: false };
      t.match(one.do(event, 400_000, random).at(-1), { kind: 'timer', afterMs });
    }
  },
);

t.test(
  'a broker that hangs up on MQTT 5 twice without a word is tried with 3.1.1, for an hour',
  async (t) => {
    const one = link({ ...times, brokers: 2 });
    const hangUp = (attempt: number): LinkEvent => ({
      kind: 'ended',
      attempt,
      why: { code: 'E_LINK_REFUSED', detail: 'closed', fields: { unanswered: true } },
      versionRefused: false,
    });
    one.do({ kind: 'start' }, 0);
    one.do(hangUp(1), 100);
    t.match(
      one.do({ kind: 'timer' }, 600),
      [{ kind: 'connect', mqttVersion: 5, broker: 0 }],
      'once is not enough',
    );
    t.match(one.do(hangUp(2), 700).at(-1), { kind: 'timer', afterMs: 1_000 }, 'and not at once');
    t.match(one.do({ kind: 'timer' }, 1_700), [{ kind: 'connect', mqttVersion: 4, broker: 0 }]);
    one.do(hangUp(3), 1_800);
    t.match(
      one.do({ kind: 'timer' }, 4_000),
      [{ kind: 'connect', mqttVersion: 5, broker: 1 }],
      'then 5 again',
    );
    one.do(hangUp(4), 5_000);
    one.do({ kind: 'timer' }, 6_000);
    one.do(hangUp(5), 7_000);
    one.do({ kind: 'timer' }, 8_000);
    t.match(one.do(connected(6), 9_000).at(-1), { kind: 'up', mqttVersion: 4 });
    one.do(ended(6), 10_000);
    t.match(one.do({ kind: 'timer' }, 11_000), [{ kind: 'connect', mqttVersion: 4 }], 'remembered');
    one.do(ended(7), 3_600_000);
    t.match(one.do({ kind: 'timer' }, 3_700_000), [{ kind: 'connect', mqttVersion: 5 }], 'an hour later');
  },
);
