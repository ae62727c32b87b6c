import t from 'tap';
import { HeartbeatWatch } from '../../../agent/sound/heartbeat-watch.js';
import { ManualClock } from '../../support/manual-clock.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function rigOf(): Promise<{
  clock: ManualClock;
  watch: HeartbeatWatch;
  hangs: () => number;
  pass: (ms: number) => Promise<void>;
}> {
  const clock = new ManualClock();
  let hangs = 0;
  const watch = new HeartbeatWatch(clock, () => (hangs += 1));
  await turn();
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 500) {
      clock.advance(500);
      await turn();
    }
  };
  return { clock, watch, hangs: () => hangs, pass };
}

t.test('a thread that gives no sign of life for 4 s hangs, and that is told once', async (t) => {
  const { watch, hangs, pass } = await rigOf();
  for (let i = 0; i < 10; i += 1) {
    watch.alive();
    await pass(1_000);
  }
  t.equal(hangs(), 0);
  await pass(2_500);
  t.equal(hangs(), 0);
  await pass(1_500);
  t.equal(hangs(), 1);
  await pass(60_000);
  t.equal(hangs(), 1);
});

t.test('loading may take half a minute', async (t) => {
  const { hangs, pass } = await rigOf();
  await pass(29_000);
  t.equal(hangs(), 0);
  await pass(1_500);
  t.equal(hangs(), 1);
});

t.test('while this thread stands still nothing is held against the other', async (t) => {
  const { clock, watch, hangs } = await rigOf();
  watch.alive();
  clock.advance(60_000);
  await turn();
  t.equal(hangs(), 0, 'a minute that passed at once is one look');
});

t.test('closed, it tells nothing more', async (t) => {
  const { watch, hangs, pass } = await rigOf();
  watch.alive();
  watch.close();
  await pass(60_000);
  t.equal(hangs(), 0);
});
