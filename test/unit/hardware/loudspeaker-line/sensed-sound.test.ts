import t from 'tap';
import { LevelTrack } from '../../../../hardware/loudspeaker-line/level-track.js';
import {
  isSensed,
  sensedSeconds,
  type Envelope,
} from '../../../../hardware/loudspeaker-line/sensed-sound.js';
import { mulberry } from '../../../amplifier/mulberry.js';

/** Levels of speech: syllables of some 200 ms with pauses. */
function speech(seconds: number, seed: number): number[] {
  const random = mulberry(seed);
  const levels: number[] = [];
  while (levels.length < seconds * 100) {
    const length = 8 + Math.floor(random() * 20);
    const level = random() < 0.25 ? 0 : 0.02 + 0.3 * random();
    for (let i = 0; i < length; i += 1) levels.push(level * Math.sin((Math.PI * (i + 0.5)) / length));
  }
  return levels.slice(0, seconds * 100);
}

/** What a sensor makes of them: later, at another gain, with noise. */
function sensedOf(sent: Envelope, delayMs: number, noise: number, seed: number): Envelope {
  const random = mulberry(seed);
  const before = Array.from({ length: 100 + delayMs / 10 }, () => 0);
  const levels = [...before, ...sent.levels].map((level) =>
    Math.hypot(0.2 * level, noise * (0.5 + random())),
  );
  return { fromMs: sent.fromMs - 1_000, levels };
}

const seed = Math.floor(Math.random() * 1e9);
t.comment(`seed ${seed}`);
const sent: Envelope = { fromMs: 1_000_000, levels: speech(20, seed) };

t.test('a bulletin that the sensor hears is sensed in each second, whatever delay and gain', async (t) => {
  for (const delayMs of [0, 120, 300]) {
    const seconds = sensedSeconds(sent, sensedOf(sent, delayMs, 0.002, seed + 1), 400);
    t.equal(seconds.length, 20);
    t.ok(isSensed(seconds), `${delayMs} ms: ${seconds.join(' ')}`);
  }
});

t.test('another sound, silence or a dead sensor is no evidence', async (t) => {
  const other: Envelope = { fromMs: sent.fromMs, levels: speech(20, seed + 2) };
  t.notOk(isSensed(sensedSeconds(sent, sensedOf(other, 100, 0.002, seed + 3), 400)));
  const nothing = { fromMs: sent.fromMs - 1_000, levels: Array.from({ length: 2_200 }, () => 0) };
  t.notOk(isSensed(sensedSeconds(sent, nothing, 400)));
  t.notOk(isSensed(sensedSeconds(sent, { fromMs: sent.fromMs, levels: [] }, 400)));
});

t.test('half of a bulletin that fell silent at the loudspeakers is not sensed', async (t) => {
  const { fromMs, levels } = sensedOf(sent, 100, 0.002, seed + 4);
  const cut = levels.map((level, i) => (i < levels.length / 2 ? level : 0.001));
  const seconds = sensedSeconds(sent, { fromMs, levels: cut }, 400);
  t.notOk(isSensed(seconds));
  t.ok(
    seconds.slice(0, 8).every((one) => one !== null && one > 0.5),
    seconds.join(' '),
  );
});

t.test('a steady tone shows nothing: it is neither for nor against', async (t) => {
  const steady: Envelope = { fromMs: 0, levels: Array.from({ length: 500 }, () => 0.1) };
  t.same(sensedSeconds(steady, sensedOf(steady, 0, 0.001, seed), 100), [null, null, null, null, null]);
});

t.test('levels are placed by the earliest arrival, and a late packet does not move them', async (t) => {
  const track = new LevelTrack(8_000);
  const packet = new Int16Array(800).fill(1_000);
  track.take(packet, 10_100);
  track.take(packet, 10_500);
  track.take(packet, 10_300);
  t.equal(track.envelope.fromMs, 10_000);
  t.equal(track.envelope.levels.length, 30);
  t.equal(track.envelope.levels[5], 1_000);
});
