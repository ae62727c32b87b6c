import t from 'tap';
import { checkTone } from '../../../agent/technician/local-tone.js';

t.test('a tone without wishes is 1 kHz for 3 s at −20 dBFS', async (t) => {
  t.same(checkTone({}), {
    ok: true,
    value: { kind: 'tone', frequencyHz: 1_000, durationMs: 3_000, level: 0.1 },
  });
});

t.test('the loudest and longest allowed passes; a little more is E_LOCAL_LIMIT', async (t) => {
  t.ok(checkTone({ durationMs: 30_000, levelDb: -20 }).ok);
  for (const asked of [{ durationMs: 30_001 }, { levelDb: -19.9 }, { levelDb: 0, durationMs: 100 }]) {
    t.match(checkTone(asked), { ok: false, refusal: { code: 'E_LOCAL_LIMIT' } });
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
    t.match(checkTone(asked), { ok: false, refusal: { code: 'E_USAGE' } }, JSON.stringify(asked));
  }
});
