import t from 'tap';
import {
  KEEPALIVE_DEFAULTS,
  keepaliveDropped,
  keepaliveGrown,
  keepaliveStart,
} from '../../../agent/link/keepalive.js';
import { LearnedKeepalive } from '../../../agent/link/learned-keepalive.js';
import { memoryStore, type MemoryStore } from '../../fakes/memory-store.js';
import { handClock, keptLog, settle, type HandClock } from './support.js';

const HALF_HOUR = 1_800_000;
const DAY = 86_400_000;

t.test('it grows from 60 to 240 s and no further', async (t) => {
  const first = keepaliveStart(KEEPALIVE_DEFAULTS);
  const second = keepaliveGrown(first, 0, KEEPALIVE_DEFAULTS);
  const third = second && keepaliveGrown(second, 0, KEEPALIVE_DEFAULTS);
  t.same(
    [first, second, third].map((state) => state?.intervalS),
    [60, 120, 240],
  );
  t.equal(third && keepaliveGrown(third, 0, KEEPALIVE_DEFAULTS), undefined);
});

t.test('an interval at which the link went silent is left alone for a day', async (t) => {
  const at240 = keepaliveStart(KEEPALIVE_DEFAULTS, 240);
  const dropped = keepaliveDropped(at240, true, 1_000, KEEPALIVE_DEFAULTS);
  t.equal(dropped.intervalS, 60);
  const at120 = keepaliveGrown(dropped, 2_000, KEEPALIVE_DEFAULTS);
  t.equal(at120?.intervalS, 120);
  t.equal(at120 && keepaliveGrown(at120, 1_000 + DAY - 1, KEEPALIVE_DEFAULTS), undefined);
  t.equal(at120 && keepaliveGrown(at120, 1_000 + DAY, KEEPALIVE_DEFAULTS)?.intervalS, 240);
});

t.test('a broker that goes away by itself teaches nothing about the interval', async (t) => {
  const dropped = keepaliveDropped(keepaliveStart(KEEPALIVE_DEFAULTS, 240), false, 0, KEEPALIVE_DEFAULTS);
  const at120 = keepaliveGrown(dropped, 1, KEEPALIVE_DEFAULTS);
  t.equal(at120 && keepaliveGrown(at120, 2, KEEPALIVE_DEFAULTS)?.intervalS, 240);
});

t.test('what was learned is within the settings, whatever was kept', async (t) => {
  t.equal(keepaliveStart(KEEPALIVE_DEFAULTS, 10_000).intervalS, 240);
  t.equal(keepaliveStart(KEEPALIVE_DEFAULTS, 1).intervalS, 60);
  t.equal(keepaliveStart({ ...KEEPALIVE_DEFAULTS, longestS: 60 }, 240).intervalS, 60);
});

function rig(store: MemoryStore = memoryStore()): {
  keepalive: LearnedKeepalive;
  clock: HandClock;
  store: MemoryStore;
  pings: number[];
  up: () => void;
} {
  const clock = handClock();
  const keepalive = new LearnedKeepalive(KEEPALIVE_DEFAULTS, { clock, store, log: keptLog() });
  const pings: number[] = [];
  return {
    ...{ keepalive, clock, store, pings },
    up: () => keepalive.up({ pingEvery: (intervalS) => void pings.push(intervalS) }),
  };
}

t.test(
  'it is learned on one connection that stands, without a new one, and kept for the next run',
  async (t) => {
    const { keepalive, clock, store, pings, up } = rig();
    t.same(await keepalive.load(), { intervalS: 60, longestS: 240 });
    up();
    clock.advance(HALF_HOUR - 1);
    t.same(pings, []);
    clock.advance(1);
    clock.advance(HALF_HOUR);
    clock.advance(HALF_HOUR);
    t.same(pings, [120, 240]);
    await settle();
    t.same(await rig(store.reopened()).keepalive.load(), { intervalS: 240, longestS: 240 });
    keepalive.down({ code: 'E_LINK_LOST', detail: 'x', fields: { silent: true } });
    t.equal(keepalive.intervalS, 60);
  },
);

t.test('a stop of the receiver itself does not count as a drop, and leaves no timer', async (t) => {
  const { keepalive, clock, pings, up } = rig();
  await keepalive.load();
  up();
  clock.advance(HALF_HOUR);
  keepalive.close();
  clock.advance(HALF_HOUR);
  t.same([keepalive.intervalS, pings], [120, [120]]);
});
