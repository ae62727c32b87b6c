import t from 'tap';
import { afterWarmUp, slopeMbPerHour, type SoakSample } from '../../rig/growth.js';

function samples(hours: number, ussMb: (hour: number) => number): SoakSample[] {
  return Array.from({ length: hours * 60 + 1 }, (_, minute) => ({
    hours: minute / 60,
    ussMb: ussMb(minute / 60),
    ...{ descriptors: 30, processes: 2, plays: minute },
  }));
}

t.test('the slope of a steady growth is found, and of noise around a level it is none', async (t) => {
  t.ok(Math.abs(slopeMbPerHour(samples(2, (hour) => 60 + 3 * hour)) - 3) < 1e-9);
  const noisy = samples(2, (hour) => 60 + 2 * Math.sin(hour * 97));
  t.ok(Math.abs(slopeMbPerHour(noisy)) < 0.3);
  t.ok(Number.isNaN(slopeMbPerHour([])));
});

t.test('the warm-up is left out: a quarter of an hour, or a quarter of a short run', async (t) => {
  t.equal(afterWarmUp(samples(2, () => 60))[0]?.hours, 0.25);
  const short = samples(1, () => 60).filter(({ hours }) => hours <= 0.5);
  t.ok(Math.abs((afterWarmUp(short)[0]?.hours ?? 0) - 0.125) < 0.01);
});
