import t from 'tap';
import { Mixer } from '../../../agent/sound/mixer.js';
import { Writer } from '../../../agent/sound/writer.js';
import { fakeSink, type FakeSink } from '../../fakes/fake-sink.js';
import { ManualClock } from '../../support/manual-clock.js';

interface Rig {
  readonly clock: ManualClock;
  readonly sink: FakeSink;
  readonly writer: Writer;
  readonly told: string[];
  readonly lost: number[];
  /** First frames of the blocks counted, and when each is heard. */
  readonly blocks: { frame: number; atMs: number }[];
  readonly gaps: number[];
  passes: number;
}

async function rigOf(options: { aheadFrames?: number; refuse?: boolean } = {}): Promise<Rig> {
  const clock = new ManualClock();
  const sink = fakeSink(clock, options.aheadFrames);
  sink.refuse(options.refuse ?? false);
  const rig = {
    told: [] as string[],
    lost: [] as number[],
    blocks: [] as Rig['blocks'],
    gaps: [] as number[],
  };
  const settings = { kind: 'null', device: 'x', bufferMs: 60, leadMs: 20 } as const;
  const whole: Rig = {
    ...rig,
    clock,
    sink,
    passes: 0,
    writer: new Writer(sink.open, settings, new Mixer(() => true), clock, {
      onSink: (state) => rig.told.push(state.ok ? 'open' : state.code),
      onUnderrun: (gapMs) => rig.gaps.push(gapMs),
      onBlock: (_, frame, atMs) => rig.blocks.push({ frame, atMs }),
      onLost: (fromFrame) => rig.lost.push(fromFrame),
      onPass: () => {
        whole.passes += 1;
      },
    }),
  };
  whole.writer.start();
  await settled();
  return whole;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Time goes on in small steps, as it does. */
async function run(clock: ManualClock, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 5) {
    clock.advance(5);
    await Promise.resolve();
  }
  await settled();
}

t.test('a second of time is a second of sound, silence included, never ahead of the clock', async (t) => {
  const { clock, sink } = await rigOf();
  for (let ms = 0; ms < 1_000; ms += 5) {
    clock.advance(5);
    const ahead = sink.blocks.length * 10 - (ms + 5);
    if (ahead > 0) t.fail(`${ahead} ms ahead`);
    if (ahead < -30) t.fail(`${-ahead} ms behind`);
  }
  t.ok(sink.blocks.length >= 98 && sink.blocks.length <= 100, `${sink.blocks.length} blocks`);
});

t.test(
  'what the sink wants ahead is written ahead, and each block’s instant is when it is heard',
  async (t) => {
    const { clock, sink, blocks } = await rigOf({ aheadFrames: 3_840 });
    const startMs = clock.nowMs();
    await run(clock, 100);
    t.ok(sink.blocks.length >= 17 && sink.blocks.length <= 18, `${sink.blocks.length} blocks for 180 ms`);
    t.same(
      blocks.map(({ atMs }) => Math.round(atMs - startMs)),
      blocks.map((_, i) => i * 10),
    );
  },
);

t.test('after being held up it catches up, at most a second of sound at a time', async (t) => {
  const { clock, sink } = await rigOf();
  await run(clock, 50);
  const before = sink.blocks.length;
  // Between two ticks the clock has gone on by 5 s: what a thread sees that was not scheduled.
  const monotonicMs = clock.monotonicMs.bind(clock);
  clock.monotonicMs = () => monotonicMs() + 5_000;
  clock.advance(10);
  t.equal(sink.blocks.length - before, 100);
  await run(clock, 100);
  t.ok(sink.blocks.length - before > 480, 'and the rest in the next turns');
});

t.test('frames that a dead sink still held are lost, and numbers go on in the next one', async (t) => {
  const { clock, sink, lost, blocks, told, writer } = await rigOf({ aheadFrames: 4_800 });
  await run(clock, 200);
  const written = sink.blocks.length * 480;
  const heard = writer.heardFrame();
  t.ok(heard >= 9_500 && heard <= 9_700, `${heard} heard after 200 ms`);
  sink.listener(1).onDied('E_SINK_DIED', 'killed');
  t.same(lost, [heard]);
  await run(clock, 300);
  t.same(told, ['open', 'E_SINK_DIED', 'open']);
  t.equal(blocks[written / 480]?.frame, written, 'no number is used twice');
  t.equal(blocks.length, sink.blocks.length);
});

t.test('the block that a sink dies of is not counted as written', async (t) => {
  const { clock, sink, blocks } = await rigOf();
  await run(clock, 100);
  sink.dieAtWrite();
  await run(clock, 40);
  t.equal(sink.opened(), 1, 'not open again yet');
  t.equal(blocks.length, sink.blocks.length);
});

t.test('a sink that does not open is tried again, later and later but within 0.4 s, for ever', async (t) => {
  const { clock, sink, told } = await rigOf({ refuse: true });
  const at: number[] = [];
  for (let ms = 0; ms < 12_000; ms += 10) {
    const before = sink.opened();
    await run(clock, 10);
    if (sink.opened() > before) at.push(ms + 10);
  }
  const gaps = at.slice(1).map((ms, i) => ms - (at[i] ?? 0));
  t.ok(
    gaps.every((gap, i) => gap >= (gaps[i - 1] ?? 0) - 20),
    gaps.join(),
  );
  t.ok((gaps.at(-1) ?? 0) <= 410 && (gaps.at(-1) ?? 0) >= 390);
  sink.refuse(false);
  await run(clock, 2_100);
  t.equal(told.at(-1), 'open');
});

t.test('without a sink time passes for the plays', async (t) => {
  const rig = await rigOf({ refuse: true });
  await run(rig.clock, 100);
  t.ok(rig.passes >= 4);
  t.same(rig.blocks, []);
});

t.test('an underrun shifts what is heard later by its gap', async (t) => {
  const { clock, sink, writer, blocks, gaps } = await rigOf({ aheadFrames: 4_800 });
  await run(clock, 200);
  const before = writer.heardFrame();
  sink.listener(1).onUnderrun(50);
  t.equal(before - writer.heardFrame(), 50 * 48);
  t.same(gaps, [50]);
  await run(clock, 100);
  const [last, first] = [blocks.at(-1), blocks[0]];
  t.equal(Math.round((last?.atMs ?? 0) - (first?.atMs ?? 0) - (last?.frame ?? 0) / 48), 50);
});

t.test('an underrun of a nonsensical length does not silence the writer', async (t) => {
  const { clock, sink } = await rigOf({ aheadFrames: 4_800 });
  await run(clock, 200);
  sink.listener(1).onUnderrun(1_687_342_123);
  const before = sink.blocks.length;
  await run(clock, 3_000);
  t.ok(sink.blocks.length - before > 150, `${sink.blocks.length - before} blocks in 3 s`);
});

t.test('what a dead sink says afterwards changes nothing', async (t) => {
  const { clock, sink, writer, gaps, told } = await rigOf();
  await run(clock, 100);
  sink.listener(1).onDied('E_SINK_DIED', 'killed');
  await run(clock, 300);
  const heard = writer.heardFrame();
  sink.listener(1).onUnderrun(1_000);
  sink.listener(1).onDied('E_SINK_DIED', 'again');
  t.equal(writer.heardFrame(), heard);
  t.same(gaps, []);
  t.same(told, ['open', 'E_SINK_DIED', 'open']);
});

t.test('closed, it writes nothing, opens nothing and leaves no timer', async (t) => {
  const open = await rigOf();
  await open.writer.close();
  t.ok(open.sink.closed());
  const waiting = await rigOf({ refuse: true });
  await waiting.writer.close();
  for (const { clock, sink } of [open, waiting]) {
    const before = [sink.blocks.length, sink.opened()];
    await run(clock, 5_000);
    t.same([sink.blocks.length, sink.opened()], before);
  }
});

t.test('braced, the card is given 60 ms more at once, and nothing again until that is used up', async (t) => {
  const { clock, writer, blocks } = await rigOf({ aheadFrames: 80 * 48 });
  await run(clock, 100);
  const before = blocks.length;
  await writer.brace();
  t.equal(blocks.length, before + 6);
  await run(clock, 60);
  t.equal(blocks.length, before + 6);
  await run(clock, 40);
  t.ok(blocks.length > before + 6);
  t.same(
    blocks.map(({ frame }) => frame),
    blocks.map((_, i) => i * 480),
    'no frame twice and none left out',
  );
  await writer.close();
});

t.test('braced without a sink, or closed, it does nothing', async (t) => {
  const { writer, blocks } = await rigOf({ refuse: true });
  await writer.brace();
  await writer.close();
  await writer.brace();
  t.same(blocks, []);
});
