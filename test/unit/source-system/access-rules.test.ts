import t from 'tap';
import { subscriptionsOf, upTopics } from '../../../protocols/topics.js';
import { mayPublish, maySubscribe, mayUseClientId, peerOf } from '../../source-system/access-rules.js';

const receiver = { kind: 'receiver', id: 'rx-1' } as const;
const operator = { kind: 'operator' } as const;

t.test('a receiver may subscribe to everything that a receiver of any area subscribes to', async (t) => {
  for (const filter of subscriptionsOf('rx-1', ['ap-1', 'tan-hoa', 'vinh-long'], ['schools'])) {
    t.ok(maySubscribe(receiver, filter), filter);
  }
});

t.test("a receiver may not read another's topics, up-topics, or by wildcard", async (t) => {
  for (const filter of [
    ...subscriptionsOf('rx-2', [], []).filter((topic) => topic.includes('rx-2')),
    'loa/v1/receiver/rx-1/receipt',
    'loa/v1/receiver/+/command',
    'loa/v1/receiver/rx-1/+',
    'loa/v1/area/+/command',
    'loa/v1/area/ap-1/+',
    'loa/v1/#',
    '#',
    '+/+',
    '$SYS/#',
    '$share/all/loa/v1/trust',
    'loa/v1/area/+/emergency/+',
  ]) {
    t.notOk(maySubscribe(receiver, filter), filter);
  }
});

t.test('a receiver may publish on its own up-topics and nowhere else', async (t) => {
  for (const of of Object.values(upTopics)) {
    t.ok(mayPublish(receiver, of('rx-1')));
    t.notOk(mayPublish(receiver, of('rx-2')));
  }
  for (const topic of ['loa/v1/trust', 'loa/v1/receiver/rx-1/command', 'loa/v1/area/ap-1/command', 'other']) {
    t.notOk(mayPublish(receiver, topic), topic);
  }
});

t.test('an operator may publish on down-topics and read up-topics, not the other way round', async (t) => {
  for (const of of Object.values(upTopics)) {
    t.ok(maySubscribe(operator, of('+')));
    t.ok(maySubscribe(operator, of('rx-1')));
    t.notOk(mayPublish(operator, of('rx-1')));
  }
  for (const topic of [
    'loa/v1/trust',
    'loa/v1/area/ap-1/command',
    'loa/v1/receiver/rx-1/emergency/province',
  ]) {
    t.ok(mayPublish(operator, topic), topic);
  }
  t.notOk(maySubscribe(operator, 'loa/v1/#'));
  t.notOk(maySubscribe(operator, 'loa/v1/receiver/rx-1/command'));
});

t.test('a certificate is whose its name and its URI both say', async (t) => {
  const of = (commonName: string, alternativeNames?: string) => peerOf({ commonName, alternativeNames });
  t.same(of('rx-1', 'URI:urn:loa:receiver:rx-1'), receiver);
  t.same(of('operator', 'URI:urn:loa:operator'), operator);
  t.equal(of('rx-1', 'URI:urn:loa:receiver:rx-2'), undefined);
  t.equal(of('operator', 'URI:urn:loa:receiver:operator'), undefined);
  t.equal(of('rx-1', 'URI:urn:loa:operator'), undefined);
  t.equal(of('localhost', 'DNS:localhost, IP Address:127.0.0.1'), undefined);
  t.equal(of('rx-1'), undefined);
  t.equal(of('rx/1', 'URI:urn:loa:receiver:rx/1'), undefined);
});

t.test("a receiver's client id is its own; an operator's begins with operator", async (t) => {
  t.ok(mayUseClientId(receiver, 'rx-1'));
  t.notOk(mayUseClientId(receiver, 'rx-2'));
  t.notOk(mayUseClientId(receiver, 'operator-rx-1'));
  t.ok(mayUseClientId(operator, 'operator-ears'));
  t.notOk(mayUseClientId(operator, 'rx-1'));
});
