import t from 'tap';
import { tone } from '../../../agent/sound/chime.js';
import { checkSound } from '../../../agent/technician/local-sound.js';

t.test('a tone without wishes is 1 kHz for 3 s at −20 dBFS', async (t) => {
  t.same(checkSound({}), {
    ok: true,
    value: {
      source: { kind: 'tone', frequencyHz: 1_000, durationMs: 3_000, level: 0.1 },
      ...{ title: '1000 Hz', gainDb: 0, lastsMs: 4_000 },
    },
  });
});

t.test('the loudest and longest allowed passes; a little more is E_LOCAL_LIMIT', async (t) => {
  t.ok(checkSound({ durationMs: 30_000, levelDb: -20 }).ok);
  for (const asked of [{ durationMs: 30_001 }, { levelDb: -19.9 }, { levelDb: 0, durationMs: 100 }]) {
    t.match(checkSound(asked), { ok: false, refusal: { code: 'E_LOCAL_LIMIT' } });
  }
});

t.test('nonsense is E_USAGE', async (t) => {
  for (const asked of [
    null,
    'x',
    [],
    { frequencyHz: 49 },
    { frequencyHz: 8_001 },
    { frequencyHz: NaN },
    { durationMs: 99 },
    { durationMs: 100.5 },
    { levelDb: -61 },
    { levelDb: '-20' },
    { class: 'emergency' },
  ]) {
    t.match(checkSound(asked), { ok: false, refusal: { code: 'E_USAGE' } }, JSON.stringify(asked));
  }
});

t.test('a sweep and the test sentence have the same bounds', async (t) => {
  t.match(checkSound({ frequencyHz: 100, toHz: 8_000, durationMs: 10_000 }), {
    ok: true,
    value: { source: { frequencyHz: 100, toHz: 8_000 }, title: '100–8000 Hz', lastsMs: 11_000 },
  });
  t.match(checkSound({ speech: 'vi' }), {
    ok: true,
    value: { source: { kind: 'text', lang: 'vi', text: /Một, hai, ba/ }, gainDb: -12, lastsMs: 30_000 },
  });
  t.match(checkSound({ speech: 'vi', levelDb: -11 }), { ok: false, refusal: { code: 'E_LOCAL_LIMIT' } });
  for (const asked of [
    { toHz: 9_000 },
    { speech: 'fr' },
    { speech: 'vi', durationMs: 100 },
    { speech: true },
  ])
    t.match(checkSound(asked), { ok: false, refusal: { code: 'E_USAGE' } }, JSON.stringify(asked));
});

t.test('a sweep rises from its first frequency to its last, at its level and no louder', async (t) => {
  const frames = tone(100, 2_000, 0.1, 1_600);
  const crossings = (fromS: number, toS: number): number => {
    let count = 0;
    for (let i = fromS * 48_000; i < toS * 48_000; i += 1)
      if ((frames[i] ?? 0) < 0 !== (frames[i + 1] ?? 0) < 0) count += 1;
    return count;
  };
  // Four octaves in two seconds: two in each, so the first second has 100·(4 − 1)/ln 4 periods, the second four times as many.
  const first = (2 * 100 * 3) / Math.log(4);
  t.ok(Math.abs(crossings(0, 1) - first) < 4, `${crossings(0, 1)} of ${first}`);
  t.ok(Math.abs(crossings(1, 2) - 4 * first) < 8, `${crossings(1, 2)} of ${4 * first}`);
  const peak = frames.reduce((most, frame) => Math.max(most, Math.abs(frame)), 0);
  t.ok(peak <= Math.fround(0.1) && peak > 0.099, String(peak));
});
