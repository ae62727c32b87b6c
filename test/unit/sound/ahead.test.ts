import t from 'tap';
import { LIMITER_DELAY } from '../../../agent/sound/limiter.js';
import { BLOCK_FRAMES, Mixer, type AheadBlock } from '../../../agent/sound/mixer.js';
import { Play } from '../../../agent/sound/play.js';
import type { FromSound, PlaySpec } from '../../../agent/sound/messages.js';
import { SoundWorker } from '../../../agent/sound/sound-worker.js';
import type { Source } from '../../../agent/sound/sources/source.js';
import { mulberry } from '../../amplifier/mulberry.js';
import { fakeSink, type FakeSink } from '../../fakes/fake-sink.js';
import { rawDecoder } from '../../fakes/raw-decoder.js';
import { ManualClock } from '../../support/manual-clock.js';
import { OPEN_GATE } from '../../support/open-gate.js';

const spec: PlaySpec = {
  playId: 'p',
  chimeFirst: false,
  chain: [{ kind: 'stored', name: 'siren' }],
  gainDb: 0,
  onInterrupt: 'resume',
};

/** Noise that is louder than the limiter lets through, the same each time. */
function loudNoise(): Source {
  const random = mulberry(7);
  return {
    ...{ live: false, ready: true, ended: false, failure: undefined, reconnects: 0, inHand: 1e9 },
    read(into) {
      for (let i = 0; i < into.length; i += 1) into[i] = 3 * (random() - 0.5);
      return into.length;
    },
    skip: () => undefined,
    close: () => undefined,
  };
}

function mixerOf(source: Source): Mixer {
  const mixer = new Mixer(() => true);
  const clock = new ManualClock();
  const none = (): void => undefined;
  mixer.add(new Play(spec, () => source, clock, none, none));
  mixer.order(['p']);
  return mixer;
}

t.test('what is taken back and mixed anew is what it was, sample by sample, limiter and all', async (t) => {
  const seed = Date.now() % 100_000;
  t.comment(`seed ${seed}`);
  const random = mulberry(seed);
  const straight = mixerOf(loudNoise());
  const wanted: number[] = [];
  for (let n = 0; n < 220; n += 1) wanted.push(...straight.mix(0).block);

  const mixer = mixerOf(loudNoise());
  const found = [...mixer.mix(0).block, ...mixer.mix(0).block];
  const pieces: AheadBlock[] = [];
  while (found.length < 200 * BLOCK_FRAMES) {
    const piece = mixer.mixAhead(0, 1 + Math.floor(random() * 8));
    if (piece === undefined) throw new Error('nothing to mix ahead');
    pieces.push(piece);
    found.push(...piece.mixed.block);
    for (let back = random() < 0.3 ? Math.floor(random() * 4) : 0; back > 0; back -= 1) {
      const last = pieces.pop();
      if (last === undefined) break;
      mixer.undo(last.before);
      found.length -= last.mixed.block.length;
    }
  }
  t.ok(pieces.length > 20);
  t.same(found, wanted.slice(0, found.length));
  t.ok(Math.max(...found.map(Math.abs)) < 32_767 * 0.85, 'the limiter had work to do');
});

interface Rig {
  readonly worker: SoundWorker;
  readonly clock: ManualClock;
  readonly sink: FakeSink;
  readonly messages: FromSound[];
}

async function rigOf(givesBack: boolean): Promise<Rig> {
  const clock = new ManualClock();
  const sink = fakeSink(clock, 3_360, givesBack);
  const messages: FromSound[] = [];
  const worker = new SoundWorker(
    {
      sink: { kind: 'null', device: 'x', bufferMs: 40, leadMs: 30, aheadMs: 600 },
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
  await turn();
  return { worker, clock, sink, messages };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function run({ clock }: Rig, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 10) {
    clock.advance(10);
    await turn();
  }
}

const toneOf = (playId: string, durationMs: number, parts: Partial<PlaySpec> = {}): PlaySpec => ({
  ...spec,
  playId,
  chain: [{ kind: 'tone', frequencyHz: playId === 'low' ? 300 : 1_000, durationMs, level: 0.3 }],
  ...parts,
});

function tallyOf({ messages }: Rig, playId: string): Extract<FromSound, { kind: 'ended' }>['tally'] {
  const ended = messages.find((one) => one.kind === 'ended' && one.tally.playId === playId);
  if (ended?.kind !== 'ended') throw new Error(`no account of ${playId}`);
  return ended.tally;
}

/** How many times a tone comes up through zero in some frames. */
function crossings(samples: Int16Array): number {
  let count = 0;
  for (let i = 1; i < samples.length; i += 1)
    if ((samples[i - 1] as number) < 0 && (samples[i] as number) >= 0) count += 1;
  return count;
}

t.test(
  'a sink that gives back is written seldom, and holds half a second and more of what goes on',
  async (t) => {
    const rig = await rigOf(true);
    rig.worker.take({ kind: 'open', spec: toneOf('low', 20_000) });
    rig.worker.take({ kind: 'order', playIds: ['low'] });
    await run(rig, 1_000);
    const before = rig.sink.blocks.length;
    const frames = rig.sink.frames().length;
    await run(rig, 4_000);
    t.ok(rig.sink.blocks.length - before <= 30, `${rig.sink.blocks.length - before} writes in 4 s`);
    const gained = rig.sink.frames().length - frames;
    t.ok(gained >= 3.4 * 48_000 && gained <= 4.6 * 48_000, `${gained} frames in 4 s`);
    t.ok(rig.sink.frames().length > 5.09 * 48_000);
    await rig.worker.close();
  },
);

t.test(
  'what interrupts is heard some 40 ms later all the same, by a ramp, and nothing of the first is left',
  async (t) => {
    const rig = await rigOf(true);
    rig.worker.take({ kind: 'open', spec: toneOf('low', 20_000) });
    rig.worker.take({ kind: 'order', playIds: ['low'] });
    await run(rig, 2_000);
    rig.worker.take({ kind: 'open', spec: toneOf('top', 1_000) });
    rig.worker.take({ kind: 'order', playIds: ['top', 'low'] });
    await turn();
    await run(rig, 300);
    const nowFrame = 2_000 * 48;
    const samples = rig.sink.frames();
    // 40 ms are kept, a piece is whole blocks, the limiter takes 2 ms.
    const begin = nowFrame + (40 + 10) * 48 + LIMITER_DELAY;
    t.ok(crossings(samples.subarray(begin, begin + 4_800)) >= 98, 'the tone of the new one');
    t.ok(crossings(samples.subarray(nowFrame - 4_800, nowFrame)) <= 31, 'that of the old one before');
    let step = 0;
    for (let i = nowFrame - 480; i < begin + 960; i += 1)
      step = Math.max(step, Math.abs((samples[i + 1] as number) - (samples[i] as number)));
    t.ok(step <= 32_767 * 0.3 * 2 * Math.sin((Math.PI * 1_000) / 48_000) * 1.3, `no click: ${step}`);
    await rig.worker.close();
  },
);

t.test(
  'an interrupted file loses and repeats nothing: its account is the same as without taking back',
  async (t) => {
    const tallies = [];
    for (const givesBack of [false, true]) {
      const rig = await rigOf(givesBack);
      rig.worker.take({ kind: 'open', spec: toneOf('low', 3_000) });
      rig.worker.take({ kind: 'order', playIds: ['low'] });
      for (let n = 0; n < 3; n += 1) {
        await run(rig, 570);
        rig.worker.take({ kind: 'open', spec: toneOf(`top-${n}`, 200) });
        rig.worker.take({ kind: 'order', playIds: [`top-${n}`, 'low'] });
        await run(rig, 400);
      }
      await run(rig, 3_000);
      const low = tallyOf(rig, 'low');
      t.equal(low.outcome, 'completed');
      t.equal(low.spans.length, 4);
      tallies.push(low.framesHeard + tallyOf(rig, 'top-0').framesHeard);
      t.equal(tallyOf(rig, 'top-0').framesHeard, 200 * 48);
      t.equal(rig.sink.takenBack.length > 0, givesBack);
      await rig.worker.close();
    }
    // The first to be faded out is read for a block while the next is on air already: once for each interruption, at the most.
    const [without = 0, withIt = 0] = tallies;
    t.ok(Math.abs(without - withIt) <= 3 * BLOCK_FRAMES, `${without} and ${withIt} frames`);
  },
);

t.test('what a dying sink held unheard is played by the next one, and counted once', async (t) => {
  const rig = await rigOf(true);
  rig.worker.take({ kind: 'open', spec: toneOf('low', 3_000) });
  rig.worker.take({ kind: 'order', playIds: ['low'] });
  await run(rig, 1_000);
  rig.sink.listener(1).onDied('E_SINK_DIED', 'killed');
  await run(rig, 4_000);
  const { framesHeard, outcome } = tallyOf(rig, 'low');
  t.equal(outcome, 'completed');
  // Of the block that it died in the rest is lost.
  t.ok(framesHeard > 3_000 * 48 - 480 && framesHeard <= 3_000 * 48, `${framesHeard} frames`);
  await rig.worker.close();
});

t.test('a play that is stopped is silent some 50 ms later, whatever the card held', async (t) => {
  const rig = await rigOf(true);
  rig.worker.take({ kind: 'open', spec: toneOf('low', 20_000) });
  rig.worker.take({ kind: 'order', playIds: ['low'] });
  await run(rig, 2_000);
  rig.worker.take({ kind: 'close', playId: 'low', outcome: 'stopped' });
  await run(rig, 700);
  const { framesHeard } = tallyOf(rig, 'low');
  t.ok(framesHeard <= (2_000 + 60) * 48, `${framesHeard / 48} ms`);
  t.ok(
    rig.sink
      .frames()
      .subarray(2_065 * 48)
      .every((sample) => sample === 0),
  );
  await rig.worker.close();
});
