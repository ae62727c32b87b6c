import t from 'tap';
import { systemClock } from '../../agent/core/clock.js';
import { openOutbox } from '../../agent/link/outbox.js';
import { startFakeBroker } from '../fakes/broker.js';
import { memoryStore } from '../fakes/memory-store.js';
import { SwitchBoard, type WireQuality } from '../support/switch-board.js';
import { waitUntil } from '../support/wait-until.js';
import { certificates, makeLink, skip } from '../unit/link/link-rig.js';
import { keptLog } from '../unit/link/support.js';

t.setTimeout(240_000);

const WIRES: Readonly<Record<string, WireQuality>> = {
  'late and jittery': { delayMs: 150, jitterMs: 150 },
  'in pieces of three bytes': { partBytes: 3 },
  'at 64 kbit/s': { bitsPerSecond: 64_000, delayMs: 50 },
};

for (const [name, quality] of Object.entries(WIRES)) {
  t.test(
    `on a wire ${name} the link stands, and a message of 30 kB comes whole each way`,
    { skip },
    async (t) => {
      const tls = await certificates;
      const broker = await startFakeBroker(tls);
      const board = await SwitchBoard.listen(broker.port);
      board.behave(quality);
      const { link, told, messages, downs } = makeLink(board.port, tls);
      t.teardown(async () => {
        await link.close();
        await board.close();
        await broker.close();
      });
      const fromMs = performance.now();
      link.start(new AbortController().signal);
      await told({ up: 1 });
      (await broker.connection(1)).publish('a', 'x'.repeat(30_000), 7);
      await link.publish('b', new Uint8Array(30_000).fill(121));
      await told({ message: 1 });
      t.equal(messages[0], `a ${'x'.repeat(30_000)}`);
      const came = await broker.seen('publish', ({ topic }) => topic === 'b');
      t.equal(came.payload.toString(), 'y'.repeat(30_000));
      t.same(downs, []);
      t.comment(
        `${Math.round(performance.now() - fromMs)} ms, ${board.carried.up} B up, ${board.carried.down} B down`,
      );
      if (quality.bitsPerSecond !== undefined)
        t.ok(performance.now() - fromMs > (30_000 * 8_000) / quality.bitsPerSecond, 'and it was that slow');
    },
  );
}

/** Pieces that pass before the wire breaks: more than a handshake needs. */
const BREAK_EVERY = 25;

t.test('on a wire that breaks again and again everything kept arrives, in order', { skip }, async (t) => {
  const tls = await certificates;
  const broker = await startFakeBroker(tls);
  let pieces = 0;
  const board = await SwitchBoard.listen(broker.port, () => (++pieces % BREAK_EVERY === 0 ? 0 : 1));
  board.behave({ resetShare: 0.5 });
  const { link } = makeLink(board.port, tls, {
    listener: {
      onUp: () => outbox.resume(),
      onDown: () => outbox.pause(),
      onMessage: async () => undefined,
      onOversize: () => undefined,
    },
    times: { retry: { firstMs: 10, longestMs: 50, stableMs: 300_000 } },
    random: () => 0.5,
  });
  const outbox = await openOutbox({
    ...{ store: memoryStore(), clock: systemClock, log: keptLog() },
    publish: (topic, payload) => link.publish(topic, payload),
  });
  t.teardown(async () => {
    await link.close();
    await board.close();
    await broker.close();
  });
  link.start(new AbortController().signal);
  for (let n = 1; n <= 300; n += 1) await outbox.put('receipt', 'r', Buffer.from(`${n}`));
  await waitUntil('all acknowledged', () => outbox.pending().messages === 0, { deadlineMs: 120_000 });
  const numbers = broker.packets.flatMap((packet) =>
    packet.cmd === 'publish' && packet.topic === 'r' ? [Number(packet.payload.toString())] : [],
  );
  const first = [...new Set(numbers)];
  t.same(
    first,
    Array.from({ length: 300 }, (_, index) => index + 1),
    'each at least once, in order at first',
  );
  t.comment(`${board.connections} connections, ${numbers.length - 300} repeats`);
  t.ok(board.connections > 2, 'the wire did break, more than once');
});
