import t from 'tap';
import { CardClock } from '../../../agent/sound/card-clock.js';
import { seeded } from './signal.js';

t.test('unseen, a card plays 48 frames a millisecond from its start', async (t) => {
  const clock = new CardClock(960, 1_000);
  t.equal(clock.frameAt(1_010), 960 + 480);
  t.equal(clock.instantOf(960 + 480), 1_010);
  t.notOk(clock.seen);
});

t.test('a card that began later than supposed is known after the first sight', async (t) => {
  const clock = new CardClock(0, 1_000);
  t.equal(Math.round(clock.see(480, 1_015)), 5, '5 ms later than supposed');
  t.equal(Math.round(clock.instantOf(480)), 1_015);
});

t.test('a crystal that is off by 200 millionths is followed within a millisecond for a day', async (t) => {
  for (const ppm of [200, -200]) {
    const random = seeded(3);
    const clock = new CardClock(0, 0);
    const perMs = 48 * (1 + ppm / 1e6);
    let worst = 0;
    for (let ms = 100; ms < 86_400_000; ms += ms < 3_600_000 ? 500 : 20_000) {
      // Read a little late, or by the period: up to 2 ms off.
      clock.see(Math.round(perMs * (ms - random() * 2)), ms);
      if (ms > 60_000) worst = Math.max(worst, Math.abs(clock.instantOf(perMs * (ms - 1)) - ms));
    }
    t.ok(worst < 2, `${worst} ms off at most`);
    t.ok(Math.abs(clock.ppm - ppm) < 5, `${clock.ppm} of ${ppm}`);
  }
});

t.test('one late reading moves the clock by a tenth of its error at most', async (t) => {
  const clock = new CardClock(0, 0);
  for (let ms = 100; ms < 20_000; ms += 500) clock.see(ms * 48, ms);
  clock.see(20_000 * 48 - 480, 20_000);
  t.ok(Math.abs(clock.instantOf(20_000 * 48) - 20_000) <= 1.001);
});

t.test('a card that stood still is followed at once, and its stop is no rate', async (t) => {
  const clock = new CardClock(0, 0);
  for (let ms = 0; ms < 60_000; ms += 500) clock.see(ms * 48, ms);
  t.equal(Math.round(clock.see(60_000 * 48 - 4_800, 60_000)), 100);
  t.equal(Math.round(clock.instantOf(60_000 * 48)), 60_100);
  for (let ms = 60_500; ms < 90_000; ms += 500) clock.see((ms - 100) * 48, ms);
  t.ok(Math.abs(clock.ppm) < 1, `${clock.ppm}`);
});

t.test('a gap that is told of moves all frames after it', async (t) => {
  const clock = new CardClock(0, 0);
  clock.shift(50);
  t.equal(clock.instantOf(480), 60);
});
