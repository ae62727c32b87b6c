import t from 'tap';
import {
  HELD_MS,
  Lanes,
  LANE_LIMITS,
  ROW_GAP_MS,
  ROW_LIMIT,
  WAITING_LIMITS,
} from '../../../agent/commands/lanes.js';
import { ManualClock } from '../../support/manual-clock.js';

const COMMANDS = 'loa/v1/area/ap-1/command';
const OWN = 'loa/v1/receiver/loa-0001/command';
const EMERGENCY = 'loa/v1/area/ap-1/emergency/province';

function rigOf() {
  const clock = new ManualClock();
  const handled: string[] = [];
  const shed: string[] = [];
  const open: (() => void)[] = [];
  const lanes = new Lanes({
    clock,
    handle: (topic, payload) => {
      handled.push(`${topic.split('/').slice(2).join('/')} ${String(payload[0])}`);
      return new Promise((resolve) => open.push(resolve));
    },
    onShed: (topic) => void shed.push(topic),
  });
  /** What is being dealt with is done. */
  const finish = async (): Promise<void> => {
    open.shift()?.();
    await settled();
  };
  /** Takes it, and tells whether it may be acknowledged before it is done. */
  const take = async (topic: string, payload: Uint8Array = Uint8Array.of(0)): Promise<() => boolean> => {
    let acknowledged = false;
    void lanes.take(topic, payload).then(() => {
      acknowledged = true;
    });
    await settled();
    return () => acknowledged;
  };
  /** So many, each done before the next comes. */
  const row = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      await take(COMMANDS);
      await finish();
    }
  };
  return { clock, lanes, handled, shed, finish, take, row };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await Promise.resolve();
}

t.test('a command is acknowledged when it has been dealt with, not before', async (t) => {
  const { take, finish } = rigOf();
  const acknowledged = await take(COMMANDS);
  t.notOk(acknowledged());
  await finish();
  t.ok(acknowledged());
});

t.test('an emergency, and what it is judged by, are dealt with while a command is under way', async (t) => {
  const { take, handled } = rigOf();
  await take(COMMANDS);
  const acknowledged = await take(EMERGENCY);
  await take('loa/v1/trust/7');
  await take('loa/v1/receiver/loa-0001/assignment');
  t.same(
    handled.map((line) => line.split(' ')[0]),
    ['area/ap-1/command', 'area/ap-1/emergency/province', 'trust/7', 'receiver/loa-0001/assignment'],
  );
  t.notOk(acknowledged(), 'it is acknowledged when it is done: it must not be lost');
});

t.test(
  'after a row without a pause commands are taken off the wire before they are dealt with',
  async (t) => {
    const { take, row, finish, handled, lanes } = rigOf();
    await row(ROW_LIMIT);
    const [one, two] = [await take(COMMANDS, Uint8Array.of(1)), await take(OWN, Uint8Array.of(2))];
    t.ok(one() && two());
    t.equal(lanes.waiting, 1, 'the first is being dealt with');
    await take(EMERGENCY, Uint8Array.of(3));
    t.equal(handled.at(-1), 'area/ap-1/emergency/province 3');
    await finish();
    t.equal(handled.at(-1), 'receiver/loa-0001/command 2', 'in the order they came');
  },
);

t.test('a pause ends the row', async (t) => {
  const { take, row, clock } = rigOf();
  await row(ROW_LIMIT);
  clock.advance(ROW_GAP_MS + 1);
  const acknowledged = await take(COMMANDS);
  t.notOk(acknowledged());
});

t.test('a disk that hangs holds nothing behind it up: what it hangs over is acknowledged', async (t) => {
  const { take, clock, handled, lanes } = rigOf();
  const [command, behind] = [await take(COMMANDS), await take(OWN)];
  clock.advance(HELD_MS - 1);
  await settled();
  t.notOk(command() || behind());
  clock.advance(1);
  await settled();
  t.ok(command() && behind());
  const later = await take(COMMANDS);
  t.notOk(later(), 'the row has not lasted for longer yet');
  clock.advance(1);
  const latest = await take(COMMANDS);
  t.ok(latest(), 'from here on at once');
  const emergency = await take(EMERGENCY, Uint8Array.of(1));
  t.equal(handled.at(-1), 'area/ap-1/emergency/province 1');
  t.notOk(emergency());
  clock.advance(HELD_MS);
  await settled();
  t.ok(emergency(), 'it is in force');
  t.equal(lanes.waiting, 3, 'what waits is dealt with once the disk takes something');
});

t.test('what does not fit is let go and told, topic by topic', async (t) => {
  const { take, row, shed, lanes } = rigOf();
  await row(ROW_LIMIT);
  for (let i = 0; i < WAITING_LIMITS.ofTopic + 11; i += 1) await take(COMMANDS);
  t.same([...new Set(shed)], [COMMANDS]);
  t.equal(shed.length, 10, 'one is being dealt with');
  await take(OWN);
  t.equal(shed.length, 10, 'another topic has room');
  t.equal(lanes.waiting, WAITING_LIMITS.ofTopic + 1);
  for (let topic = 0; topic < 40; topic += 1)
    for (let i = 0; i < 10; i += 1) await take(`loa/v1/area/a${topic}/command`);
  t.equal(lanes.waiting, WAITING_LIMITS.messages, 'of all topics together too');
});

t.test(
  'whether there is room is known before a message is taken in; there always is for an emergency',
  async (t) => {
    const { take, lanes, shed } = rigOf();
    t.notOk(lanes.sheds(COMMANDS, 3 * WAITING_LIMITS.bytes), 'nothing waits: its size is judged elsewhere');
    for (let i = 0; i < WAITING_LIMITS.ofTopic + 1; i += 1) {
      t.notOk(lanes.sheds(COMMANDS, 1));
      await take(COMMANDS);
    }
    t.ok(lanes.sheds(COMMANDS, 1));
    t.notOk(lanes.sheds(OWN, 1));
    t.notOk(lanes.sheds(EMERGENCY, 1));
    t.same(shed, [COMMANDS]);
  },
);

t.test('what waits is bounded in bytes', async (t) => {
  const { take, row, shed, lanes } = rigOf();
  await row(ROW_LIMIT);
  for (let i = 0; i < 60; i += 1) await take(COMMANDS, new Uint8Array(60_000));
  t.ok(lanes.waiting * 60_000 <= WAITING_LIMITS.bytes);
  t.equal(shed.length, 60 - 1 - Math.floor(WAITING_LIMITS.bytes / 60_000));
});

t.test('what floods is dealt with at a pace that leaves the processor to the sound', async (t) => {
  const { take, row, handled, finish, clock } = rigOf();
  await row(LANE_LIMITS.messageBurst);
  await take(COMMANDS);
  await take(COMMANDS);
  await finish();
  t.equal(handled.length, LANE_LIMITS.messageBurst + 1, 'the burst is used up');
  clock.advance(1000 / LANE_LIMITS.messagesPerSecond);
  await settled();
  t.equal(handled.length, LANE_LIMITS.messageBurst + 2);
});

t.test('what has to wait for its turn holds no window of the broker, however slowly it came', async (t) => {
  const { clock, take, finish, lanes } = rigOf();
  const piece = new Uint8Array(LANE_LIMITS.byteBurst / 8);
  for (let i = 0; i < 7; i += 1) {
    await take(COMMANDS, piece);
    clock.advance(ROW_GAP_MS + 1);
    await finish();
    clock.advance(ROW_GAP_MS + 1);
  }
  const [last, behind] = [await take(COMMANDS, piece), await take(OWN, piece)];
  t.notOk(last(), 'it is being dealt with');
  t.notOk(behind(), 'it waits for the one before it');
  await finish();
  t.ok(last());
  await finish();
  t.ok(behind());
  const [later, latest] = [await take(COMMANDS), await take(OWN)];
  t.ok(later() && latest(), 'nothing is looked into for a while: both wait here');
  t.equal(lanes.waiting, 2);
  clock.advance((1000 * piece.length * 2) / LANE_LIMITS.bytesPerSecond);
  await finish();
  t.equal(lanes.waiting, 0);
});

t.test('closed, it looks into nothing more and holds nobody up', async (t) => {
  const { take, row, lanes, handled } = rigOf();
  await row(ROW_LIMIT);
  await take(COMMANDS);
  await take(COMMANDS);
  const before = handled.length;
  lanes.close();
  t.equal(lanes.waiting, 0);
  const acknowledged = await take(COMMANDS);
  t.ok(acknowledged());
  t.equal(handled.length, before);
});
