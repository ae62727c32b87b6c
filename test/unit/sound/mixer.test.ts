import t from 'tap';
import { LIMITER_DELAY } from '../../../agent/sound/limiter.js';
import { BLOCK_FRAMES, Mixer, MIXER_DELAY_MS, type MixedBlock } from '../../../agent/sound/mixer.js';
import { Play } from '../../../agent/sound/play.js';
import type { PlaySpec } from '../../../agent/sound/messages.js';
import { SteadySource } from '../../fakes/steady-source.js';
import { ManualClock } from '../../support/manual-clock.js';

function playOf(playId: string, source: SteadySource, parts: Partial<PlaySpec> = {}): Play {
  const spec: PlaySpec = {
    playId,
    chimeFirst: false,
    chain: [{ kind: 'stored', name: 'siren' }],
    gainDb: 0,
    onInterrupt: 'resume',
    ...parts,
  };
  return new Play(
    spec,
    () => source,
    new ManualClock(),
    () => undefined,
    () => undefined,
  );
}

function mixerOf(...plays: Play[]): Mixer {
  const mixer = new Mixer(() => true);
  plays.forEach((play) => mixer.add(play));
  mixer.order(plays.map(({ spec }) => spec.playId));
  return mixer;
}

/** What was mixed, in the time of the plays: without the limiter's delay. */
const soundOf = (blocks: readonly MixedBlock[]): number[] =>
  blocks.flatMap(({ block }) => [...block]).slice(LIMITER_DELAY);
const levelOf = (sample: number | undefined): number => (sample ?? 9e9) / 32_767;
const largestStep = (samples: readonly number[]): number =>
  samples.reduce((most, x, i) => (i === 0 ? 0 : Math.max(most, Math.abs(x - (samples[i - 1] ?? 0)))), 0);

t.test('with nobody to be heard the block is silence and nobody has the air', async (t) => {
  const { block, onAir, rms } = mixerOf().mix(0);
  t.same(
    [...block],
    Array.from({ length: BLOCK_FRAMES }, () => 0),
  );
  t.equal(onAir, undefined);
  t.equal(rms, 0);
});

t.test('the first of the order that has sound gets the air', async (t) => {
  const late = new SteadySource({ ready: false });
  const mixer = mixerOf(playOf('high', late), playOf('low', new SteadySource()));
  t.equal(mixer.mix(0).onAir?.spec.playId, 'low');
  late.ready = true;
  t.equal(mixer.mix(0).onAir?.spec.playId, 'high');
});

t.test('one that has begun keeps the air though its stream has run dry', async (t) => {
  const stream = new SteadySource({ live: true });
  const mixer = mixerOf(playOf('high', stream), playOf('low', new SteadySource()));
  mixer.mix(0);
  stream.ready = false;
  const { onAir } = mixer.mix(0);
  t.equal(onAir?.spec.playId, 'high');
});

t.test('what is not in the order is never heard', async (t) => {
  const mixer = mixerOf(playOf('a', new SteadySource()));
  mixer.order([]);
  t.equal(mixer.mix(0).rms, 0);
});

t.test('a change of the air is one ramp down and one up: the sum is steady and nothing clicks', async (t) => {
  const mixer = mixerOf(playOf('a', new SteadySource()), playOf('b', new SteadySource()));
  mixer.order(['a', 'b']);
  const blocks = [mixer.mix(0), mixer.mix(0)];
  mixer.order(['b', 'a']);
  const change = mixer.mix(0);
  blocks.push(change, mixer.mix(0));
  const samples = soundOf(blocks);
  t.ok(largestStep(samples) / 32_767 <= 0.5 / BLOCK_FRAMES + 2e-4, 'no step is larger than the ramp’s');
  for (const sample of samples.slice(BLOCK_FRAMES)) {
    if (Math.abs(levelOf(sample) - 0.5) > 1e-3) t.fail(`in the change: ${levelOf(sample)}`);
  }
  t.equal(change.onAir?.spec.playId, 'b');
});

t.test('a play that closes fades out over one block and then is silent', async (t) => {
  const play = playOf('a', new SteadySource());
  const mixer = mixerOf(play);
  mixer.mix(0);
  play.closing = 'stopped';
  const fade = mixer.mix(0);
  t.equal(fade.onAir, undefined);
  const after = mixer.mix(0);
  const samples = soundOf([fade, after]);
  t.ok(levelOf(samples[0]) > 0.49 && Math.abs(levelOf(samples[BLOCK_FRAMES - 1])) < 0.002);
  t.equal(play.currentGain, 0);
  t.same(after.heard, [], 'and nobody is said to be heard in it');
  t.equal(mixer.mix(0).rms, 0);
});

t.test('a play with startAt gives its first sample at that very frame', async (t) => {
  const mixer = mixerOf(playOf('a', new SteadySource(), { startAtMs: 1_005 }));
  t.equal(mixer.mix(990 - MIXER_DELAY_MS).onAir, undefined);
  const blocks = [mixer.mix(1_000 - MIXER_DELAY_MS), mixer.mix(1_010 - MIXER_DELAY_MS)];
  const samples = soundOf(blocks);
  // The ramp begins there: its first steps are small.
  t.equal(
    samples.findIndex((sample) => sample !== 0) - 240,
    0,
    '5 ms into the block that begins at 1 000 ms',
  );
  const first = blocks[0]?.heard[0];
  t.same([first?.fromFrame, first?.toFrame], [240 + LIMITER_DELAY, BLOCK_FRAMES]);
});

t.test(
  'who is heard is told by the frame: what the limiter holds belongs to whom it came from',
  async (t) => {
    const mixer = mixerOf(playOf('a', new SteadySource()), playOf('b', new SteadySource()));
    mixer.mix(0);
    mixer.order(['b']);
    const told = mixer
      .mix(0)
      .heard.map(({ play, fromFrame, toFrame }) => [...[play.spec.playId, fromFrame, toFrame]]);
    t.same(told, [
      ['a', 0, LIMITER_DELAY],
      ['b', LIMITER_DELAY, BLOCK_FRAMES],
    ]);
  },
);

t.test('the gain asked for is the gain heard', async (t) => {
  const mixer = mixerOf(playOf('a', new SteadySource(), { gainDb: -20 }));
  mixer.mix(0);
  t.ok(Math.abs(levelOf(mixer.mix(0).block[7 + LIMITER_DELAY]) - 0.05) < 1e-3);
});

t.test('nothing leaves louder than −1.5 dBTP, and what is no number is silence', async (t) => {
  for (const [level, wanted] of [
    [3, 0.83],
    [-3, -0.83],
    [Infinity, 0],
    [NaN, 0],
  ] as const) {
    const mixer = mixerOf(playOf('a', new SteadySource({ level })));
    for (let i = 0; i < 4; i += 1) mixer.mix(0);
    const last = levelOf(mixer.mix(0).block.at(-1));
    t.ok(Math.abs(last - wanted) < 0.012, `${level} becomes ${last}`);
  }
});

t.test('while one has the air a live stream goes on unheard and a file waits', async (t) => {
  const live = new SteadySource({ live: true });
  const file = new SteadySource();
  const mixer = mixerOf(playOf('top', new SteadySource()), playOf('live', live), playOf('file', file));
  for (let i = 0; i < 3; i += 1) mixer.mix(0);
  t.equal(live.framesSkipped, 3 * BLOCK_FRAMES);
  t.equal(file.framesSkipped, 0);
});

t.test('an interrupted file that was heard goes on unheard only where it is to rejoin', async (t) => {
  for (const [onInterrupt, skipped] of [
    ['resume', 0],
    ['rejoin', 2 * BLOCK_FRAMES],
  ] as const) {
    const file = new SteadySource();
    const mixer = mixerOf(playOf('file', file, { onInterrupt }), playOf('top', new SteadySource()));
    mixer.mix(0);
    mixer.order(['top', 'file']);
    for (let i = 0; i < 3; i += 1) mixer.mix(0);
    t.equal(file.framesSkipped, skipped, onInterrupt);
  }
});

t.test('the play that is missed least is the last of the order', async (t) => {
  const mixer = mixerOf(playOf('emergency', new SteadySource()), playOf('tone', new SteadySource()));
  t.equal(mixer.leastWanted?.spec.playId, 'tone');
  mixer.order([]);
  t.equal(mixer.leastWanted?.spec.playId, 'emergency', 'without an order the oldest');
});

t.test('a play that goes on alone is mixed in one piece, as far as its source is sure', async (t) => {
  const source = new SteadySource();
  source.inHand = 10 * BLOCK_FRAMES;
  const mixer = mixerOf(playOf('a', source));
  t.equal(mixer.mix(0, 3).block.length, BLOCK_FRAMES, 'it begins with a ramp of one block');
  t.equal(mixer.mix(10, 3).block.length, 3 * BLOCK_FRAMES);
  t.equal(mixer.mix(40, 9).block.length, 4 * BLOCK_FRAMES, 'four at most');
  source.inHand = 3 * BLOCK_FRAMES;
  t.equal(mixer.mix(80, 3).block.length, 2 * BLOCK_FRAMES, 'its last block is mixed alone');
  source.inHand = 0;
  t.equal(mixer.mix(100, 3).block.length, BLOCK_FRAMES);
  t.same(
    source.reads,
    [1, 3, 4, 2, 1].map((blocks) => blocks * BLOCK_FRAMES),
  );
});

t.test('in one piece or block by block the same is heard, by the same accounts', async (t) => {
  const soundsIn = (pieces: readonly number[]) => {
    const source = new SteadySource({ level: 0.6 });
    source.inHand = 48_000;
    const mixer = mixerOf(playOf('a', source));
    const blocks = pieces.map((most) => mixer.mix(0, most));
    const frames = blocks.flatMap(({ heard }) => heard).map(({ fromFrame, toFrame }) => toFrame - fromFrame);
    return { samples: blocks.flatMap(({ block }) => [...block]), heard: frames.reduce((a, b) => a + b, 0) };
  };
  t.same(soundsIn([1, 3, 4, 2]), soundsIn([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]));
});

t.test('while another play waits, or the one on air is to end, it is block by block', async (t) => {
  const source = new SteadySource();
  source.inHand = 48_000;
  const onAir = playOf('a', source);
  const mixer = mixerOf(onAir);
  mixer.mix(0);
  const waits = playOf('b', new SteadySource({ ready: false }));
  mixer.add(waits);
  t.equal(mixer.mix(10, 3).block.length, BLOCK_FRAMES);
  mixer.remove('b');
  t.equal(mixer.mix(20, 3).block.length, 3 * BLOCK_FRAMES);
  onAir.closing = 'stopped';
  t.equal(mixer.mix(50, 3).block.length, BLOCK_FRAMES);
});
