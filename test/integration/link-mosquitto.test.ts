import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import t from 'tap';
import { systemClock } from '../../agent/core/clock.js';
import { openStore, type Store } from '../../agent/core/store.js';
import { createEnvelope, lastWords } from '../../agent/link/envelope.js';
import { createLink, type Link } from '../../agent/link/link.js';
import { openOutbox, type Outbox } from '../../agent/link/outbox.js';
import { Mosquitto, provinceCertificate, Told, withoutMosquitto } from '../fakes/broker-mosquitto.js';
import { makeBrokerTls, withoutOpenssl, type BrokerTls } from '../fakes/broker-tls.js';
import { keptLog } from '../unit/link/support.js';

type Tap = typeof t;

const RECEIVER = 'bt-001';
const BOOT = '0d3c2a6e-0c53-4d1f-9a53-5c3a7b1f2e11';
const STATE = `loa/v1/receiver/${RECEIVER}/state`;
const RECEIPT = `loa/v1/receiver/${RECEIVER}/receipt`;
const COMMAND = `loa/v1/receiver/${RECEIVER}/command`;
const skip = withoutOpenssl() !== false ? withoutOpenssl() : withoutMosquitto();

interface Receiver {
  readonly link: Link;
  readonly outbox: Outbox;
  readonly events: Told<string>;
  readonly oversizes: Told<{ topic: string; bytes: number }>;
  readonly messages: Told<string>;
}

async function receiver(port: number, tls: BrokerTls, store: Store): Promise<Receiver> {
  const events = new Told<string>();
  const oversizes: Receiver['oversizes'] = new Told();
  const messages = new Told<string>();
  const envelope = createEnvelope(RECEIVER, BOOT, systemClock);
  const log = keptLog();
  const link = createLink({
    receiverId: RECEIVER,
    tls: async () => ({ host: 'localhost', port, ca: tls.ca, ...tls.client }),
    keepaliveS: 5,
    lastWords: (reason) => lastWords(envelope, reason),
    listener: {
      onUp: ({ mqttVersion, sessionPresent }) => {
        events.tell(`up ${mqttVersion} ${sessionPresent ? 'resumed' : 'new'}`);
        outbox.resume();
      },
      onDown: ({ code }) => {
        outbox.pause();
        events.tell(`down ${code}`);
      },
      onMessage: async (topic, payload) => messages.tell(`${topic} ${new TextDecoder().decode(payload)}`),
      onOversize: (message) => oversizes.tell(message),
    },
    store,
    clock: systemClock,
    random: Math.random,
    log,
    times: { retry: { firstMs: 100, longestMs: 300, stableMs: 300_000 } },
  });
  const outbox = await openOutbox({
    store,
    clock: systemClock,
    log,
    publish: (topic, payload) => link.publish(topic, payload),
  });
  return { link, outbox, events, oversizes, messages };
}

/** Broker, province and an empty store; taken down when the test ends. */
async function bench(t: Tap): Promise<{
  broker: Mosquitto;
  tls: BrokerTls;
  folder: string;
  readonly watch: () => Promise<{ heard: Told<string>; province: MqttClient }>;
}> {
  const tls = await makeBrokerTls(RECEIVER);
  const province = await provinceCertificate(tls);
  const broker = await Mosquitto.prepare(tls);
  const folder = await mkdtemp(join(tmpdir(), 'loa-link-'));
  await broker.start();
  t.teardown(async () => {
    await broker.remove();
    await tls.remove();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    broker,
    tls,
    folder,
    async watch() {
      const heard = new Told<string>();
      const client = await connectAsync({
        protocol: 'mqtts',
        host: 'localhost',
        port: broker.port,
        ca: tls.ca,
        ...province,
        protocolVersion: 5,
        clientId: `province-${process.hrtime.bigint()}`,
        reconnectPeriod: 100,
      });
      client.on('error', () => undefined);
      client.on('message', (topic, payload) => heard.tell(`${topic} ${payload.toString()}`));
      await client.subscribeAsync('loa/v1/#', { qos: 1 });
      t.teardown(() => client.endAsync(true));
      return { heard, province: client };
    },
  };
}

t.test(
  'it connects to mosquitto with MQTT 5 and mutual TLS, takes a command, and says farewell',
  { skip, timeout: 60_000 },
  async (t) => {
    const { broker, tls, folder, watch } = await bench(t as Tap);
    const store = await openStore(folder);
    const { link, outbox, events, messages } = await receiver(broker.port, tls, store);
    const { heard, province } = await watch();
    link.subscribe([COMMAND]);
    link.start(new AbortController().signal);
    await events.until((event) => event === 'up 5 new');
    t.match(link.status(), { kind: 'up', mqttVersion: 5 });
    await province.publishAsync(COMMAND, 'play', { qos: 1, retain: true });
    await messages.until((message) => message === `${COMMAND} play`);
    const from = Date.now();
    await link.close();
    t.ok(Date.now() - from < 3_000, 'closed within 3 s');
    await heard.until((message) => message.startsWith(STATE) && message.includes('"reason":"stopped"'));
    t.notOk(
      heard.items.some((message) => message.includes('"reason":"will"')),
      'and no will',
    );
    await outbox.close();
    await store.close();
  },
);

t.test('what mosquitto may not let by is refused, not lost', { skip, timeout: 60_000 }, async (t) => {
  const { broker, tls, folder } = await bench(t as Tap);
  const store = await openStore(folder);
  const { link, events } = await receiver(broker.port, tls, store);
  link.start(new AbortController().signal);
  await events.until((event) => event === 'up 5 new');
  await t.rejects(link.publish('loa/v1/receiver/another/receipt', Buffer.from('x')), {
    code: 'E_LINK_REFUSED',
    fields: { reason: 135 },
  });
  t.equal(link.status().kind, 'up');
  await link.close();
  await store.close();
});

t.test('a receiver that dies is told to the province by its will', { skip, timeout: 60_000 }, async (t) => {
  const { broker, tls, folder, watch } = await bench(t as Tap);
  const { heard } = await watch();
  // Its own process, killed without a chance to say anything.
  const script = join(folder, 'receiver.mjs');
  const from = (path: string): string => JSON.stringify(new URL(`../../agent/${path}`, import.meta.url).href);
  await writeFile(
    script,
    `import { createLink } from ${from('link/link.js')};
     import { createEnvelope, lastWords } from ${from('link/envelope.js')};
     import { systemClock } from ${from('core/clock.js')};
     import { openStore } from ${from('core/store.js')};
     const [port, ca, key, cert, folder] = JSON.parse(process.argv[2]);
     const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
     const envelope = createEnvelope('${RECEIVER}', '${BOOT}', systemClock);
     createLink({
       receiverId: '${RECEIVER}', tls: async () => ({ host: 'localhost', port, ca, key, cert }), keepaliveS: 5,
       lastWords: (reason) => lastWords(envelope, reason), store: await openStore(folder), clock: systemClock, random: Math.random, log,
       listener: { onUp: () => console.log('up'), onDown() {}, onMessage: async () => {}, onOversize() {} },
     }).start(new AbortController().signal);`,
  );
  const parts = [broker.port, tls.ca, tls.client.key, tls.client.cert, join(folder, 'store')];
  const child = spawn(process.execPath, [script, JSON.stringify(parts)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  const will = await heard.until((message) => message.startsWith(STATE));
  t.match(JSON.parse(will.slice(STATE.length)), { body: { online: false, reason: 'will' } });
});

t.test(
  'what is reported while the broker is down arrives after its restart',
  { skip, timeout: 60_000 },
  async (t) => {
    const { broker, tls, folder, watch } = await bench(t as Tap);
    const store = await openStore(folder);
    const { link, outbox, events } = await receiver(broker.port, tls, store);
    link.subscribe([COMMAND]);
    link.start(new AbortController().signal);
    await events.until((event) => event === 'up 5 new');
    await broker.stop('SIGKILL');
    await events.until((event) => event.startsWith('down'));
    for (let n = 1; n <= 50; n += 1) await outbox.put('receipt', RECEIPT, Buffer.from(`r${n}`));
    t.equal(outbox.pending().messages, 50);
    await broker.start();
    const { heard } = await watch();
    await heard.until((message) => message === `${RECEIPT} r50`);
    // The province's own subscription may come after the first receipts: the outbox knows what was acknowledged.
    while (outbox.pending().messages > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    t.equal(events.items.filter((event) => event.startsWith('up')).length, 2);
    await link.close();
    await outbox.close();
    await store.close();
  },
);

t.test(
  'a process that starts again sends what was not acknowledged, in order',
  { skip, timeout: 60_000 },
  async (t) => {
    const { broker, tls, folder, watch } = await bench(t as Tap);
    const before = await openStore(folder);
    const first = await receiver(broker.port, tls, before);
    for (let n = 1; n <= 30; n += 1) await first.outbox.put('receipt', RECEIPT, Buffer.from(`r${n}`));
    await first.outbox.close();
    await before.close();
    const { heard } = await watch();
    const store = await openStore(folder);
    const { link, outbox, events } = await receiver(broker.port, tls, store);
    t.equal(outbox.pending().messages, 30);
    link.start(new AbortController().signal);
    await events.until((event) => event === 'up 5 new');
    await heard.until((message) => message === `${RECEIPT} r30`);
    const receipts = heard.items.filter((message) => message.startsWith(RECEIPT));
    t.same(
      receipts,
      Array.from({ length: 30 }, (_, n) => `${RECEIPT} r${n + 1}`),
    );
    while (outbox.pending().messages > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await link.close();
    await outbox.close();
    await store.close();
  },
);

t.test(
  'a retained message of 300 kB is dropped and reported while the connection stays, also the next time',
  { skip, timeout: 60_000 },
  async (t) => {
    const { broker, tls, folder, watch } = await bench(t as Tap);
    const store = await openStore(folder);
    const { province } = await watch();
    await province.publishAsync(COMMAND, Buffer.alloc(300_000, 97), { qos: 1, retain: true });
    for (const connection of ['first', 'second']) {
      const { link, events, oversizes, messages } = await receiver(broker.port, tls, store);
      link.subscribe([COMMAND]);
      link.start(new AbortController().signal);
      await events.until((event) => event.startsWith('up'));
      const { topic, bytes } = await oversizes.until(() => true);
      t.equal(topic, COMMAND, connection);
      t.ok(bytes >= 300_000 && bytes < 300_100, connection);
      await province.publishAsync(COMMAND, 'stop', { qos: 1 });
      await messages.until((message) => message === `${COMMAND} stop`);
      t.same(
        events.items.filter((event) => event.startsWith('down')),
        [],
        `${connection}: the connection stays`,
      );
      await link.close();
    }
    await store.close();
  },
);

t.test('a broker that stands still is noticed by the keepalive', { skip, timeout: 60_000 }, async (t) => {
  const { broker, tls, folder } = await bench(t as Tap);
  const store = await openStore(folder);
  const { link, events } = await receiver(broker.port, tls, store);
  link.start(new AbortController().signal);
  await events.until((event) => event === 'up 5 new');
  const from = Date.now();
  broker.freeze();
  await events.until((event) => event === 'down E_LINK_LOST');
  const noticedMs = Date.now() - from;
  t.comment(`noticed after ${noticedMs} ms with a keepalive of 5 s`);
  t.ok(noticedMs < 10_000);
  broker.thaw();
  await events.until((event) => event === 'up 5 resumed');
  await link.close();
  await store.close();
});
