import t from 'tap';
import { BLOCK_FRAMES, Mixer } from '../../../agent/sound/mixer.js';
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
  const mixer = new Mixer();
  plays.forEach((play) => mixer.add(play));
  mixer.order(plays.map(({ spec }) => spec.playId));
  return mixer;
}

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
  t.equal(mixer.mix(0).onAir?.play.spec.playId, 'low');
  late.ready = true;
  t.equal(mixer.mix(0).onAir?.play.spec.playId, 'high');
});

t.test('one that has begun keeps the air though its stream has run dry', async (t) => {
  const stream = new SteadySource({ live: true });
  const mixer = mixerOf(playOf('high', stream), playOf('low', new SteadySource()));
  mixer.mix(0);
  stream.ready = false;
  const { onAir } = mixer.mix(0);
  t.equal(onAir?.play.spec.playId, 'high');
});

t.test('what is not in the order is never heard', async (t) => {
  const mixer = mixerOf(playOf('a', new SteadySource()));
  mixer.order([]);
  t.equal(mixer.mix(0).rms, 0);
});

t.test('a change of the air is one ramp down and one up: the sum is steady and nothing clicks', async (t) => {
  const mixer = mixerOf(playOf('a', new SteadySource()), playOf('b', new SteadySource()));
  mixer.order(['a', 'b']);
  const up = mixer.mix(0);
  const steady = mixer.mix(0);
  mixer.order(['b', 'a']);
  const change = mixer.mix(0);
  const after = mixer.mix(0);
  const samples = [up, steady, change, after].flatMap(({ block }) => [...block]);
  t.ok(largestStep(samples) / 32_767 <= 0.5 / BLOCK_FRAMES + 2e-4, 'no step is larger than the ramp’s');
  for (const sample of change.block) {
    if (Math.abs(levelOf(sample) - 0.5) > 1e-3) t.fail(`in the change: ${levelOf(sample)}`);
  }
  t.equal(change.onAir?.play.spec.playId, 'b');
});

t.test('a play that closes fades out over one block and then is silent', async (t) => {
  const play = playOf('a', new SteadySource());
  const mixer = mixerOf(play);
  mixer.mix(0);
  play.closing = 'stopped';
  const fade = mixer.mix(0);
  t.equal(fade.onAir, undefined);
  t.ok(levelOf(fade.block[0]) > 0.49 && Math.abs(levelOf(fade.block.at(-1))) < 0.002);
  t.equal(play.currentGain, 0);
  t.equal(mixer.mix(0).rms, 0);
});

t.test('a play with startAt is heard from the block nearest to it, not before', async (t) => {
  const mixer = mixerOf(playOf('a', new SteadySource(), { startAtMs: 1_000 }));
  t.equal(mixer.mix(990).onAir, undefined);
  t.ok(mixer.mix(996).onAir);
});

t.test('the gain asked for is the gain heard', async (t) => {
  const mixer = mixerOf(playOf('a', new SteadySource(), { gainDb: -20 }));
  mixer.mix(0);
  t.ok(Math.abs(levelOf(mixer.mix(0).block[7]) - 0.05) < 1e-3);
});

t.test('nothing leaves louder than −1 dBFS, and what is no number is silence', async (t) => {
  for (const [level, wanted] of [
    [3, 0.891],
    [-3, -0.891],
    [Infinity, 0.891],
    [NaN, 0],
  ] as const) {
    const mixer = mixerOf(playOf('a', new SteadySource({ level })));
    mixer.mix(0);
    const { block, rms } = mixer.mix(0);
    t.ok(Math.abs(levelOf(block[100]) - wanted) < 1e-3, `${level}`);
    t.ok(Number.isFinite(rms), 'and the level is a number');
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
