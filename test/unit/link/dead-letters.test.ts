import t from 'tap';
import { bytes, fill, opened } from './outbox-rig.js';
import { settle } from './support.js';

t.test('what the broker refuses for good is put aside, and sent again by the next process', async (t) => {
  const { outbox, broker, store } = await opened();
  await fill(outbox, ['m1', 'm2']);
  outbox.resume();
  await settle();
  broker.refuse('m1', 'E_LINK_REFUSED', 0x87);
  await settle();
  t.match(outbox.pending(), { messages: 1, refused: 1 });
  broker.acknowledge('m2');
  await settle();
  outbox.resume();
  await settle();
  t.same(broker.sent, ['m1', 'm2'], 'not asked again by this process');
  t.equal((await store.range('dead/', { limit: 9 })).length, 1);
  const next = await opened(store.reopened());
  await fill(next.outbox, ['m3']);
  next.outbox.resume();
  await settle();
  t.same(next.broker.sent, ['m1', 'm3'], 'under its old number');
  next.broker.acknowledgeAll();
  await settle();
  t.same(await next.store.range('', { limit: 9 }), []);
});

t.test('refused messages are bounded: the oldest go', async (t) => {
  const { outbox, broker, store } = await opened();
  const large = (n: number): string => `${n}`.padEnd(300_000, '.');
  outbox.resume();
  for (const n of [1, 2, 3, 4]) {
    await outbox.put('event', 'loa/v1/x', bytes(large(n)));
    await settle();
    broker.refuse(large(n), 'E_LINK_REFUSED', 0x99);
    await settle();
  }
  const kept = await store.range('dead/', { limit: 9 });
  t.same(
    kept.map(({ key }) => key.at(-1)),
    ['2', '3', '4'],
  );
  t.equal(outbox.pending().refused, 4);
});

t.test('what the broker cannot take now is sent again after a minute, on the same connection', async (t) => {
  const { outbox, broker, clock } = await opened();
  await fill(outbox, ['m1', 'm2']);
  outbox.resume();
  await settle();
  broker.refuse('m1', 'E_LINK_REFUSED', 0x97);
  await settle();
  clock.advance(59_999);
  await settle();
  t.same(broker.sent, ['m1', 'm2']);
  clock.advance(1);
  await settle();
  t.same(broker.sent, ['m1', 'm2', 'm1'], 'and m2, still under way, not twice');
  t.match(outbox.pending(), { messages: 2, refused: 0 });
});
