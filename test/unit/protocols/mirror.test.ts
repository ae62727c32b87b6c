import t from 'tap';
import { documentTopics, mirrorPath, topicOfKey } from '../../../protocols/mirror.js';
import { documentKey, downTopics, parseDownTopic, type Slot } from '../../../protocols/topics.js';
import { authorityWith, grantWith, newSigner, trustWith } from '../../fixtures/trust/signers.js';

t.test('the mirror has a file for each topic, and no file where another topic needs a folder', async (t) => {
  const topics = [
    downTopics.trust(),
    downTopics.trustVersion(2),
    downTopics.beat('xa-001'),
    downTopics.receiverBeat('loa-0001'),
    downTopics.assignment('loa-0001'),
    downTopics.emergency({ area: 'xa-001' }, 'province'),
  ];
  const paths = topics.map(mirrorPath);
  t.equal(new Set(paths).size, topics.length);
  t.equal(paths[0], 'loa/v1/trust.jws');
  for (const path of paths) t.notOk(paths.some((other) => other.startsWith(`${path}/`)));
});

t.test('a key that a beat names leads to the topic of its document', async (t) => {
  const slots: Slot[] = [{ area: 'xa-001' }, { receiver: 'loa-0001' }];
  for (const slot of slots) {
    const topic = topicOfKey(documentKey('emergency.set', slot, 'province'));
    t.equal(topic, downTopics.emergency(slot, 'province'));
  }
  const assignment = topicOfKey(documentKey('assignment', { receiver: 'loa-0001' }, ''));
  t.equal(parseDownTopic(assignment ?? '')?.kind, 'assignment');
});

t.test('a key of another form leads nowhere', async (t) => {
  const keys = ['trust', '', 'emergency/area/x', 'emergency/group/x/y', 'emergency/area/x/y/z'];
  for (const key of [...keys, 'assignment/area/x', 'assignment/receiver/x/y', 'command/receiver/x'])
    t.equal(topicOfKey(key), undefined, key);
});

t.test(
  'what may be there is told by areas and rights: nobody else has a slot that is asked for',
  async (t) => {
    const signer = await newSigner();
    const of = (id: string, homeArea: string, messages: ('emergency.set' | 'play.start')[]) =>
      authorityWith(signer, { id, homeArea, grants: [grantWith({ messages })] });
    const trust = trustWith([signer], {
      authorities: [
        of('province', 'tinh-01', ['emergency.set']),
        of('silent', 'xa-001', ['play.start']),
        of('elsewhere', 'xa-002', ['emergency.set']),
        of('revoked', 'xa-001', ['emergency.set']),
      ],
      revoked: [{ authority: 'revoked', since: '2026-11-01T00:00:00Z' }],
    });
    t.same(documentTopics('loa-0001', ['xa-001', 'tinh-01'], trust), [
      'loa/v1/area/xa-001/emergency/province',
      'loa/v1/area/tinh-01/emergency/province',
      'loa/v1/receiver/loa-0001/emergency/province',
    ]);
    t.same(documentTopics('loa-0001', [], trust), [], 'nothing before it is assigned');
  },
);
