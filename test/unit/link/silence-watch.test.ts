import t from 'tap';
import { SilenceWatch } from '../../../agent/link/silence-watch.js';
import { ManualClock } from '../../support/manual-clock.js';

interface Watched {
  readonly clock: ManualClock;
  readonly watch: SilenceWatch;
  /** Times at which silence was told, milliseconds from the start. */
  readonly told: number[];
}

function watched(): Watched {
  const clock = new ManualClock({ monotonicMs: 0 });
  const told: number[] = [];
  return { clock, told, watch: new SilenceWatch(clock, () => told.push(clock.monotonicMs())) };
}

t.test('silence is told once, 1.5 intervals after the last that was heard', async (t) => {
  const { clock, watch, told } = watched();
  watch.pingsEvery(60);
  clock.advance(80_000);
  watch.heard();
  clock.advance(89_999);
  t.same(told, []);
  clock.advance(1);
  t.same(told, [170_000]);
  clock.advance(1_000_000);
  t.equal(told.length, 1);
  t.equal(clock.waiting, 0);
});

t.test('before pings go out, and once it is closed, it waits for nothing', async (t) => {
  const { clock, watch, told } = watched();
  clock.advance(1_000_000);
  watch.heard();
  watch.pingsEvery(60);
  watch.close();
  clock.advance(1_000_000);
  t.equal(clock.waiting, 0);
  t.same(told, []);
});

t.test('a longer interval holds from the last that was heard', async (t) => {
  const { clock, watch, told } = watched();
  watch.pingsEvery(60);
  clock.advance(30_000);
  watch.pingsEvery(120);
  clock.advance(149_999);
  t.same(told, []);
  clock.advance(1);
  t.same(told, [180_000]);
});
