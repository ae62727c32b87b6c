import { Aedes } from 'aedes';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type ConnectionOptions } from 'node:tls';
import t from 'tap';
import { LoaError, type Refusal } from '../../../agent/core/errors.js';
import type { LinkListener } from '../../../agent/link/link.js';
import { startFakeBroker } from '../../fakes/broker.js';
import { makeBrokerTls } from '../../fakes/broker-tls.js';
import { memoryStore } from '../../fakes/memory-store.js';
import { bytes, certificates, makeLink, rig, skip, tlsTo, type Tap } from './link-rig.js';

t.test('it connects with MQTT 5, its own id, a kept session and a will', { skip }, async (t) => {
  const { link, broker, told, ups } = await rig(t as Tap);
  link.start(new AbortController().signal);
  await told({ up: 1 });
  t.same(ups, [{ mqttVersion: 5, sessionPresent: false }]);
  t.match(link.status(), { kind: 'up', mqttVersion: 5, attempts: 1 });
  t.match((await broker.connection(1)).connect, {
    clientId: 'bt-001',
    protocolVersion: 5,
    clean: false,
    keepalive: 60,
    properties: { sessionExpiryInterval: 86_400, maximumPacketSize: undefined },
    will: { topic: 'loa/v1/receiver/bt-001/state', retain: true, qos: 1, payload: Buffer.from('will') },
  });
});

t.test('a broker of 3.1.1 is spoken to in 3.1.1, and at once the next time', { skip }, async (t) => {
  const { link, broker, told, ups, downs } = await rig(t as Tap, { versions: [4] });
  link.start(new AbortController().signal);
  await told({ up: 1 });
  (await broker.connection(1)).cut();
  await told({ up: 2 });
  t.same(
    ups.map(({ mqttVersion }) => mqttVersion),
    [4, 4],
  );
  t.equal(link.status().attempts, 3, 'one attempt with 5, two with 3.1.1');
  t.same(
    downs.map(({ code }) => code),
    ['E_LINK_LOST'],
    'the fallback is no failure',
  );
});

t.test('aedes 1, which speaks 3.1.1 only, is connected to by the fallback', { skip }, async (t) => {
  const tls = await certificates;
  const aedes = await Aedes.createBroker();
  const server = createServer(
    { ...tls.server, ca: tls.ca, requestCert: true },
    (socket) => void aedes.handle(socket),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { link, told, ups, messages } = makeLink((server.address() as AddressInfo).port, tls);
  t.teardown(async () => {
    await link.close();
    await new Promise<void>((resolve) => aedes.close(resolve));
    server.close();
  });
  const subscribed = once(aedes, 'subscribe');
  link.subscribe(['loa/v1/trust']);
  link.start(new AbortController().signal);
  await told({ up: 1 });
  t.match(ups, [{ mqttVersion: 4 }]);
  await subscribed;
  await link.publish('loa/v1/trust', bytes('document'));
  t.type(link.status().roundTripMs, 'number', 'how long the broker took is known from its first answer on');
  await told({ message: 1 });
  t.same(messages, ['loa/v1/trust document']);
});

t.test('subscriptions are an exact set: only differences are sent', { skip }, async (t) => {
  const { link, broker, told } = await rig(t as Tap);
  link.subscribe(['a', 'b']);
  link.start(new AbortController().signal);
  await broker.seen('subscribe');
  link.subscribe(['b', 'c/+']);
  const { unsubscriptions } = await broker.seen('unsubscribe');
  t.same(unsubscriptions, ['a']);
  const second = await broker.seen('subscribe', ({ subscriptions }) => subscriptions[0]?.topic === 'c/+');
  t.match(second.subscriptions, [{ topic: 'c/+', qos: 1 }]);
  t.equal(second.subscriptions.length, 1);
  const topicsOf = async (n: number): Promise<string[] | undefined> => {
    const all = (): string[][] =>
      broker.packets.flatMap((p) =>
        p.cmd === 'subscribe' ? [p.subscriptions.map(({ topic }) => topic)] : [],
      );
    await broker.seen('subscribe', () => all().length >= n);
    return all()[n - 1];
  };
  (await broker.connection(1)).cut();
  await told({ up: 2 });
  t.same(await topicsOf(3), ['b', 'c/+'], 'a broker without the session is told everything');
  broker.script.sessionPresent = true;
  (await broker.connection(2)).cut();
  await told({ up: 3 });
  link.subscribe(['b', 'c/+', 'd']);
  t.same(await topicsOf(4), ['d'], 'a broker with the session only what is new');
});

t.test(
  'a process that starts again takes out what the session holds and nobody wants',
  { skip },
  async (t) => {
    const store = memoryStore();
    const first = await rig(t as Tap, {}, { store });
    first.link.subscribe(['old', 'both']);
    first.link.start(new AbortController().signal);
    await first.broker.seen('subscribe');
    first.link.subscribe(['old', 'both']);
    while ((await store.get('link/subscriptions')) === undefined) await new Promise((r) => setImmediate(r));
    await first.link.close();
    const second = await rig(t as Tap, { sessionPresent: true }, { store: store.reopened() });
    second.link.subscribe(['both', 'new']);
    second.link.start(new AbortController().signal);
    t.same((await second.broker.seen('unsubscribe')).unsubscriptions, ['old']);
    t.match((await second.broker.seen('subscribe')).subscriptions, [{ topic: 'both' }, { topic: 'new' }]);
  },
);

t.test('a refused subscription is logged and the others hold', { skip }, async (t) => {
  const { link, broker, log } = await rig(t as Tap, { refusedTopics: ['b'] });
  link.subscribe(['a', 'b']);
  link.start(new AbortController().signal);
  await broker.seen('subscribe');
  link.subscribe(['a', 'b', 'c']);
  const next = await broker.seen('subscribe', ({ subscriptions }) =>
    subscriptions.some(({ topic }) => topic === 'c'),
  );
  t.equal(next.subscriptions.length, 1, 'neither a nor the refused b is asked for again');
  t.ok(log.lines.includes('error E_LINK_REFUSED the broker refuses subscriptions'));
});

t.test(
  'a message is acknowledged only when it has been dealt with, one at a time, in order',
  { skip },
  async (t) => {
    const steps: string[] = [];
    const finish: (() => void)[] = [];
    let begun: () => void = () => undefined;
    const listener: Partial<LinkListener> = {
      async onMessage(topic) {
        steps.push(`begin ${topic}`);
        const done = new Promise<void>((resolve) => finish.push(resolve));
        begun();
        await done;
        steps.push(`end ${topic}`);
      },
    };
    const { link, broker, told } = await rig(t as Tap, {}, { listener: listener as LinkListener });
    link.start(new AbortController().signal);
    await told({ up: 1 });
    const connection = await broker.connection(1);
    const firstBegun = new Promise<void>((resolve) => (begun = resolve));
    connection.publish('m/1', 'x', 1);
    connection.publish('m/2', 'x', 2);
    await firstBegun;
    t.same(steps, ['begin m/1']);
    t.notOk(
      broker.packets.some(({ cmd }) => cmd === 'puback'),
      'not yet acknowledged',
    );
    const secondBegun = new Promise<void>((resolve) => (begun = resolve));
    finish[0]?.();
    await broker.seen('puback', ({ messageId }) => messageId === 1);
    await secondBegun;
    t.same(steps, ['begin m/1', 'end m/1', 'begin m/2']);
    finish[1]?.();
    await broker.seen('puback', ({ messageId }) => messageId === 2);
  },
);

t.test(
  'a message whose listener fails is acknowledged and logged, and the next one comes',
  { skip },
  async (t) => {
    const listener: Partial<LinkListener> = {
      async onMessage() {
        throw new LoaError('E_STORE_WRITE', 'disk full');
      },
    };
    const { link, broker, told, log } = await rig(t as Tap, {}, { listener: listener as LinkListener });
    link.start(new AbortController().signal);
    await told({ up: 1 });
    (await broker.connection(1)).publish('m/1', 'x', 1);
    (await broker.connection(1)).publish('m/2', 'x', 2);
    await broker.seen('puback', ({ messageId }) => messageId === 2);
    t.equal(
      log.lines.filter((line) => line === 'error E_STORE_WRITE a message was not dealt with').length,
      2,
    );
  },
);

t.test(
  'a 300 kB message is dropped, acknowledged and reported, and the connection stays',
  { skip },
  async (t) => {
    const { link, broker, told, oversizes, messages, downs } = await rig(t as Tap);
    link.start(new AbortController().signal);
    await told({ up: 1 });
    const connection = await broker.connection(1);
    connection.publish('loa/v1/x', Buffer.alloc(300_000), 7);
    connection.publish('m/2', 'after', 8);
    await broker.seen('puback', ({ messageId }) => messageId === 7);
    await told({ oversize: 1, message: 1 });
    t.match(oversizes, [{ topic: 'loa/v1/x' }]);
    t.same(messages, ['m/2 after']);
    t.same(downs, []);
  },
);

t.test('a packet against the standard ends the connection, and the next one works', { skip }, async (t) => {
  const hostile = {
    'a packet of 256 MB': Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f),
    'a packet of type 0': Uint8Array.of(0x00, 0x00),
    'a message that the library cannot read': Uint8Array.of(0x32, 3, 0, 9, 0x61),
    'an answer to nothing that was asked': Uint8Array.of(0x21, 3, 0, 0, 0),
  };
  const { link, broker, told, downs } = await rig(t as Tap);
  link.start(new AbortController().signal);
  let n = 0;
  for (const [name, packet] of Object.entries(hostile)) {
    n += 1;
    await told({ up: n });
    (await broker.connection(n)).write(packet);
    await told({ down: n });
    t.equal(downs[n - 1]?.code, 'E_LINK_PROTOCOL', name);
  }
  await told({ up: n + 1 });
  await link.publish('m', bytes('works'));
});

t.test('a DISCONNECT of the broker ends the connection with its reason', { skip }, async (t) => {
  const { link, broker, told, downs } = await rig(t as Tap);
  link.start(new AbortController().signal);
  await told({ up: 1 });
  (await broker.connection(1)).write(Uint8Array.of(0xe0, 2, 0x8e, 0));
  await told({ down: 1, up: 2 });
  t.match(downs, [{ code: 'E_LINK_TAKEN_OVER', detail: /reason 142/ }]);
});

t.test('a refused receiver is told why, and tries again', { skip }, async (t) => {
  const { link, broker, told, downs } = await rig(t as Tap, { connectCode: 0x87 });
  link.start(new AbortController().signal);
  await told({ down: 2 });
  t.match(downs[0], { code: 'E_LINK_REFUSED', fields: { reason: 0x87 } });
  broker.script.connectCode = 0;
  await told({ up: 1 });
  t.match(link.status().lastError, { code: 'E_LINK_REFUSED' });
});

t.test('failures before the connection are told apart', { skip }, async (t) => {
  const tls = await certificates;
  const foreign = await makeBrokerTls('bt-001');
  t.teardown(() => foreign.remove());
  const broker = await startFakeBroker(tls);
  t.teardown(() => broker.close());
  const why = async (options: () => Promise<ConnectionOptions>): Promise<Refusal | undefined> => {
    const { link, told, downs } = makeLink(broker.port, tls, { tls: options });
    link.start(new AbortController().signal);
    await told({ down: 1 });
    await link.close();
    return downs[0];
  };
  const good = tlsTo(broker.port, tls);
  t.match(await why(async () => ({ ...good, port: 1 })), { code: 'E_LINK_CONNECT' }, 'nobody listens');
  t.match(await why(async () => ({ ...good, ca: foreign.ca })), { code: 'E_LINK_TLS' }, 'a foreign broker');
  t.match(
    await why(async () => ({ ...good, ...foreign.client })),
    { code: 'E_LINK_REFUSED' },
    'a foreign receiver',
  );
  t.match(await why(async () => ({ ...good, key: 'no key' })), { code: 'E_LINK_TLS' }, 'an unusable key');
  t.match(
    await why(async () => {
      throw new LoaError('E_IDENTITY_KEY', 'unreadable');
    }),
    { code: 'E_IDENTITY_KEY' },
    'the caller knows better',
  );
});
