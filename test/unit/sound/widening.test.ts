import t from 'tap';
import { Cushion, CUSHION } from '../../../agent/sound/cushion.js';
import { PcmRing } from '../../../agent/sound/pcm-ring.js';
import { SlowGain } from '../../../agent/sound/slow-gain.js';
import { Stretcher } from '../../../agent/sound/stretcher.js';
import { retryDelayMs } from '../../../agent/sound/sources/retry-delay.js';
import { sine, snrDb } from './signal.js';

t.test('a cushion grows by half when the stream runs dry, to 6 s, and shrinks slowly to 0.8 s', async (t) => {
  const cushion = new Cushion(CUSHION, 0);
  t.equal(cushion.wantedMs(0), 800);
  cushion.ranDry(1_000);
  t.equal(cushion.wantedMs(1_000), 1_200);
  for (let i = 0; i < 10; i += 1) cushion.ranDry(2_000);
  t.equal(cushion.wantedMs(2_000), 6_000);
  t.equal(cushion.wantedMs(61_999), 6_000);
  t.equal(cushion.wantedMs(62_000), 5_400);
  t.equal(cushion.wantedMs(3_600_000), 800);
});

t.test('at true speed a stretcher gives the very frames', async (t) => {
  const ring = new PcmRing(48_000);
  const sound = sine(440, 48_000, 9_600);
  ring.push(sound);
  const heard = new Float32Array(9_600);
  t.equal(new Stretcher(ring).read(heard, false), 9_600);
  t.same(heard, sound);
});

t.test('slowed it lasts 1 % longer at 1 % lower pitch, and goes back to the very frames', async (t) => {
  const ring = new PcmRing(96_000);
  const sound = sine(1_000, 48_000, 48_000);
  ring.push(sound);
  const stretcher = new Stretcher(ring);
  const slow = new Float32Array(24_000);
  for (let at = 0; at < slow.length; at += 480) stretcher.read(slow.subarray(at, at + 480), true);
  t.ok(snrDb(slow, sine(990, 48_000, 24_000)) > 60, `${snrDb(slow, sine(990, 48_000, 24_000))} dB`);
  t.equal(stretcher.length, 48_000 - 23_760);
  const rest = new Float32Array(24_240);
  t.equal(stretcher.read(rest, false), 24_240);
  t.same(rest, sound.subarray(23_760));
});

t.test('slowed with too little in hand it gives what there is, and nothing twice', async (t) => {
  const ring = new PcmRing(1_000);
  const stretcher = new Stretcher(ring);
  const sound = Float32Array.from({ length: 700 }, (_, i) => i);
  ring.push(sound);
  const block = new Float32Array(480);
  t.equal(stretcher.read(block, true), 480);
  t.ok(Math.abs((block[479] ?? 0) - 479 * 0.99) < 0.01);
  const left = stretcher.read(block, true);
  t.ok(left > 215 && left < 240, `${left} frames`);
  t.equal(block[left - 1], 699);
  t.equal(stretcher.read(block, true), 0);
});

t.test('skipping takes slowed and true frames alike', async (t) => {
  const ring = new PcmRing(2_000);
  const stretcher = new Stretcher(ring);
  ring.push(Float32Array.from({ length: 1_000 }, (_, i) => i));
  stretcher.read(new Float32Array(450), true);
  const before = stretcher.length;
  t.equal(stretcher.skip(300), 300);
  t.equal(stretcher.length, before - 300);
  t.equal(stretcher.skip(5_000), before - 300);
});

/** A sine at a level for so many seconds through a gain; the level of its last block, linear. */
function through(gain: SlowGain, level: number, seconds: number): number {
  let peak = 0;
  for (let block = 0; block < seconds * 100; block += 1) {
    const frames = sine(1_000, 48_000, 480, block * 480).map((x) => x * 2 * level);
    gain.apply(frames);
    peak = frames.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  }
  return peak;
}

t.test('a quiet stream is made louder by 6 dB at most, a loud one softer, slowly', async (t) => {
  const quiet = new SlowGain(-16);
  through(quiet, 0.01, 10);
  t.ok(quiet.gainDb > 1 && quiet.gainDb < 3, `${quiet.gainDb} dB after 10 s`);
  const heard = through(quiet, 0.01, 60);
  t.ok(Math.abs(heard / 0.01 - 2) < 0.01, `× ${heard / 0.01}`);
  const loud = new SlowGain(-16);
  through(loud, 0.8, 60);
  t.ok(loud.gainDb < -5.9 && loud.gainDb >= -6.001, `${loud.gainDb} dB`);
});

t.test(
  'a sine of 1 kHz at -16 LUFS stays as it is; silence and what is no number change nothing',
  async (t) => {
    const gain = new SlowGain(-16);
    // ITU-R BS.1770-4: a sine of 997 Hz at 0 dBFS in one channel is -3.01 LUFS.
    through(gain, 10 ** ((-16 + 3.01) / 20), 60);
    t.ok(Math.abs(gain.gainDb) < 0.1, `${gain.gainDb} dB`);
    gain.apply(new Float32Array(480).fill(NaN));
    for (let i = 0; i < 1_000; i += 1) gain.apply(new Float32Array(480));
    t.ok(Math.abs(gain.gainDb) < 0.1);
  },
);

t.test('the wait before connecting again doubles from 0.5 to 8 s, under full jitter', async (t) => {
  t.same(
    [1, 2, 3, 4, 5, 6, 100].map((failures) => retryDelayMs(failures, 1)),
    [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000],
  );
  t.equal(retryDelayMs(5, 0.25), 2_000);
  t.equal(retryDelayMs(5, 0), 50);
});
