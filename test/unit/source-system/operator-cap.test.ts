import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Emergency } from '../../../protocols/messages/emergency.js';
import { emergency as emergencySchema } from '../../../protocols/messages/emergency.js';
import { capFolder } from '../../rig/cap-table.js';
import { withCap } from '../../source-system/operator-cap.js';
import { uuidOf } from '../../fixtures/trust/signers.js';

const nowMs = Date.parse('2026-11-23T05:00:00+07:00');
const wrapping = { nowMs, forMs: 3_600_000, repeatEveryMs: 60_000, stored: 'siren' } as const;
const document = (file: string): string => readFileSync(join(capFolder(), `${file}.xml`), 'utf8');
const wrap = (before: readonly Emergency[], file: string): Emergency[] =>
  withCap(before, document(file), wrapping).map((one, i) =>
    emergencySchema.parse({ id: uuidOf(`e ${i}`), ...one }),
  );

t.test('an alert becomes an entry that carries the document as it came', async (t) => {
  t.match(wrap([], 'grave-extreme'), [
    {
      status: 'actual',
      severity: 'extreme',
      title: 'Lũ lên nhanh',
      endsAt: '2026-11-23T02:00:00.000Z',
      cap: document('grave-extreme'),
    },
  ]);
});

t.test('an update takes the place of what it names, a cancellation takes it away', async (t) => {
  const first = wrap([], 'chain-first');
  t.same(
    wrap(first, 'type-update').map(({ cap }) => cap),
    [document('type-update')],
  );
  t.same(wrap(first, 'type-cancel'), []);
  t.equal(wrap(first, 'chain-test-update').length, 2, 'a test takes nothing away');
});

t.test(
  'a test, a system message and a draft are published as tests, an exercise as an exercise',
  async (t) => {
    for (const file of ['status-test', 'status-system', 'status-draft'])
      t.match(wrap([], file), [{ status: 'test' }]);
    t.match(wrap([], 'status-exercise'), [{ status: 'exercise' }]);
  },
);

t.test('what there is nothing to do about is said, not published', async (t) => {
  for (const file of ['type-ack', 'type-cancel', 'grave-past', 'time-expired', 'no-info'])
    t.throws(() => wrap([], file), { code: 'E_USAGE' }, file);
  t.throws(() => wrap([], 'hostile-billion-laughs'), { code: 'E_CAP_XML' });
  t.throws(() => wrap([], 'hostile-oversize'), { code: 'E_CAP_SIZE' });
  t.throws(() => wrap([], 'time-in-z'), { code: 'E_CAP_FIELD' });
});
