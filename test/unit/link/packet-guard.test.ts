import { generate } from 'mqtt-packet';
import t from 'tap';
import {
  guard,
  GUARD_START,
  PACKET_LIMIT_BYTES,
  PASSED_LIMIT_BYTES,
  type GuardEffect,
  type GuardState,
  type Sheds,
} from '../../../agent/link/packet-guard.js';

const CONNACK = Buffer.of(0x20, 3, 0, 0, 0);
const PINGRESP = Buffer.of(0xd0, 0);

interface Outcome {
  readonly state: GuardState;
  readonly passed: Buffer;
  readonly effects: GuardEffect[];
  readonly heldAtMost: number;
}

function feed(chunks: readonly Uint8Array[], sheds?: Sheds): Outcome {
  let state = GUARD_START;
  let heldAtMost = 0;
  const passed: Uint8Array[] = [];
  const effects: GuardEffect[] = [];
  for (const chunk of chunks) {
    const step = guard(state, chunk, sheds);
    state = step.state;
    heldAtMost = Math.max(heldAtMost, JSON.stringify(state).length);
    passed.push(...step.pass);
    effects.push(...step.effects.filter(({ kind }) => kind !== 'answer' && kind !== 'message'));
  }
  return { state, passed: Buffer.concat(passed), effects, heldAtMost };
}

function message(bytes: number, qos: 0 | 1, topic = 'loa/v1/area/ấp-1/command'): Buffer {
  return generate({
    cmd: 'publish',
    topic,
    payload: Buffer.alloc(bytes, 7),
    qos,
    dup: false,
    retain: true,
    messageId: 0x1234,
  });
}

t.test('a stream cut at every byte gives what the whole stream gives', async (t) => {
  const small = message(20, 1);
  const large = message(PASSED_LIMIT_BYTES, 1, 'large');
  const stream = Buffer.concat([CONNACK, small, PINGRESP, large, small]);
  const whole = feed([stream]);
  t.same(whole.passed, Buffer.concat([CONNACK, small, PINGRESP, small]), 'all passes but the large message');
  const cuts = [
    ...Array(CONNACK.length + small.length + 40).keys(),
    stream.length - small.length,
    stream.length - 1,
  ];
  for (const cut of cuts) {
    const { passed, effects, state } = feed([stream.subarray(0, cut), stream.subarray(cut)]);
    if (!passed.equals(whole.passed)) t.fail(`cut at ${cut}: other bytes`);
    t.same([effects, state], [whole.effects, whole.state], `cut at ${cut}`);
  }
  const single = feed(Array.from(stream, (byte) => Uint8Array.of(byte)));
  t.ok(single.passed.equals(whole.passed), 'byte by byte');
  t.same(single.effects, whole.effects);
  t.ok(single.heldAtMost < 2_000, 'the guard holds little, however it is cut');
});

t.test('an oversized message is dropped, reported with topic and size, and acknowledged', async (t) => {
  const large = message(300_000, 1);
  const { effects, passed } = feed([CONNACK, large, PINGRESP]);
  t.same(passed, Buffer.concat([CONNACK, PINGRESP]));
  t.same(effects, [
    { kind: 'oversize', topic: 'loa/v1/area/ấp-1/command', bytes: large.length - 4 },
    { kind: 'acknowledge', packet: Uint8Array.of(0x40, 2, 0x12, 0x34) },
  ]);
});

t.test('an oversized message of QoS 0 is not acknowledged', async (t) => {
  const { effects } = feed([CONNACK, message(100_000, 0)]);
  t.same(
    effects.map(({ kind }) => kind),
    ['oversize'],
  );
});

t.test(
  'a message that has no room is dropped as it comes in, and acknowledged where it asks for it',
  async (t) => {
    const asked: [string, number][] = [];
    const sheds: Sheds = (topic, bytes) => {
      asked.push([topic, bytes]);
      return topic !== 'kept';
    };
    const [long, empty, silent] = [message(60_000, 1), message(0, 1), message(9, 0)];
    const kept = message(9, 1, 'kept');
    const stream = Buffer.concat([CONNACK, long, kept, empty, silent, PINGRESP]);
    const cut = CONNACK.length + 500;
    const { passed, effects } = feed([stream.subarray(0, cut), stream.subarray(cut)], sheds);
    t.same(passed, Buffer.concat([CONNACK, kept, PINGRESP]));
    const acknowledge = { kind: 'acknowledge', packet: Uint8Array.of(0x40, 2, 0x12, 0x34) };
    t.same(effects, [acknowledge, acknowledge]);
    const topic = 'loa/v1/area/ấp-1/command';
    t.same(asked, [
      [topic, long.length - 4],
      ['kept', kept.length - 2],
      [topic, empty.length - 2],
      [topic, silent.length - 2],
    ]);
  },
);

t.test('a message whose beginning is cut is handed on, whether there is room or not', async (t) => {
  const small = message(9, 1);
  for (let cut = 1; cut < small.length - 9; cut += 1) {
    const { passed, effects } = feed([CONNACK, small.subarray(0, cut), small.subarray(cut)], () => true);
    const shed = cut <= 2 && passed.length === CONNACK.length;
    t.ok(shed ? effects.length === 1 : passed.equals(Buffer.concat([CONNACK, small])), `cut at ${cut}`);
  }
});

t.test('without a packet id nothing is dropped as if it could be acknowledged', async (t) => {
  const small = message(9, 1);
  small.writeUInt16BE(0, small.length - 11);
  t.same(feed([CONNACK, small], () => true).passed, Buffer.concat([CONNACK, small]));
});

t.test('a message of 64 KiB passes', async (t) => {
  const largest = message(65_536, 1);
  t.ok(feed([CONNACK, largest]).passed.equals(Buffer.concat([CONNACK, largest])));
});

t.test('the topic of an oversized message is kept in part only', async (t) => {
  const { effects } = feed([CONNACK, message(70_000, 0, 'x'.repeat(60_000))]);
  const [oversize] = effects;
  t.equal(oversize?.kind === 'oversize' && oversize.topic.length, 256);
});

t.test('packets against the standard break the connection and nothing after them passes', async (t) => {
  const varint = (length: number): number[] =>
    [0, 1, 2, 3].map((n) => (Math.floor(length / 128 ** n) & 127) | (n < 3 ? 128 : 0));
  const hostile: Record<string, number[]> = {
    'type 0': [0x00, 0],
    'a packet that only a client sends': [0x10, 2, 0, 0],
    'a SUBSCRIBE from the broker': [0x82, 2, 0, 0],
    'a remaining length of five bytes': [0x30, 0xff, 0xff, 0xff, 0xff, 0x01],
    'a message of 256 MB': [0x30, 0xff, 0xff, 0xff, 0x7f],
    'a message one byte over the limit': [0x30, ...varint(PACKET_LIMIT_BYTES - 4)],
    'a SUBACK of 100 000 bytes': [0x90, ...varint(100_000)],
    'a message of QoS 2': [0x34, 10],
    'a message of QoS 3': [0x36, 10],
    'a PUBREC, though QoS 2 is never spoken': [0x50, 2, 0, 1],
    'a PUBREL, though QoS 2 is never spoken': [0x62, 2, 0, 1],
    'an AUTH that was never begun': [0xf0, 0],
    'a second CONNACK': [0x20, 3, 0, 0, 0],
    'an oversized message without a packet id': [0x32, ...varint(100_000), 0, 1, 0x61, 0, 0],
  };
  for (const [name, bytes] of Object.entries(hostile)) {
    const { effects, passed, state } = feed([CONNACK, Uint8Array.from(bytes), PINGRESP]);
    t.match(effects, [{ kind: 'violation' }], name);
    t.same([passed, state.kind], [CONNACK, 'broken'], `${name}: nothing passes`);
  }
  t.match(feed([PINGRESP]).effects, [{ kind: 'violation' }], 'anything before the CONNACK');
  const largest = Uint8Array.from([0x30, ...varint(PACKET_LIMIT_BYTES - 5)]);
  t.same(feed([CONNACK, largest]).effects, [], 'a message of exactly the limit is let by (and dropped)');
});

t.test('a message of QoS 1 over the packet limit is acknowledged before the end, at every cut', async (t) => {
  // 2 MiB announced, topic "a", packet id 0x0102, and the beginning of its payload.
  const bytes = Uint8Array.from([0x32, 0x80, 0x80, 0x80, 0x01, 0, 1, 0x61, 1, 2, 9, 9, 9]);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const { effects, passed, state } = feed([CONNACK, bytes.subarray(0, cut), bytes.subarray(cut)]);
    t.match(
      effects,
      [
        { kind: 'oversize', topic: 'a', bytes: 2 << 20 },
        { kind: 'acknowledge', packet: Uint8Array.of(0x40, 2, 1, 2) },
        { kind: 'violation' },
      ],
      `cut at ${cut}`,
    );
    t.same([passed, state.kind], [CONNACK, 'broken']);
  }
});

t.test(
  'the refusal of a broker of 3.1.1 is recognised at every cut, and nothing else is taken for it',
  async (t) => {
    const refusal = Buffer.of(0x20, 2, 0, 1);
    for (const cut of [0, 1, 2, 3, 4]) {
      const { effects, passed } = feed([refusal.subarray(0, cut), refusal.subarray(cut)]);
      t.same([effects, passed], [[{ kind: 'version-refused' }], refusal], `cut at ${cut}`);
    }
    t.same(feed([Buffer.of(0x20, 2, 0, 0)]).effects, [], 'accepted');
    t.same(feed([Buffer.of(0x20, 2, 0, 2)]).effects, [], 'identifier rejected');
    t.same(feed([Buffer.of(0x20, 3, 0, 1, 0)]).effects, [], 'a CONNACK of MQTT 5');
  },
);

t.test('each message and each answer that is handed on is told', async (t) => {
  const suback = Buffer.of(0x90, 4, 0, 1, 0, 1);
  const puback = Buffer.of(0x40, 2, 0, 1);
  const { effects } = guard(GUARD_START, Buffer.concat([CONNACK, PINGRESP, message(5, 1), suback, puback]));
  t.same(effects, [
    { kind: 'answer', type: 13 },
    { kind: 'message' },
    { kind: 'answer', type: 9 },
    { kind: 'answer', type: 4 },
  ]);
});
