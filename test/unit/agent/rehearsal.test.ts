import t from 'tap';
import { rehearseEmergency } from '../../../agent/rehearsal.js';
import { KeptLog } from '../../support/kept-log.js';
import { ManualClock } from '../../support/manual-clock.js';

t.test('the emergency that is rehearsed goes all the way, each time', async (t) => {
  const clock = new ManualClock();
  const { times, heard } = await rehearseEmergency(clock, new KeptLog());
  t.ok(times > 1);
  t.equal(heard, times);
});

t.test('whatever the clock shows', async (t) => {
  for (const year of [1971, 2099]) {
    const clock = new ManualClock({ nowMs: Date.parse(`${year}-06-01T00:00:00Z`) });
    const { times, heard } = await rehearseEmergency(clock, new KeptLog());
    t.equal(heard, times, String(year));
  }
});
