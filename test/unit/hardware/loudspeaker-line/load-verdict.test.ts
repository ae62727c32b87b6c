import t from 'tap';
import { isClear, judgeLoad, type Calibration } from '../../../../hardware/loudspeaker-line/load-verdict.js';
import { LockIn, LINE_RATE_HZ } from '../../../../hardware/loudspeaker-line/lock-in.js';
import { measureTone } from '../../../../hardware/loudspeaker-line/tone-measure.js';
import { LineModel } from '../../../amplifier/line-model.js';
import { tryLines } from '../../../amplifier/line-trials.js';

const CALIBRATION: Calibration = {
  atMs: 0,
  loudspeakers: 4,
  frequencyHz: 1_000,
  levelDb: -30,
  amplitude: 1_000,
};
const seen = (amplitude: number, parts: { error?: number; aboveNoiseDb?: number } = {}) => ({
  ...{ amplitude, error: 0.01, aboveNoiseDb: 30 },
  ...parts,
});

t.test(
  'the lock-in gives the amplitude of its frequency, whatever the phase, and little of another',
  async (t) => {
    for (const phase of [0, 1, 2]) {
      const samples = new Int16Array(LINE_RATE_HZ);
      for (let i = 0; i < samples.length; i += 1) {
        const at = (2 * Math.PI * i) / LINE_RATE_HZ;
        samples[i] = 500 * Math.sin(1_000 * at + phase) + 5_000 * Math.sin(1_050 * at);
      }
      const lockIn = new LockIn(1_000, LINE_RATE_HZ);
      for (let at = 0; at < samples.length; at += 77) lockIn.take(samples.subarray(at, at + 77));
      t.equal(lockIn.amplitudes.length, 4);
      for (const amplitude of lockIn.amplitudes) t.ok(Math.abs(amplitude - 500) < 10, String(amplitude));
    }
  },
);

t.test('a tone is found wherever it lies in the record, and bursts do not move it', async (t) => {
  const amplitudes = [10, 12, 9, 11, 600, 1_000, 1_001, 999, 9_000, 1_000, 1_002, 400, 10, 11, 12];
  const found = measureTone(amplitudes, 2_000);
  t.equal(found?.amplitude, 1_000.5);
  t.ok((found?.aboveNoiseDb ?? 0) > 35);
  t.equal(measureTone([1, 2], 2_000), undefined);
});

t.test(
  'half a loudspeaker is the line between normal and missing, and between normal and more',
  async (t) => {
    t.match(judgeLoad(seen(1_000), CALIBRATION), { kind: 'normal', loudspeakers: 4 });
    t.match(judgeLoad(seen(880), CALIBRATION), { kind: 'normal' });
    t.match(judgeLoad(seen(870), CALIBRATION), { kind: 'missing', loudspeakers: 3 });
    t.match(judgeLoad(seen(500), CALIBRATION), { kind: 'missing', loudspeakers: 2 });
    t.match(judgeLoad(seen(1_240), CALIBRATION), { kind: 'more', loudspeakers: 5 });
  },
);

t.test('no tone is silence, and noise that could hide a loudspeaker is no verdict', async (t) => {
  t.same(judgeLoad(seen(1_000, { aboveNoiseDb: 3 }), CALIBRATION), { kind: 'silent' });
  t.same(judgeLoad(seen(1_000, { error: 0.1 }), CALIBRATION), { kind: 'unsure' });
  t.same(judgeLoad(undefined, CALIBRATION), { kind: 'unsure' });
  t.notOk(isClear(seen(1_000, { error: 0.1 }), 4));
});

t.test('less than half a loudspeaker is none, however unsteady; more than that is not told', async (t) => {
  const gust = { error: 0.2, aboveNoiseDb: 7 };
  t.same(judgeLoad(seen(20, gust), CALIBRATION), { kind: 'silent' });
  t.same(judgeLoad(seen(100, gust), CALIBRATION), { kind: 'unsure' });
});

t.test('one of four is told from none at 10 dB SNR; a dead line is silence', async (t) => {
  const seed = Math.floor(Math.random() * 1e9);
  t.comment(`seed ${seed}`);
  const { falseAlarms, found, missing, uncalibrated } = tryLines(20, seed);
  t.match(
    { falseAlarms, uncalibrated, missed: missing - found },
    { falseAlarms: 0, uncalibrated: 0, missed: 0 },
  );
  const dead = new LineModel(4, seed).measure({ loudspeakers: 4, missing: [0, 1, 2, 3], snrDb: 10 });
  t.same(judgeLoad(dead, { ...CALIBRATION, amplitude: 1_500 }), { kind: 'silent' });
});
