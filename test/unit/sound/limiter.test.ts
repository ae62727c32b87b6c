import t from 'tap';
import { CEILING_DBTP, Limiter, LIMITER_DELAY } from '../../../agent/sound/limiter.js';
import { TRUE_PEAK_TAPS, truePeakAt } from '../../../agent/sound/true-peak.js';
import { fromDb, toDb } from '../../../agent/core/units.js';
import { seeded } from './signal.js';

const BLOCK = 480;

/** All of a sound through a limiter, without its delay. */
function limited(sound: Float32Array): Float32Array {
  const limiter = new Limiter(BLOCK);
  const heard = new Float32Array(Math.ceil((sound.length + LIMITER_DELAY) / BLOCK) * BLOCK);
  heard.set(sound);
  for (let at = 0; at < heard.length; at += BLOCK) limiter.process(heard.subarray(at, at + BLOCK));
  return heard.subarray(LIMITER_DELAY, LIMITER_DELAY + sound.length);
}

/** Highest level of a sound at sixteen times its rate, by a long windowed sinc: another meter than the limiter's. */
function truePeakDb(sound: Float32Array): number {
  let peak = 0;
  const reach = 32;
  for (let at = reach; at < sound.length - reach; at += 1) {
    if (Math.max(Math.abs(sound[at] ?? 0), Math.abs(sound[at + 1] ?? 0)) < 0.5) continue;
    for (let step = 0; step < 16; step += 1) {
      let level = 0;
      for (let k = 1 - reach; k <= reach; k += 1) {
        const x = step / 16 - k;
        const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
        level += (sound[at + k] ?? 0) * sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / (reach + 1)));
      }
      peak = Math.max(peak, Math.abs(level));
    }
  }
  return toDb(peak);
}

/** Highest true peak by the meter of ITU-R BS.1770-4, annex 2. */
function annexPeakDb(sound: Float32Array): number {
  let peak = 0;
  for (let at = TRUE_PEAK_TAPS; at < sound.length; at += 1) peak = Math.max(peak, truePeakAt(sound, at));
  return toDb(peak);
}

const tone = (hz: number, level: number, frames: number, phase = 0): Float32Array =>
  Float32Array.from({ length: frames }, (_, i) => level * Math.sin((2 * Math.PI * hz * i) / 48_000 + phase));

t.test('below the ceiling it changes not one bit', async (t) => {
  const random = seeded(7);
  const sound = Float32Array.from({ length: 9_600 }, () => (random() - 0.5) * 0.6);
  t.same(limited(sound), sound);
  const loud = tone(440, fromDb(-2), 9_600);
  t.same(limited(loud), loud, 'nor where samples are high, but below it');
});

t.test('a peak between the samples is seen: a tone of a quarter of the rate at 45 degrees', async (t) => {
  const sound = tone(12_000, 1, 4_800, Math.PI / 4);
  t.ok(Math.abs(toDb(Math.max(...sound)) + 3) < 0.1, 'its samples are at −3 dBFS, its true peak at 0');
  const heard = limited(sound);
  const peakDb = truePeakDb(heard.subarray(1_000, 4_000));
  t.ok(peakDb <= CEILING_DBTP + 0.05 && peakDb > CEILING_DBTP - 0.5, `${peakDb} dBTP`);
});

t.test('music-like noise far over full scale stays below −1.5 dBTP, and is not crushed', async (t) => {
  const random = seeded(11);
  let low = 0;
  const sound = Float32Array.from({ length: 24_000 }, (_, i) => {
    low += ((random() - 0.5) * 4 - low) * 0.3;
    return low * (Math.sin(i / 900) > 0 ? 2.5 : 0.4);
  });
  const heard = limited(sound);
  const peakDb = annexPeakDb(heard);
  t.ok(peakDb <= CEILING_DBTP, `${peakDb} dBTP by the annex's meter`);
  // The annex: a meter of fourfold rate may read up to 0.55 dB too low, for sound at the upper end.
  t.ok(truePeakDb(heard) <= CEILING_DBTP + 0.55, `${truePeakDb(heard)} dBTP by a meter of sixteenfold rate`);
  t.ok(peakDb > CEILING_DBTP - 0.6, 'and uses what there is');
});

t.test('the gain has no step: before a burst it comes down within 2 ms, and goes back slowly', async (t) => {
  const sound = tone(100, 0.4, 60_000);
  for (let i = 9_600; i < 9_700; i += 1) sound[i] = (sound[i] ?? 0) * 6;
  const heard = limited(sound);
  const gains = Array.from(heard, (level, i) =>
    Math.abs(sound[i] ?? 0) > 0.05 ? level / (sound[i] ?? 1) : NaN,
  );
  let largest = 0;
  for (let i = 1; i < gains.length; i += 1) {
    const step = Math.abs((gains[i] ?? NaN) - (gains[i - 1] ?? NaN));
    if (step > largest) largest = step;
  }
  t.ok(largest < 0.02, `largest step of the gain in one frame: ${largest}`);
  t.equal(gains[9_600 - LIMITER_DELAY - 1], 1, 'untouched before');
  t.ok((gains[9_650] ?? 1) < 0.5);
  t.ok((gains[9_700 + 480] ?? 1) < 0.9, 'still coming back after 10 ms');
  t.ok((gains[20_060] ?? 0) > 0.9, 'mostly back after 0.2 s');
  t.equal(gains[59_900], 1, 'wholly after one');
});

t.test('cleared, it holds nothing of what came before', async (t) => {
  const limiter = new Limiter(BLOCK);
  limiter.process(new Float32Array(BLOCK).fill(3));
  limiter.clear();
  const block = new Float32Array(BLOCK);
  limiter.process(block);
  t.ok(block.every((level) => level === 0));
});

t.test('the annex’s filter reads a tone of full scale within its 0.7 dB', async (t) => {
  const sound = tone(11_000, 1, 480, 0.3);
  const peakDb = annexPeakDb(sound);
  t.ok(Math.abs(peakDb) < 0.7, `${peakDb} dB`);
});
