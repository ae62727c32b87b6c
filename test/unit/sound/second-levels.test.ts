import t from 'tap';
import { SecondMeter, type SecondLevel } from '../../../agent/sound/second-levels.js';

const tone = (hz: number, level: number, frames: number): Int16Array =>
  Int16Array.from({ length: frames }, (_, i) =>
    Math.round(level * 32_767 * Math.sin((2 * Math.PI * hz * i) / 48_000)),
  );

function measured(sound: Int16Array): SecondLevel[] {
  const levels: SecondLevel[] = [];
  const meter = new SecondMeter((level) => levels.push(level));
  for (let at = 0; at < sound.length; at += 480) meter.take(sound.subarray(at, at + 480));
  meter.close();
  return levels;
}

t.test('a tone of 997 Hz at full scale is −3.01 LUFS in one channel, as the standard says', async (t) => {
  const [, second] = measured(tone(997, 1, 96_000));
  t.ok(Math.abs((second?.lufs ?? 0) + 3) <= 0.1, `${second?.lufs} LUFS`);
  t.equal(second?.rmsDb, -3);
  t.equal(second?.peakDb, 0);
});

t.test('the ear weighs: 50 Hz counts less than its level, 5 kHz more', async (t) => {
  const lufsOf = (hz: number): number => measured(tone(hz, 0.5, 96_000))[1]?.lufs ?? NaN;
  t.ok(lufsOf(50) < lufsOf(997) - 1, `${lufsOf(50)} and ${lufsOf(997)}`);
  t.ok(lufsOf(5_000) > lufsOf(997) + 2, `${lufsOf(5_000)}`);
});

t.test('silence is −120 in every measure', async (t) => {
  t.same(measured(new Int16Array(48_000)), [{ rmsDb: -120, peakDb: -120, lufs: -120 }]);
});

t.test('blocks that end beyond a second are parted there', async (t) => {
  const levels: SecondLevel[] = [];
  const meter = new SecondMeter((level) => levels.push(level));
  for (let i = 0; i < 3; i += 1) meter.take(new Int16Array(40_000).fill(i === 0 ? 16_384 : 0));
  t.equal(levels.length, 2);
  meter.close();
  t.same(
    levels.map(({ peakDb }) => peakDb),
    [-6, -120, -120],
  );
});
