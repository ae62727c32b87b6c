import t from 'tap';
import { storedSound, tone } from '../../../agent/sound/chime.js';

const peakOf = (frames: Float32Array): number => frames.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

for (const [name, ms] of [
  ['chime', 1_800],
  ['siren', 4_000],
] as const) {
  t.test(`the ${name} is whole blocks of ${ms} ms, loud but bounded, and silent at both ends`, async (t) => {
    const frames = storedSound(name);
    t.equal(frames.length, ms * 48);
    t.equal(frames.length % 480, 0);
    const peak = peakOf(frames);
    t.ok(peak > 0.15 && peak <= 0.36, `peak ${peak}`);
    t.equal(frames[0], 0);
    t.ok(Math.abs(frames.at(-1) ?? 1) < 0.005);
  });

  t.test(`the ${name} has no step that would click`, async (t) => {
    const frames = storedSound(name);
    let step = 0;
    for (let i = 1; i < frames.length; i += 1) {
      step = Math.max(step, Math.abs((frames[i] ?? 0) - (frames[i - 1] ?? 0)));
    }
    t.ok(step < 0.15, `largest step ${step}`);
  });
}

t.test('a test tone has the level, the pitch and the length asked for', async (t) => {
  const frames = tone(1_000, 995, 0.1);
  t.equal(frames.length, 100 * 480, 'rounded up to whole blocks');
  t.ok(Math.abs(peakOf(frames) - 0.1) < 0.001);
  let crossings = 0;
  for (let i = 1; i < frames.length; i += 1)
    if ((frames[i - 1] ?? 0) < 0 && (frames[i] ?? 0) >= 0) crossings += 1;
  t.ok(Math.abs(crossings - 1_000) <= 1, `${crossings} periods in a second`);
});
