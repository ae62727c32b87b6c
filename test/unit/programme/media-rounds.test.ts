import t from 'tap';
import type { CacheView } from '../../../agent/programme/media-keeper.js';
import { MediaRounds } from '../../../agent/programme/media-rounds.js';
import { KeptLog } from '../../support/kept-log.js';
import { ManualClock } from '../../support/manual-clock.js';

const NOTHING: CacheView = {
  ...{ wanted: [], files: 0, bytes: 0 },
  ...{ quotaBytes: 1, budgetBytes: 1, fetchedTodayBytes: 0 },
};

/** Rounds of a keeper whose next file is due after `dueMs` of each round; the seconds at which it was called. */
function rigOf(dueMs: number): {
  readonly rounds: MediaRounds;
  readonly calls: number[];
  readonly pass: (s: number) => Promise<void>;
} {
  const clock = new ManualClock();
  const startMs = clock.monotonicMs();
  const calls: number[] = [];
  const keeper = {
    view: NOTHING,
    dueInMs: () => dueMs,
    async round() {
      calls.push((clock.monotonicMs() - startMs) / 1000);
      return NOTHING;
    },
  };
  const rounds = new MediaRounds(keeper, clock, () => clock.nowMs(), new KeptLog());
  const pass = async (seconds: number): Promise<void> => {
    for (let n = 0; n < seconds; n += 1) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { rounds, calls, pass };
}

t.test('with nothing due it is looked every five minutes, and soon after a change', async (t) => {
  const { rounds, calls, pass } = rigOf(Infinity);
  rounds.soon();
  await pass(310);
  t.same(calls, [5, 305]);
  rounds.soon();
  await pass(6);
  t.same(calls, [5, 305, 315]);
  await rounds.close();
  await pass(400);
  t.equal(calls.length, 3, 'and never once closed');
});

t.test('a file that waits for its turn in the crowd is asked for at its turn', async (t) => {
  const { rounds, calls, pass } = rigOf(20_000);
  rounds.soon();
  await pass(50);
  t.same(calls, [5, 25, 45]);
  await rounds.close();
});
