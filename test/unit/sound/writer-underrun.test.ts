import t from 'tap';
import { Mixer } from '../../../agent/sound/mixer.js';
import { Writer } from '../../../agent/sound/writer.js';
import type { SinkListener } from '../../../hardware/types.js';
import { ManualClock } from '../../support/manual-clock.js';

/** A writer over a sink that only counts blocks of 10 ms, at work since 1 s. */
async function writing() {
  const clock = new ManualClock();
  let blocks = 0;
  const told: { sink?: SinkListener; underrunsMs: number[] } = { underrunsMs: [] };
  const writer = new Writer(
    async (settings, listener) => {
      told.sink = listener;
      return {
        ...{ kind: settings.kind, startedMs: clock.monotonicMs(), aheadFrames: 4_800, uncertaintyMs: 0 },
        write: () => (blocks += 1),
        close: async () => undefined,
      };
    },
    { kind: 'null', device: '', bufferMs: 60, leadMs: 40 },
    new Mixer(() => true),
    clock,
    {
      ...{ onSink: () => undefined, onBlock: () => undefined },
      ...{ onLost: () => undefined, onPass: () => undefined },
      onUnderrun: (gapMs) => told.underrunsMs.push(gapMs),
    },
  );
  writer.start();
  // The sink opens.
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(1_000);
  return { clock, told, writer, blocks: () => blocks };
}

t.test('a gap of decades that a player tells of does not stop the writing', async (t) => {
  const { clock, told, writer, blocks } = await writing();
  const before = blocks();
  told.sink?.onUnderrun(1_795_403_741_631.139);
  clock.advance(1_000);
  t.ok(blocks() - before >= 99, `${blocks() - before} blocks in the second after it`);
  t.same(told.underrunsMs, [0], 'and no gap is reported that was none');
  await writer.close();
});

t.test('a gap that can be moves what follows by just as much', async (t) => {
  const { clock, told, writer, blocks } = await writing();
  const before = blocks();
  told.sink?.onUnderrun(200);
  clock.advance(1_000);
  t.ok(Math.abs(blocks() - before - 80) <= 1, `${blocks() - before} blocks in the second after it`);
  t.same(told.underrunsMs, [200]);
  await writer.close();
});
