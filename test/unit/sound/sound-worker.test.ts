import { readdir } from 'node:fs/promises';
import t from 'tap';
import type { FromSound, PlaySpec } from '../../../agent/sound/messages.js';
import { SoundWorker } from '../../../agent/sound/sound-worker.js';
import { fakeSink, type FakeSink } from '../../fakes/fake-sink.js';
import { rawDecoder } from '../../fakes/raw-decoder.js';
import { ManualClock } from '../../support/manual-clock.js';
import { OPEN_GATE } from '../../support/open-gate.js';

interface Rig {
  readonly worker: SoundWorker;
  readonly clock: ManualClock;
  readonly sink: FakeSink;
  readonly messages: FromSound[];
  readonly endings: () => string[];
}

async function rigOf(): Promise<Rig> {
  const clock = new ManualClock();
  const sink = fakeSink(clock, 3_840);
  const messages: FromSound[] = [];
  const worker = new SoundWorker(
    {
      sink: { kind: 'null', device: 'x', bufferMs: 60, leadMs: 20 },
      media: { anchorsPem: [], plainHosts: [], stallMs: 1_000, folder: '/nowhere', quotaBytes: 1 },
      livePrerollMs: 250,
      gate: OPEN_GATE,
    },
    {
      openSink: sink.open,
      makeDecoder: rawDecoder({ framesPerByte: 1 }).make,
      clock,
      random: () => 0.5,
      tell: (message) => messages.push(message),
    },
  );
  await new Promise((resolve) => setImmediate(resolve));
  const endings = (): string[] =>
    messages.flatMap((one) => (one.kind === 'ended' ? [`${one.tally.playId} ${one.tally.outcome}`] : []));
  return { worker, clock, sink, messages, endings };
}

const specOf = (playId: string, parts: Partial<PlaySpec> = {}): PlaySpec => ({
  playId,
  chimeFirst: false,
  chain: [{ kind: 'tone', frequencyHz: 500, durationMs: 1_000, level: 0.1 }],
  gainDb: 0,
  onInterrupt: 'resume',
  ...parts,
});

function run(clock: ManualClock, ms: number): void {
  for (let at = 0; at < ms; at += 10) clock.advance(10);
}

t.test('an account is closed only when the last frame has left the sink', async (t) => {
  const { worker, clock, messages, endings } = await rigOf();
  worker.take({ kind: 'open', spec: specOf('a') });
  worker.take({ kind: 'order', playIds: ['a'] });
  run(clock, 970);
  t.same(endings(), [], 'written to its end, but 80 ms are still in the card');
  run(clock, 150);
  t.same(endings(), ['a completed']);
  const ended = messages.find((one) => one.kind === 'ended');
  t.match(ended, { tally: { framesHeard: 48_000 } });
});

t.test('an interrupted file that may not be resumed ends; a dead sink interrupts nothing', async (t) => {
  const { worker, clock, sink, endings } = await rigOf();
  worker.take({ kind: 'open', spec: specOf('low', { onInterrupt: 'drop' }) });
  worker.take({ kind: 'order', playIds: ['low'] });
  run(clock, 200);
  sink.listener(1).onDied('E_SINK_DIED', 'killed');
  run(clock, 50);
  t.same(endings(), []);
  await new Promise((resolve) => setImmediate(resolve));
  run(clock, 100);
  await new Promise((resolve) => setImmediate(resolve));
  run(clock, 200);
  worker.take({ kind: 'open', spec: specOf('top') });
  worker.take({ kind: 'order', playIds: ['top', 'low'] });
  run(clock, 300);
  t.same(endings(), ['low dropped']);
});

t.test('a player that hangs, dies and is opened again leaves pieces and no digest', async (t) => {
  const { worker, clock, sink, messages } = await rigOf();
  const chain = [{ kind: 'tone', frequencyHz: 500, durationMs: 4_000, level: 0.1 }] as const;
  worker.take({ kind: 'open', spec: specOf('a', { chain }) });
  worker.take({ kind: 'order', playIds: ['a'] });
  for (let life = 1; life <= 6; life += 1) {
    run(clock, 700);
    sink.listener(life).onDied('E_SINK_DIED', 'player takes no more sound');
    run(clock, 60);
    await new Promise((resolve) => setImmediate(resolve));
  }
  run(clock, 500);
  const ended = messages.find((one) => one.kind === 'ended');
  t.match(ended, { tally: { outcome: 'completed', evidence: 'consumed', pcmSha256: undefined } });
  t.ok(ended?.kind === 'ended' && ended.tally.framesHeard > 12_000, 'the clock alone takes it for played');
});

t.test('frames lost with a sink are taken off the account', async (t) => {
  const { worker, clock, sink, messages } = await rigOf();
  worker.take({ kind: 'open', spec: specOf('a') });
  worker.take({ kind: 'order', playIds: ['a'] });
  run(clock, 500);
  sink.listener(1).onDied('E_SINK_DIED', 'killed');
  for (let i = 0; i < 20; i += 1) {
    run(clock, 100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const ended = messages.find((one) => one.kind === 'ended');
  if (ended?.kind !== 'ended') throw new Error('no account');
  t.ok(ended.tally.framesHeard <= 48_000 - 3_000, `${ended.tally.framesHeard} of 48 000: some 80 ms died`);
  t.ok(ended.tally.framesHeard >= 48_000 - 5_000);
  t.equal(ended.tally.spans.length, 2);
});

t.test(
  'a stop fades out and is accounted as stopped; what never had the air ends with no evidence',
  async (t) => {
    const { worker, clock, messages, endings } = await rigOf();
    worker.take({ kind: 'open', spec: specOf('a') });
    worker.take({ kind: 'open', spec: specOf('b') });
    worker.take({ kind: 'order', playIds: ['a', 'b'] });
    run(clock, 200);
    worker.take({ kind: 'close', playId: 'b', outcome: 'lease-ended' });
    worker.take({ kind: 'close', playId: 'a', outcome: 'stopped' });
    worker.take({ kind: 'close', playId: 'a', outcome: 'failed' });
    run(clock, 200);
    t.same(endings(), ['b lease-ended', 'a stopped']);
    t.match(
      messages.find((one) => one.kind === 'ended'),
      { tally: { playId: 'b', evidence: 'none' } },
    );
  },
);

t.test('too many plays: the one of lowest order goes, an emergency never before it', async (t) => {
  const { worker, clock, endings } = await rigOf();
  const ids = Array.from({ length: 16 }, (_, i) => `p${i}`);
  for (const playId of ids) worker.take({ kind: 'open', spec: specOf(playId) });
  worker.take({ kind: 'order', playIds: ids });
  run(clock, 50);
  worker.take({ kind: 'open', spec: specOf('one more') });
  t.same(endings(), ['p15 dropped']);
});

t.test('the same play opened twice is one play', async (t) => {
  const { worker, clock, endings } = await rigOf();
  worker.take({ kind: 'open', spec: specOf('a') });
  worker.take({ kind: 'open', spec: specOf('a') });
  worker.take({ kind: 'order', playIds: ['a'] });
  run(clock, 1_500);
  t.same(endings(), ['a completed']);
});

t.test(
  'closing the worker accounts for everything open, and claims no frame the sink still holds',
  async (t) => {
    const { worker, clock, messages, endings } = await rigOf();
    worker.take({ kind: 'open', spec: specOf('a') });
    worker.take({ kind: 'order', playIds: ['a'] });
    run(clock, 300);
    await worker.close();
    t.same(endings(), ['a stopped']);
    const ended = messages.find((one) => one.kind === 'ended');
    t.ok(ended?.kind === 'ended' && ended.tally.framesHeard <= 300 * 48, 'not what was written ahead');
  },
);

t.test(
  'a thousand plays and interruptions leave no timer, no descriptor and no listener behind',
  async (t) => {
    const descriptors = async (): Promise<number> => (await readdir('/proc/self/fd').catch(() => [])).length;
    const { worker, clock, endings } = await rigOf();
    const interrupted = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i += 1) {
        const playId = `p${endings().length}-${i}`;
        worker.take({ kind: 'open', spec: specOf(playId, { chimeFirst: i % 3 === 0 }) });
        worker.take({ kind: 'order', playIds: [playId] });
        run(clock, 30);
        worker.take({ kind: 'close', playId, outcome: 'stopped' });
        run(clock, 120);
      }
      await new Promise((resolve) => setImmediate(resolve));
    };
    await interrupted(20);
    const before = [await descriptors(), clock.waiting, process.listenerCount('exit')];
    await interrupted(1_000);
    t.same([await descriptors(), clock.waiting, process.listenerCount('exit')], before);
    t.equal(endings().length, 1_020, 'and each has its account');
    await worker.close();
    t.equal(clock.waiting, 0, 'closed, no timer is left');
  },
);

t.test('where the sink tells of a gap, the account of who had the air says when and how long', async (t) => {
  const { worker, clock, sink, messages } = await rigOf();
  worker.take({ kind: 'open', spec: specOf('a') });
  worker.take({ kind: 'order', playIds: ['a'] });
  run(clock, 500);
  sink.listener(1).onUnderrun(40);
  const atMs = clock.nowMs();
  run(clock, 1_500);
  const ended = messages.find((one) => one.kind === 'ended');
  t.match(ended, {
    tally: {
      underruns: 1,
      gaps: [{ cause: 'underrun', fromMs: atMs - 40, durationMs: 40 }],
      sinkBufferMs: 60,
    },
  });
});
