import { WIRE_LIMITS } from '../../../agent/link/guarded-stream.js';
import t from 'tap';
import { startFakeBroker } from '../../fakes/broker.js';
import { AT_ONCE, bytes, certificates, makeLink, rig, skip, type Tap } from './link-rig.js';
import { handClock } from './support.js';

t.test('publishing rejects when the link is not up or goes down first', { skip }, async (t) => {
  const { link, broker, told } = await rig(t as Tap, { acknowledges: false });
  await t.rejects(link.publish('m', bytes('x')), { code: 'E_LINK_LOST' });
  link.start(new AbortController().signal);
  await told({ up: 1 });
  const waiting = [...Array(30).keys()].map((n) => link.publish('m', bytes(`${n}`)));
  await broker.seen('publish', ({ payload }) => payload.toString() === '19');
  t.equal(broker.packets.filter(({ cmd }) => cmd === 'publish').length, 20, 'at most 20 unacknowledged');
  const settled = Promise.allSettled(waiting);
  (await broker.connection(1)).cut();
  for (const one of await settled) t.match(one, { status: 'rejected', reason: { code: 'E_LINK_LOST' } });
});

t.test('a broker that accepts but never answers is given up after 20 s', { skip }, async (t) => {
  const clock = handClock();
  let connecting: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (connecting = resolve));
  const tls = await certificates;
  const broker = await startFakeBroker(tls);
  t.teardown(() => broker.close());
  const { link, told, downs } = makeLink(broker.port, tls, {
    clock,
    tls: () => {
      connecting();
      return new Promise(() => undefined);
    },
  });
  link.start(new AbortController().signal);
  await asked;
  clock.advance(19_999);
  t.same(downs, []);
  clock.advance(1);
  await told({ down: 1 });
  t.match(downs, [{ code: 'E_LINK_CONNECT', detail: /20 s/ }]);
  await link.close();
});

t.test('a message without acknowledgement for a minute ends the connection', { skip }, async (t) => {
  const clock = handClock();
  const { link, broker, told, downs } = await rig(t as Tap, { acknowledges: false }, { clock });
  link.start(new AbortController().signal);
  await told({ up: 1 });
  const lost = t.rejects(link.publish('m', bytes('x')), { code: 'E_LINK_LOST' });
  await broker.seen('publish');
  clock.advance(60_000);
  await lost;
  t.match(downs, [{ code: 'E_LINK_LOST', detail: /no acknowledgement/ }]);
  broker.script.acknowledges = true;
});

t.test('a message written into a dead link does not put off its end', { skip }, async (t) => {
  const clock = handClock();
  const script = { acknowledges: false, answersPings: false };
  const { link, broker, told, downs } = await rig(t as Tap, script, { clock });
  link.start(new AbortController().signal);
  await told({ up: 1 });
  clock.advance(59_000);
  const lost = t.rejects(link.publish('m', bytes('x')), { code: 'E_LINK_LOST' });
  await broker.seen('publish');
  clock.advance(30_999);
  t.same(downs, []);
  clock.advance(1);
  await lost;
  t.match(downs, [{ code: 'E_LINK_LOST', detail: /does not answer/, fields: { silent: true } }]);
  broker.script.acknowledges = true;
});

t.test('closing says farewell before it disconnects, so that the will is not sent', { skip }, async (t) => {
  const { link, broker, told, downs } = await rig(t as Tap);
  const stop = new AbortController();
  link.start(stop.signal);
  await told({ up: 1 });
  stop.abort();
  const farewell = await broker.seen('publish');
  t.match(farewell, { topic: 'loa/v1/receiver/bt-001/state', retain: true, payload: Buffer.from('stopped') });
  await broker.seen('disconnect');
  await link.close();
  t.equal(link.status().kind, 'closed');
  t.equal(downs.length, 1);
});

t.test(
  'closing ends in time though the broker is silent, and while waiting to retry',
  { skip },
  async (t) => {
    const clock = handClock();
    const { link, broker, told } = await rig(t as Tap, { acknowledges: false }, { clock });
    link.start(new AbortController().signal);
    await told({ up: 1 });
    const closed = link.close();
    await broker.seen('publish');
    clock.advance(2_500);
    await closed;
    t.equal(link.status().kind, 'closed');

    const waiting = makeLink(1, await certificates, {
      times: { retry: { ...AT_ONCE, firstMs: 1_000 } },
      clock,
      random: () => 0.9,
    });
    waiting.link.start(new AbortController().signal);
    await waiting.told({ down: 1 });
    t.equal(waiting.link.status().kind, 'waiting');
    await waiting.link.close();
    clock.advance(10_000);
    t.equal(waiting.link.status().attempts, 1, 'no attempt after the end');
  },
);

t.test(
  'a message under an invalid topic ends the connection at once, and it connects anew',
  { skip },
  async (t) => {
    const { link, broker, told, downs, messages } = await rig(t as Tap);
    link.start(new AbortController().signal);
    // A topic of two bytes: "a+", an empty one, one with NUL, and one that is no UTF-8.
    const topics = [[0x61, 0x2b], [], [0x61, 0x00], [0xc3, 0x28]];
    for (const [index, topic] of topics.entries()) {
      await told({ up: index + 1 });
      const packet = [0x32, 6 + topic.length, 0, topic.length, ...topic, 0, 7, 0, 0x78];
      (await broker.connection(index + 1)).write(Uint8Array.from(packet));
      await told({ down: index + 1 });
      t.match(downs[index], { code: 'E_LINK_PROTOCOL' }, `topic ${topic.join(' ')}`);
    }
    t.same(messages, []);
  },
);

t.test('an answer to nothing ends the connection', { skip }, async (t) => {
  const { link, broker, told, downs } = await rig(t as Tap);
  link.start(new AbortController().signal);
  const answers = [
    [0xd0, 0],
    [0x40, 2, 0, 1],
    [0x90, 4, 0, 1, 0, 1],
  ];
  for (const [index, answer] of answers.entries()) {
    await told({ up: index + 1 });
    await link.publish('m', bytes('an answer that is owed does no harm'));
    (await broker.connection(index + 1)).write(Uint8Array.from(answer));
    await told({ down: index + 1 });
    t.match(downs[index], { code: 'E_LINK_PROTOCOL', detail: /to nothing/ });
  }
});

t.test('a flood of messages is read at the pace of the limits, none is lost', { skip }, async (t) => {
  const clock = handClock();
  const { link, broker, told, messages } = await rig(t as Tap, {}, { clock });
  link.start(new AbortController().signal);
  await told({ up: 1 });
  const connection = await broker.connection(1);
  const { messageBurst, messagesPerSecond } = WIRE_LIMITS;
  const sent = messageBurst + 2_000;
  for (let n = 1; n <= sent; n += 1) connection.publish('a', 'x'.repeat(1_000), (n % 65_535) + 1);
  await told({ message: messageBurst });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const taken = messages.length;
  t.ok(taken < messageBurst + 300, `${taken} of ${sent} while the clock stands`);
  const seconds = 2 * Math.ceil(2_000 / messagesPerSecond);
  for (let second = 0; second < seconds && messages.length < sent; second += 1) {
    clock.advance(1_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await told({ message: sent });
  t.equal(messages.length, sent);
});
