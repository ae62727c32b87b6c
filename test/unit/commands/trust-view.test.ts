import t from 'tap';
import { trustText, trustViewOf } from '../../../agent/technician/trust-view.js';
import { at, nowMs } from '../../fixtures/trust/messages.js';
import { authorityWith, grantWith, newSigner, trustWith } from '../../fixtures/trust/signers.js';

const signer = await newSigner();
const document = trustWith([signer], {
  version: 7,
  authorities: [
    authorityWith(signer, {
      id: 'xa-001',
      name: { vi: 'Xã Một', en: 'Commune One' },
      homeArea: 'xa-001',
      level: 10,
      grants: [
        grantWith({
          ...{ messages: ['play.start'], maxClass: 'normal', content: 'stored', minutesADay: 30 },
          hours: [{ from: '05:00', to: '06:30' }],
        }),
      ],
    }),
    authorityWith(signer, {
      id: 'xa-002',
      name: { vi: 'Xã Hai', en: 'Commune Two' },
      homeArea: 'xa-002',
      level: 9,
    }),
    authorityWith(signer),
  ],
  revoked: [{ authority: 'province', since: at(-60) }],
});
const view = trustViewOf(document, {
  ...{ areas: ['thon-01', 'xa-001', 'tinh-01'], nowMs, clock: 'trusted', freshness: 'stale', freshMs: nowMs },
  keysOf: () => 1,
});

t.test('it says in words who may say what here, the highest first', (t) => {
  t.same(
    view.authorities.map(({ id, here }) => [id, here]),
    [
      ['province', true],
      ['xa-001', true],
      ['xa-002', false],
    ],
  );
  const english = trustText(view, 'en');
  t.match(english, /version 7/);
  t.match(english, /STALE: live play is refused/);
  t.match(english, /Province \(province\), level 30\n {2}REVOKED since/);
  t.match(
    english,
    /play bulletins; normal only; at most 60 min each; 30 min a day; 05:00–06:30;\s+stored sounds only/,
  );
  t.match(english, /Commune Two \(xa-002\), level 9\n {2}no right here: its area is xa-002/);
  const vietnamese = trustText(view, 'vi');
  t.match(vietnamese, /Xã Một \(xa-001\), cấp 10\n {2}phát bản tin; mức thường; mỗi lần tối đa 60 phút/);
  t.match(vietnamese, /QUÁ LÂU/);
  t.end();
});
