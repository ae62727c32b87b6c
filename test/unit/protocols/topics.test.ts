import t from 'tap';
import {
  downTopics,
  parseDownTopic,
  sameSlot,
  slotPath,
  qosOf,
  subscriptionsOf,
  upTopics,
} from '../../../protocols/topics.js';

t.test('every topic that the province publishes on is read back', (t) => {
  const area = { area: 'xa-001' };
  const receiver = { receiver: 'loa-0001' };
  const pairs: [string, unknown][] = [
    [downTopics.trust(), { kind: 'trust' }],
    [downTopics.trustVersion(7), { kind: 'trust' }],
    [downTopics.beat('xa-001'), { kind: 'beat', slot: area }],
    [downTopics.receiverBeat('loa-0001'), { kind: 'beat', slot: receiver }],
    [downTopics.assignment('loa-0001'), { kind: 'assignment', slot: receiver }],
    [downTopics.emergency(area, 'province'), { kind: 'emergency', slot: area, authority: 'province' }],
    [
      downTopics.emergency(receiver, 'province'),
      { kind: 'emergency', slot: receiver, authority: 'province' },
    ],
    [downTopics.receiverCommand('loa-0001'), { kind: 'command' }],
    [downTopics.areaCommand('xa-001'), { kind: 'command' }],
    [downTopics.groupCommand('cho'), { kind: 'command' }],
  ];
  for (const [topic, read] of pairs) t.same(parseDownTopic(topic), read, topic);
  t.end();
});

t.test('any other topic is not known', (t) => {
  const others = [
    '',
    'loa/v1',
    'loa/v1/',
    'loa/v2/trust',
    'xloa/v1/trust',
    'loa/v1/trust/',
    'loa/v1/trust/x',
    'loa/v1/beat',
    'loa/v1/beat/',
    'loa/v1/beat/a/b',
    'loa/v1/area/a',
    'loa/v1/area/a/assignment',
    'loa/v1/area/a/beat',
    'loa/v1/area//command',
    'loa/v1/area/a/command/',
    'loa/v1/area/a/command/x',
    'loa/v1/area/a/emergency',
    'loa/v1/area/a/emergency/',
    'loa/v1/area/a/emergency/x/y',
    'loa/v1/group/a/emergency/x',
    'loa/v1/group/a/assignment',
    'loa/v1/receiver/a/assignment/x',
    'loa/v1/area/a/desired',
    ...Object.values(upTopics).map((topic) => topic('a')),
  ];
  for (const topic of others) t.equal(parseDownTopic(topic), undefined, topic);
  t.end();
});

t.test('an id with characters of its own choice is not taken out of a topic', (t) => {
  for (const id of ['..', '+', '#', 'a b', 'a\u0000b', 'xã', '-a', 'a'.repeat(65)]) {
    t.equal(parseDownTopic(`loa/v1/area/${id}/emergency/province`), undefined, JSON.stringify(id));
    t.equal(parseDownTopic(`loa/v1/area/a/emergency/${id}`), undefined, JSON.stringify(id));
    t.equal(parseDownTopic(`loa/v1/beat/${id}`), undefined, JSON.stringify(id));
  }
  t.end();
});

t.test('a receiver subscribes to its own topics and to those of its areas and groups', (t) => {
  t.same(subscriptionsOf('r1', ['a1', 'a2'], ['g1']).sort(), [
    'loa/v1/area/a1/command',
    'loa/v1/area/a1/emergency/+',
    'loa/v1/area/a1/schedule/+',
    'loa/v1/area/a2/command',
    'loa/v1/area/a2/emergency/+',
    'loa/v1/area/a2/schedule/+',
    'loa/v1/beat/a1',
    'loa/v1/beat/a2',
    'loa/v1/group/g1/command',
    'loa/v1/receiver/r1/assignment',
    'loa/v1/receiver/r1/beat',
    'loa/v1/receiver/r1/command',
    'loa/v1/receiver/r1/desired',
    'loa/v1/receiver/r1/emergency/+',
    'loa/v1/receiver/r1/schedule/+',
    'loa/v1/trust',
  ]);
  t.same(subscriptionsOf('r1', [], []).sort(), [
    'loa/v1/receiver/r1/assignment',
    'loa/v1/receiver/r1/beat',
    'loa/v1/receiver/r1/command',
    'loa/v1/receiver/r1/desired',
    'loa/v1/receiver/r1/emergency/+',
    'loa/v1/receiver/r1/schedule/+',
    'loa/v1/trust',
  ]);
  t.end();
});

t.test(
  'beats of areas that need not be heard are not subscribed to; their commands and emergencies are',
  (t) => {
    const all = subscriptionsOf('r1', ['a1', 'a2'], []);
    const fewer = subscriptionsOf('r1', ['a1', 'a2'], [], undefined, ['a1']);
    t.same(
      all.filter((topic) => !fewer.includes(topic)),
      ['loa/v1/beat/a2'],
    );
    t.end();
  },
);

t.test('only the beats of areas come at quality of service 0', (t) => {
  const at0 = subscriptionsOf('r1', ['a1'], ['g1'], 1).filter((topic) => qosOf(topic) === 0);
  t.same(at0, ['loa/v1/beat/a1']);
  t.end();
});

t.test('an area and a receiver of the same name are two slots', (t) => {
  t.equal(sameSlot({ area: 'x' }, { area: 'x' }), true);
  t.equal(sameSlot({ area: 'x' }, { receiver: 'x' }), false);
  t.equal(slotPath({ receiver: 'x' }), 'receiver/x');
  t.end();
});
