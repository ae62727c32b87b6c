import t from 'tap';
import { mayFeed, NO_PROGRESS, progressStep, type PartLook } from '../../../agent/progress.js';
import { startOf } from '../../../agent/start-reason.js';
import { StandIn } from '../../../agent/sound/stand-in.js';
import { dayWithoutNetwork } from '../../health/day-without-network.js';

const look = (done: number, busy = true): PartLook => ({ done, busy });

t.test(
  'a part that is busy without progress stands still after so many looks; any other does not',
  async (t) => {
    let state = NO_PROGRESS;
    let stuck: string[] = [];
    const step = (sound: number, outbox: PartLook): void => {
      const found = progressStep(state, { sound: look(sound), scheduler: look(0, false), outbox }, 3);
      ({ state, stuck } = { state: found.state, stuck: found.stuck });
    };
    for (let n = 0; n < 10; n += 1) step(n, look(1, n > 3));
    t.same(stuck, ['outbox'], 'it rested first');
    t.notOk(mayFeed(stuck as never, false));
    t.ok(mayFeed(stuck as never, true), 'an emergency that sounds is not cut off');
    step(10, look(2));
    t.same(stuck, [], 'an error told is progress');
    for (let n = 0; n < 3; n += 1) step(10, look(3 + n));
    t.same(stuck, ['sound']);
  },
);

t.test('a day without a network withholds no food; a write that never ends does', async (t) => {
  const { looks, withheld, deadlockSeenS } = await dayWithoutNetwork();
  t.equal(looks, 86_400);
  t.equal(withheld, 0);
  t.ok(deadlockSeenS !== undefined && deadlockSeenS <= 300, `${deadlockSeenS}`);
});

t.test('why it was started is told by what the run before left', async (t) => {
  const before = { bootId: 'a', ended: false, resets: 2 };
  const facts = { bootId: 'a', stuck: undefined, cardReset: false };
  const reason = (one: Parameters<typeof startOf>[0], two = facts): string => startOf(one, two).reason;
  t.equal(reason(undefined), 'first');
  t.equal(reason(before), 'crash');
  t.equal(reason(before, { ...facts, stuck: 'outbox' } as never), 'watchdog');
  t.equal(reason({ ...before, ended: true }), 'restart');
  t.equal(reason(before, { ...facts, bootId: 'b' }), 'power');
  t.equal(reason({ ...before, ended: true }, { ...facts, bootId: 'b' }), 'boot');
  t.equal(reason(before, { ...facts, bootId: 'b', cardReset: true }), 'watchdog');
  t.equal(startOf(before, facts).starts.resets, 3, 'a death counts');
  t.equal(startOf({ ...before, ended: true }, facts).starts.resets, 2, 'an orderly end does not');
});

t.test(
  'the sound thread feeds in the main thread’s place only while that stands still and an emergency sounds',
  async (t) => {
    const alive = new SharedArrayBuffer(4);
    const done = { feed: 0, note: 0, unnote: 0 };
    const settings = { alive, socket: undefined, device: undefined, everyMs: 20_000, notePath: '/nowhere' };
    const standIn = new StandIn(settings, {
      feed: () => void (done.feed += 1),
      note: () => void (done.note += 1),
      unnote: () => void (done.unnote += 1),
    });
    const seconds = (count: number, airClass: 'normal' | 'emergency', rmsDb = -20, lives = false): void => {
      for (let n = 0; n < count; n += 1) {
        if (lives) Atomics.add(new Int32Array(alive), 0, 1);
        standIn.second(airClass, rmsDb);
      }
    };
    seconds(60, 'emergency', -20, true);
    t.same(done, { feed: 0, note: 0, unnote: 0 }, 'all is well');
    seconds(60, 'normal');
    t.same(done, { feed: 0, note: 1, unnote: 0 }, 'no emergency: the watchdog may strike');
    seconds(1, 'normal', -20, true);
    t.equal(done.unnote, 1, 'it moves again');
    seconds(60, 'emergency');
    t.equal(done.feed, 3, 'at the tenth second, then every twenty');
    seconds(60, 'emergency', -90);
    t.equal(done.feed, 3, 'silence is not held on air');
    seconds(4_000, 'emergency');
    t.ok(done.feed <= 46, `${done.feed}: a quarter of an hour at most`);
  },
);
