import t from 'tap';
import { addHeard, heardOf, NOTHING_HEARD } from '../../../agent/programme/heard-minutes.js';
import { dayLimitMs } from '../../../agent/programme/renewal.js';
import { authorityWith, grantWith, newSigner } from '../../fixtures/trust/signers.js';

const DAY = '2026-11-23';

t.test('what is heard adds up for each authority on its own', (t) => {
  let heard = addHeard(NOTHING_HEARD, DAY, 'xa-001', 60_000);
  heard = addHeard(heard, DAY, 'xa-001', 30_000);
  heard = addHeard(heard, DAY, 'province', 1_000);
  t.equal(heardOf(heard, DAY, 'xa-001'), 90_000);
  t.equal(heardOf(heard, DAY, 'province'), 1_000);
  t.equal(heardOf(heard, DAY, 'xa-002'), 0);
  t.end();
});

t.test('the next day begins at nothing', (t) => {
  const heard = addHeard(NOTHING_HEARD, DAY, 'xa-001', 60_000);
  t.equal(heardOf(heard, '2026-11-24', 'xa-001'), 0);
  t.equal(heardOf(addHeard(heard, '2026-11-24', 'xa-001', 5), '2026-11-24', 'xa-001'), 5);
  t.end();
});

t.test('a clock that steps back over midnight does not give the minutes again', (t) => {
  const heard = addHeard(NOTHING_HEARD, DAY, 'xa-001', 60_000);
  t.equal(heardOf(heard, '2026-11-22', 'xa-001'), 60_000);
  t.equal(heardOf(addHeard(heard, '2026-11-22', 'xa-001', 5), DAY, 'xa-001'), 60_005);
  t.end();
});

t.test('a clock that was years ahead does not take the minutes for ever', (t) => {
  const heard = addHeard(NOTHING_HEARD, '2099-01-01', 'xa-001', 60_000);
  t.equal(heardOf(heard, DAY, 'xa-001'), 0);
  t.equal(heardOf(addHeard(heard, DAY, 'xa-001', 5), DAY, 'xa-001'), 5);
  t.end();
});

t.test('the day’s limit is that of the most generous grant that allows such a play', async (t) => {
  const live = { kind: 'live', url: 'https://media.example/a.mp3' } as const;
  const authority = authorityWith(await newSigner(), {
    grants: [
      grantWith({ minutesADay: 10, maxClass: 'normal' }),
      grantWith({ minutesADay: 5 }),
      grantWith({ content: 'stored' }),
    ],
  });
  t.equal(dayLimitMs('play.start', authority, 'normal', [live]), 600_000);
  t.equal(dayLimitMs('play.start', authority, 'priority', [live]), 300_000);
  t.equal(dayLimitMs('play.start', authority, 'priority', [{ kind: 'stored', name: 'chime' }]), Infinity);
});
