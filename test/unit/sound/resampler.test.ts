import t from 'tap';
import { Resampler } from '../../../agent/sound/resampler.js';
import { joined, seeded, sine, snrDb } from './signal.js';

for (const fromHz of [44_100, 32_000, 24_000, 22_050, 16_000]) {
  t.test(`a sine at ${fromHz} Hz comes out at 48 kHz within 70 dB, not shifted in time`, async (t) => {
    for (const hz of [100, 1_000, fromHz * 0.3]) {
      const resampler = new Resampler(fromHz);
      const output = joined([resampler.push(sine(hz, fromHz, fromHz)), resampler.flush()]);
      const from = 2_000;
      const middle = output.subarray(from, 46_000);
      const wanted = sine(hz, 48_000, middle.length, from);
      const snr = snrDb(middle, wanted);
      t.ok(snr > 70, `${hz} Hz: ${snr.toFixed(1)} dB`);
    }
  });

  t.test(`${fromHz} Hz: a second of input is a second of output, to the frame`, async (t) => {
    const resampler = new Resampler(fromHz);
    const frames = resampler.push(new Float32Array(fromHz)).length + resampler.flush().length;
    t.equal(frames, 48_000);
  });
}

t.test('how the input is cut changes nothing of the output', async (t) => {
  const random = seeded(3);
  const input = Float32Array.from({ length: 20_000 }, () => random() - 0.5);
  const whole = new Resampler(44_100);
  const wanted = joined([whole.push(input), whole.flush()]);
  const cut = new Resampler(44_100);
  const parts: Float32Array[] = [];
  for (let at = 0; at < input.length;) {
    const length = Math.floor(random() * 700);
    parts.push(cut.push(input.subarray(at, at + length)).slice());
    at += length;
  }
  parts.push(cut.flush());
  t.same(joined(parts), wanted);
});

t.test('going down, what lies above the new band is filtered out', async (t) => {
  const resampler = new Resampler(96_000);
  const output = resampler.push(sine(36_000, 96_000, 96_000)).subarray(1_000, 40_000);
  const peak = output.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  t.ok(peak < 0.5 * 10 ** (-60 / 20), `${peak}`);
});
