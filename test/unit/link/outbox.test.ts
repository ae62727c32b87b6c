import t from 'tap';
import { memoryStore } from '../../fakes/memory-store.js';
import { bytes, fill, numbers, opened } from './outbox-rig.js';
import { settle } from './support.js';

t.test(
  'messages go in order, at most 20 unacknowledged, and are deleted on the acknowledgement only',
  async (t) => {
    const { outbox, broker, store } = await opened();
    await fill(outbox, numbers(30));
    t.same(broker.sent, [], 'nothing is sent while the link is down');
    outbox.resume();
    await settle();
    t.same(broker.sent, numbers(20));
    t.equal(outbox.pending().inFlight, 20);
    t.equal((await store.range('outbox/', { limit: 100 })).length, 30, 'sent is not acknowledged');
    broker.acknowledge('m5');
    await settle();
    t.same(broker.sent, numbers(21));
    t.equal((await store.range('outbox/', { limit: 100 })).length, 29);
    while (broker.waiting() > 0) {
      broker.acknowledgeAll();
      await settle();
    }
    t.same(broker.sent, numbers(30));
    t.match(outbox.pending(), { messages: 0, bytes: 0, inFlight: 0 });
    t.same(await store.range('', { limit: 100 }), []);
  },
);

t.test('what was not acknowledged is sent again after a reconnect and after a restart', async (t) => {
  const { outbox, broker, store } = await opened();
  await fill(outbox, numbers(4));
  outbox.resume();
  await settle();
  broker.acknowledge('m2');
  await settle();
  outbox.pause();
  broker.refuse('m1', 'E_LINK_LOST');
  await settle();
  outbox.resume();
  await settle();
  t.same(broker.sent.slice(4), ['m1', 'm3', 'm4'], 'after a reconnect');

  const restarted = await opened(store.reopened());
  t.equal(restarted.outbox.pending().messages, 3);
  restarted.outbox.resume();
  await settle();
  t.same(restarted.broker.sent, ['m1', 'm3', 'm4'], 'after a restart');
  await fill(restarted.outbox, ['later']);
  await settle();
  t.equal(restarted.broker.sent.at(-1), 'later', 'a new message comes after the old ones');
});

t.test('messages leave in order though the disk answers out of order', async (t) => {
  const store = memoryStore();
  const get = store.get.bind(store);
  let slow = true;
  store.get = async (key) => {
    if (slow) {
      slow = false;
      await settle();
    }
    return get(key);
  };
  const { outbox, broker } = await opened(store);
  await fill(outbox, numbers(5));
  outbox.resume();
  await settle();
  await settle();
  t.same(broker.sent, numbers(5));
});

t.test(
  'an entry that the disk does not give holds nothing up and is tried on the next connection',
  async (t) => {
    const store = memoryStore();
    const get = store.get.bind(store);
    let failing = true;
    store.get = async (key) => {
      if (failing && key.endsWith('2')) throw new Error('unreadable sector');
      return get(key);
    };
    const { outbox, broker } = await opened(store);
    await fill(outbox, numbers(3));
    outbox.resume();
    await settle();
    t.same(broker.sent, ['m1', 'm3']);
    t.equal(outbox.pending().inFlight, 2);
    failing = false;
    outbox.resume();
    await settle();
    t.same(broker.sent.slice(2), ['m1', 'm2', 'm3']);
  },
);

t.test('a link that goes while the disk is read loses nothing', async (t) => {
  const { outbox, broker } = await opened();
  await fill(outbox, numbers(3));
  outbox.resume();
  outbox.pause();
  outbox.resume();
  await settle();
  t.same(broker.sent, numbers(3));
  t.equal(outbox.pending().inFlight, 3);
});

t.test('an acknowledgement of the connection before still counts', async (t) => {
  const { outbox, broker } = await opened();
  await fill(outbox, ['m1']);
  outbox.resume();
  await settle();
  outbox.pause();
  broker.acknowledge('m1');
  await settle();
  t.equal(outbox.pending().messages, 0);
  t.equal(outbox.pending().inFlight, 0);
});

t.test(
  'a message that the broker refuses holds nothing up and is tried again on the next connection',
  async (t) => {
    const { outbox, broker } = await opened();
    await fill(outbox, numbers(25));
    outbox.resume();
    await settle();
    broker.refuse('m1', 'E_LINK_REFUSED');
    await settle();
    t.equal(broker.sent.length, 21);
    t.equal(broker.sent.filter((text) => text === 'm1').length, 1, 'not in a circle');
    while (broker.waiting() > 0) {
      broker.acknowledgeAll();
      await settle();
    }
    t.equal(outbox.pending().messages, 1);
    outbox.resume();
    await settle();
    t.equal(broker.sent.at(-1), 'm1');
  },
);

t.test('a full outbox drops the oldest of the lowest class and counts it', async (t) => {
  const one = await opened();
  await fill(one.outbox, ['1234']);
  const size = one.outbox.pending().bytes;
  const receiptSize = size + 'receipt'.length - 'event'.length;
  const { outbox, store } = await opened(memoryStore(), 3 * receiptSize);
  await fill(outbox, ['rec1'], 'receipt');
  await fill(outbox, ['eve1', 'eve2'], 'event');
  await fill(outbox, ['rec2'], 'receipt');
  const kept = async (): Promise<string[]> =>
    (await store.range('outbox/', { limit: 9 })).map(
      ({ value }) => new TextDecoder().decode(value).split('\n')[1] ?? '',
    );
  t.same(await kept(), ['rec1', 'eve2', 'rec2'], 'the older event went');
  await fill(outbox, ['rec3'], 'receipt');
  t.same(await kept(), ['rec1', 'rec2', 'rec3'], 'then the other event');
  await fill(outbox, ['eve3'], 'event');
  t.same(await kept(), ['rec1', 'rec2', 'rec3'], 'an event does not push a receipt out');
  await fill(outbox, ['rec4'], 'receipt');
  t.same(await kept(), ['rec2', 'rec3', 'rec4'], 'a receipt pushes out the oldest receipt');
  t.same(outbox.pending().dropped, { receipt: 1, security: 0, reply: 0, event: 3, telemetry: 0 });
  t.ok(outbox.pending().bytes <= 3 * receiptSize);
});

t.test('what is in flight is not dropped', async (t) => {
  const one = await opened();
  await fill(one.outbox, ['eve1']);
  const { outbox, broker } = await opened(memoryStore(), 2 * one.outbox.pending().bytes);
  outbox.resume();
  await fill(outbox, ['eve1', 'eve2']);
  await settle();
  await fill(outbox, ['eve3']);
  t.equal(outbox.pending().dropped.event, 1, 'the newest had no room');
  broker.acknowledgeAll();
  await settle();
  t.same(broker.sent, ['eve1', 'eve2']);
});

t.test('whichever write fails, nothing acknowledged as kept is lost and nothing is stuck', async (t) => {
  const scenario = async (failing: number): Promise<{ writes: number; failed: boolean }> => {
    const store = memoryStore();
    store.failWrite(failing);
    const { outbox, broker } = await opened(store);
    const kept: string[] = [];
    let failed = false;
    outbox.resume();
    for (const name of numbers(5)) {
      try {
        await outbox.put('receipt', 'loa/v1/x', bytes(name));
        kept.push(name);
      } catch (error) {
        failed = true;
        t.match(error, { code: 'E_STORE_WRITE' }, `write ${failing}`);
      }
      await settle();
      if (name === 'm3') broker.acknowledgeAll();
      await settle();
    }
    const reopened = await opened(store.reopened());
    reopened.outbox.resume();
    await settle();
    const before = new Set(broker.sent.slice(0, broker.sent.length - broker.waiting()));
    for (const name of kept) {
      if (!before.has(name))
        t.ok(reopened.broker.sent.includes(name), `write ${failing}: ${name} is sent again`);
    }
    broker.acknowledgeAll();
    await settle();
    t.same(outbox.pending().messages, 0, `write ${failing}: all that was kept goes out`);
    t.same(broker.sent, kept, `write ${failing}: once each, in order`);
    const putLast = (): Promise<void> => outbox.put('receipt', 'loa/v1/x', bytes('last'));
    await putLast().catch(putLast);
    await settle();
    broker.acknowledgeAll();
    await settle();
    broker.acknowledge('last');
    await settle();
    t.same(await store.range('outbox/', { limit: 9 }), [], `write ${failing}: nothing stays on the disk`);
    return { writes: store.writes(), failed };
  };
  const { writes } = await scenario(Number.MAX_SAFE_INTEGER);
  t.ok(writes >= 8, 'the scenario writes often enough to mean something');
  let failures = 0;
  // The very last write is a deletion that nothing follows: only a later write could make up for it.
  for (let n = 1; n < writes; n += 1) if ((await scenario(n)).failed) failures += 1;
  t.equal(failures, 5, 'a failed put says so');
});

t.test('what is written with a message is written with it or not at all', async (t) => {
  const { outbox, store } = await opened();
  store.failWrite(1);
  const also = [{ put: 'chain/head', value: bytes('h') }];
  await t.rejects(outbox.put('receipt', 'loa/v1/x', bytes('a'), also), { code: 'E_STORE_WRITE' });
  t.equal(await store.get('chain/head'), undefined);
  await outbox.put('receipt', 'loa/v1/x', bytes('a'), also);
  t.same(await store.get('chain/head'), bytes('h'));
});

t.test('an unreadable entry is taken out, the others are sent', async (t) => {
  const first = await opened();
  await fill(first.outbox, ['good']);
  await first.store.write([
    { put: 'outbox/0000000000000002', value: bytes('rubbish') },
    { put: 'outbox/zzz', value: bytes('event loa/v1/x\nodd key') },
  ]);
  const { outbox, broker, store } = await opened(first.store.reopened());
  outbox.resume();
  await settle();
  t.same(broker.sent, ['good']);
  t.equal((await store.range('outbox/', { limit: 9 })).length, 1);
});

t.test('a reading makes way for everything else, and for an alarm before a receipt', async (t) => {
  const one = await opened();
  await fill(one.outbox, ['1234'], 'telemetry');
  const { outbox, store } = await opened(memoryStore(), 2 * one.outbox.pending().bytes);
  await fill(outbox, ['tel1', 'tel2'], 'telemetry');
  await fill(outbox, ['eve1'], 'event');
  await fill(outbox, ['rec1'], 'receipt');
  const kept = (await store.range('outbox/', { limit: 9 })).map(({ value }) =>
    new TextDecoder().decode(value).slice(-4),
  );
  t.same(kept, ['eve1', 'rec1']);
  t.match(outbox.pending().dropped, { telemetry: 2, event: 0 });
});

t.test(
  'an urgent message is sent past a full window and all that waits; the others keep their order',
  async (t) => {
    const { outbox, broker, store } = await opened();
    await fill(outbox, numbers(30));
    outbox.resume();
    await settle();
    await outbox.put('event', 'loa/v1/x', bytes('last words'), [], true);
    await settle();
    t.same(broker.sent, [...numbers(20), 'last words']);
    broker.acknowledge('last words');
    await settle();
    t.equal((await store.range('outbox/', { limit: 100 })).length, 30, 'acknowledged, it is deleted');
    while (broker.waiting() > 0) {
      broker.acknowledgeAll();
      await settle();
    }
    t.same(
      broker.sent.filter((text) => text !== 'last words'),
      numbers(30),
      'each once, in order',
    );
    t.match(outbox.pending(), { messages: 0, inFlight: 0 });
  },
);

t.test('an urgent message without a link is kept, and goes in its place when there is one', async (t) => {
  const { outbox, broker } = await opened();
  await fill(outbox, ['m1']);
  await outbox.put('event', 'loa/v1/x', bytes('last words'), [], true);
  t.same(broker.sent, []);
  outbox.resume();
  await settle();
  t.same(broker.sent, ['m1', 'last words']);
});
