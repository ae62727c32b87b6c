import t from 'tap';
import type { FreshDocument } from '../../../agent/commands/clock-trust.js';
import { EmergencyDesk } from '../../../agent/programme/emergency-desk.js';
import { emergencySetWith } from '../../fixtures/trust/messages.js';
import { authorityWith, newSigner } from '../../fixtures/trust/signers.js';

const province = authorityWith(await newSigner());
const set = emergencySetWith();
const issuedMs = Date.parse(set.issuedAt);
const AT_2099_MS = Date.parse('2099-01-01T00:00:00Z');
/** Years ahead; what came in this run is judged by when it was signed. */
const ahead = (fresh?: FreshDocument): number => fresh?.issuedMs ?? AT_2099_MS;

t.test('a set that came in this run is judged by its own time, one that was kept by the clock', (t) => {
  const desk = new EmergencyDesk({});
  desk.set('kept', set, province);
  t.same(desk.plan(ahead).inForce, []);
  desk.set('wire', { ...set, revision: set.revision + 1 }, province, 5_000);
  const { due, inForce } = desk.plan(ahead);
  t.equal(inForce.length, 1);
  const [key = ''] = due;
  const found = desk.find(key, ahead);
  t.match(found, { nowMs: issuedMs, kept: { fresh: { issuedMs, arrivedMs: 5_000 } } });
  desk.sounded(key, found?.nowMs ?? NaN);
  t.same(desk.plan(ahead).due, [], 'its repeat counts by the same time');
  t.end();
});

t.test(
  'when it came is not forgotten where it is read again, and is where another is read in its place',
  (t) => {
    const desk = new EmergencyDesk({});
    desk.set('slot', set, province, 5_000);
    desk.set('slot', set, province);
    t.equal(desk.inForce(ahead).length, 1);
    desk.set('slot', { ...set, revision: set.revision + 1 }, province);
    t.same(desk.inForce(ahead), []);
    t.end();
  },
);
