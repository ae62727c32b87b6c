import t from 'tap';
import {
  MIRROR_ALARM_AFTER,
  MIRROR_START,
  MIRROR_WAIT_LIMIT_MS,
  mirrorStep,
  type MirrorEffect,
  type MirrorEvent,
  type MirrorState,
} from '../../../agent/link/mirror-state.js';

const MINUTE_MS = 60_000;
const times = { afterMs: 5 * MINUTE_MS, everyMs: MINUTE_MS, silentMs: 45 * MINUTE_MS };
const failed = { kind: 'failed', why: { code: 'E_MIRROR_UNREACHABLE', detail: 'none' } } as const;
const answered = { kind: 'answered', news: false } as const;

/** A mirror driven by hand: events at instants, what it asked for. */
class Hand {
  nowMs = 1_000;
  random = 0.5;
  state: MirrorState = MIRROR_START;
  readonly effects: MirrorEffect[] = [];

  send(event: MirrorEvent): MirrorEffect[] {
    const moment = { nowMs: this.nowMs, random: this.random };
    const step = mirrorStep(this.state, event, moment, times);
    this.state = step.state;
    this.effects.push(...step.effects);
    return [...step.effects];
  }

  wait(ms: number): MirrorEffect[] {
    this.nowMs += ms;
    return this.send({ kind: 'timer' });
  }

  /** Ends the round under way. */
  end(outcome: Extract<MirrorEvent, { kind: 'ended' }>['outcome']): MirrorEffect[] {
    return this.send({ kind: 'ended', round: this.state.memory.rounds, outcome });
  }

  kinds(): string[] {
    return this.effects.map(({ kind }) => kind);
  }
}

function started(): Hand {
  const hand = new Hand();
  hand.send({ kind: 'start' });
  return hand;
}

/** In its first round for want of a broker. */
function asking(): Hand {
  const hand = started();
  hand.wait(times.afterMs);
  hand.wait(times.everyMs / 2);
  return hand;
}

const timerOf = (effects: readonly MirrorEffect[]): number | undefined =>
  effects.flatMap((effect) => (effect.kind === 'timer' ? [effect.afterMs] : []))[0];

t.test('without a broker for five minutes the mirror is asked, spread over one interval', async (t) => {
  const hand = started();
  t.equal(timerOf(hand.effects), times.afterMs);
  hand.nowMs += times.afterMs - 1;
  hand.send({ kind: 'link-down' });
  t.equal(hand.state.kind, 'resting', 'an attempt that fails does not begin the wait anew');
  hand.random = 0.25;
  t.equal(timerOf(hand.wait(1)), times.everyMs / 4);
  t.match(hand.state, { kind: 'waiting', reason: 'no-broker' });
  t.match(hand.wait(times.everyMs / 4), [{ kind: 'stop-timer' }, { kind: 'ask', round: 1 }]);
});

t.test('a broker that comes back ends the asking, and a round under way is broken off', async (t) => {
  const hand = asking();
  const round = hand.state.memory.rounds;
  const effects = hand.send({ kind: 'link-up' });
  t.match(effects[0], { kind: 'abort' });
  t.equal(hand.state.kind, 'resting');
  t.same(hand.send({ kind: 'ended', round, outcome: answered }), [], 'its late end changes nothing');
  hand.nowMs += MINUTE_MS;
  hand.send({ kind: 'link-down' });
  hand.wait(times.afterMs - 1);
  t.equal(hand.state.kind, 'resting', 'the five minutes begin anew');
});

t.test('a connection of less than five minutes between two outages asks nothing', async (t) => {
  const hand = started();
  for (let n = 0; n < 10; n += 1) {
    hand.wait(4 * MINUTE_MS);
    hand.send({ kind: 'link-up' });
    hand.send({ kind: 'beat' });
    hand.wait(1_000);
    hand.send({ kind: 'link-down' });
  }
  t.notOk(hand.kinds().includes('ask'));
});

t.test('rounds follow each other at half to one and a half times the interval', async (t) => {
  for (const [random, factor] of [
    [0, 0.5],
    [0.5, 1],
    [0.999_999, 1.5],
  ] as const) {
    const hand = asking();
    hand.random = random;
    t.equal(timerOf(hand.end(answered)), Math.round(times.everyMs * factor), `${random}`);
  }
});

t.test('with a broker that is away, rounds that bring nothing new do not become rarer', async (t) => {
  const hand = asking();
  for (let n = 0; n < 20; n += 1) {
    const afterMs = timerOf(hand.end(answered)) ?? 0;
    t.equal(afterMs, times.everyMs);
    hand.wait(afterMs);
  }
});

t.test('each failure doubles the wait, up to fifteen minutes; one answer forgets them', async (t) => {
  const hand = asking();
  const waits: number[] = [];
  for (let n = 0; n < 8; n += 1) {
    const afterMs = timerOf(hand.end(failed)) ?? 0;
    waits.push(afterMs / MINUTE_MS);
    hand.wait(afterMs);
  }
  t.same(waits, [1, 2, 4, 8, 15, 15, 15, 15]);
  t.equal(timerOf(hand.end(answered)), times.everyMs);
});

t.test('Retry-After is kept to, but for no longer than fifteen minutes', async (t) => {
  t.equal(timerOf(asking().end({ ...failed, retryAfterMs: 7 * MINUTE_MS })), 7 * MINUTE_MS);
  t.equal(timerOf(asking().end({ ...failed, retryAfterMs: 365 * 86_400_000 })), MIRROR_WAIT_LIMIT_MS);
});

t.test('that it cannot be reached is one alarm after three failures, cleared by one answer', async (t) => {
  const hand = asking();
  for (let n = 1; n <= MIRROR_ALARM_AFTER + 3; n += 1) {
    const effects = hand.end(failed);
    t.equal(
      effects.some(({ kind }) => kind === 'alarm'),
      n === MIRROR_ALARM_AFTER,
      `failure ${n}`,
    );
    hand.wait(timerOf(effects) ?? 0);
  }
  t.match(
    hand.end(answered).filter(({ kind }) => kind === 'cleared'),
    [{ detail: 'the mirror answers' }],
  );
});

t.test('an alarm is cleared, too, when the broker comes back', async (t) => {
  const hand = asking();
  for (let n = 0; n < MIRROR_ALARM_AFTER; n += 1) hand.wait(timerOf(hand.end(failed)) ?? 0);
  t.match(
    hand.send({ kind: 'link-up' }).filter(({ kind }) => kind === 'cleared'),
    [{ detail: 'the broker is back' }],
  );
});

t.test('that it is in use is told at the first answer, and once an hour at most', async (t) => {
  const hand = asking();
  t.match(hand.end(answered)[0], { kind: 'in-use', reason: 'no-broker' });
  const again = (): boolean => {
    hand.wait(times.everyMs);
    return hand.end(answered).some(({ kind }) => kind === 'in-use');
  };
  for (let n = 0; n < 59; n += 1) t.notOk(again());
  t.ok(again(), 'after an hour');
});

t.test(
  'a document that the broker withholds is asked of the mirror, and the asking ends when it has come',
  async (t) => {
    const hand = started();
    hand.send({ kind: 'link-up' });
    hand.send({ kind: 'withheld', documents: 1 });
    t.match(hand.state, { kind: 'waiting', reason: 'withheld' });
    t.ok(hand.wait(times.everyMs).some(({ kind }) => kind === 'ask'));
    hand.send({ kind: 'withheld', documents: 0 });
    t.equal(hand.state.kind, 'resting');
  },
);

t.test('what is withheld and is not on the mirror either is asked for ever more rarely', async (t) => {
  const hand = started();
  hand.send({ kind: 'link-up' });
  hand.send({ kind: 'withheld', documents: 1 });
  hand.wait(times.everyMs);
  const waits: number[] = [];
  for (let n = 0; n < 6; n += 1) {
    const afterMs = timerOf(hand.end(answered)) ?? 0;
    waits.push(afterMs / MINUTE_MS);
    hand.wait(afterMs);
  }
  t.same(waits, [2, 4, 8, 15, 15, 15]);
});

t.test(
  'a broker that brings no beat is not believed alone, though it ends the connection ever again',
  async (t) => {
    const hand = started();
    for (let n = 0; n < 11; n += 1) {
      hand.send({ kind: 'link-up' });
      hand.wait(4 * MINUTE_MS);
      hand.send({ kind: 'link-down' });
      hand.wait(1_000);
    }
    t.equal(hand.state.kind, 'resting', 'after 44 minutes of connection');
    hand.send({ kind: 'link-up' });
    hand.wait(MINUTE_MS);
    t.match(hand.state, { kind: 'waiting', reason: 'silent' }, 'after 45');
    hand.send({ kind: 'beat' });
    t.equal(hand.state.kind, 'resting');
  },
);

t.test('nothing happens once it is closed, and a round under way is broken off', async (t) => {
  const hand = asking();
  t.match(hand.send({ kind: 'close' }), [{ kind: 'stop-timer' }, { kind: 'abort' }]);
  for (const kind of ['timer', 'link-up', 'link-down', 'start'] as const) t.same(hand.send({ kind }), []);
});
