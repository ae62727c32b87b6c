import t from 'tap';
import {
  largestStep,
  leavingTone,
  longestHoleMs,
  peakOf,
  quantile,
  toneShare,
  withoutTone,
} from '../../heard/transitions.js';

const RATE_HZ = 48_000;
const TONE_HZ = 480;

/** 300 ms of a tone, then another, as 16-bit samples; `gain` says how loud each is at a frame. */
function change(gain: (frame: number) => [number, number]): Float32Array {
  return Float32Array.from({ length: 28_800 }, (_, n) => {
    const [one, other] = gain(n);
    const tone = one * Math.sin((2 * Math.PI * TONE_HZ * n) / RATE_HZ);
    const next = other * Math.sin((2 * Math.PI * 1_700 * n) / RATE_HZ + 1);
    return Math.round((tone + next) * 32_768) / 32_768;
  });
}

const BEGIN = 14_400;
const RAMP = 480;
const up = (n: number): number => Math.min(1, Math.max(0, (n - BEGIN) / RAMP));
const judge = (samples: Float32Array) =>
  leavingTone({ samples, rateHz: RATE_HZ, toneHz: TONE_HZ, from: 9_600 });

t.test('a tone is taken out of a signal, another one is not', async (t) => {
  const tone = change(() => [0.25, 0]);
  t.ok(peakOf(withoutTone(tone, TONE_HZ, RATE_HZ), 2) < 1.5e-4);
  const other = change(() => [0, 0.25]);
  t.ok(peakOf(withoutTone(other, TONE_HZ, RATE_HZ), 2) > 5e-3);
  t.ok(toneShare(tone, TONE_HZ, RATE_HZ) > 0.99);
  t.ok(toneShare(other, TONE_HZ, RATE_HZ) < 0.01);
  t.equal(toneShare(new Float32Array(480), TONE_HZ, RATE_HZ), 0);
});

t.test('a ramp from one sound to another is found where it begins, without hole or click', async (t) => {
  const left = judge(change((n) => [0.25 * (1 - up(n)), 0.2 * up(n)]));
  t.ok(left !== undefined && left.frame >= BEGIN && left.frame < BEGIN + 100, `frame ${left?.frame}`);
  t.equal(left?.holeMs, 0);
  t.ok((left?.stepOfRamp ?? 9) <= 1, `step ${left?.stepOfRamp}`);
});

t.test('a hard change is a click', async (t) => {
  const cut = change((n) => (n < BEGIN + 30 ? [0.25, 0] : [0, 0.2]));
  t.ok((judge(cut)?.stepOfRamp ?? 0) > 1, `step ${judge(cut)?.stepOfRamp}`);
  // A tenth of the level lost at once.
  const dip = change((n) => (n < BEGIN + 30 ? [0.25, 0] : n < BEGIN + 40 ? [0.22, 0] : [0.25, 0]));
  t.ok((judge(dip)?.stepOfRamp ?? 0) > 1, `step ${judge(dip)?.stepOfRamp}`);
});

t.test('silence between two sounds is a hole of its length', async (t) => {
  const hole = change((n) => (n < BEGIN ? [0.25, 0] : n < BEGIN + 960 ? [0, 0] : [0, 0.2]));
  const ms = judge(hole)?.holeMs ?? 0;
  t.ok(Math.abs(ms - 20) <= 2, `${ms} ms`);
  t.equal(longestHoleMs(new Float32Array(4_800), RATE_HZ), 100);
});

t.test('a tone that goes on is not left; one that was not there is an error', async (t) => {
  t.equal(judge(change(() => [0.25, 0])), undefined);
  t.throws(() => judge(new Float32Array(28_800)), /no steady tone/);
  t.throws(() => judge(change(() => [0.25, 0.1])), /no steady tone/);
});

t.test('steps and shares are those of the figures', async (t) => {
  t.equal(largestStep(Float32Array.from([0, 0.5, 0.25, -0.5])), 0.75);
  t.equal(largestStep(Float32Array.from([0, 0.5, 0.25, -0.5]), 1, 3), 0.5);
  t.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
  t.equal(quantile([1, 2, 3, 4, 5], 0.95), 4.8);
  t.ok(Number.isNaN(quantile([], 0.5)));
});
