import { createHash } from 'node:crypto';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../agent/core/clock.js';
import { openStore } from '../../agent/core/store.js';
import { openOutbox } from '../../agent/link/outbox.js';
import { STORE_FOLDER } from '../../agent/state-files.js';
import { KeptLog } from '../support/kept-log.js';
import { waitUntil } from '../support/wait-until.js';
import type { DeathBench } from './death-bench.js';

/** What was seen when the receiver itself was killed with reports that the province did not have yet. */
export interface ReceiverDeath {
  /** Records (receipts and events) that lay in the store when it was killed, and among them receipts. */
  readonly kept: number;
  readonly keptReceipts: number;
  /** How many of them the province got after the restart, byte for byte. */
  readonly delivered: number;
  /** The receipt of the bulletin that had ended while the broker was away: its outcome and length. */
  readonly receiptOutcome: string;
  readonly receiptFrames: number;
  /** Left in the outbox in the end. */
  readonly left: number;
  /** What a command given after the restart led to. */
  readonly commandOutcome: string;
}

/**
 * Kills the broker, lets one bulletin end and another begin, and kills the receiver; then starts both again. What the
 * receiver's store held is read from a copy made while it was dead.
 */
export async function killReceiver(bench: DeathBench, folder: string): Promise<ReceiverDeath> {
  const { receiver, province } = bench;
  const short = await bench.play({ title: 'Ngắn', class: 'priority', forMs: 5_000 });
  const long = await bench.play({ title: 'Dài', forMs: 120_000 });
  await bench.untilSounding();
  await province.mosquitto.stop('SIGKILL');
  await receiver.waitFor(
    'the short bulletin accounted for, the long one on air',
    ({ link, onAir, outbox }) =>
      link.kind !== 'up' && onAir?.playId === long.message.body.playId && outbox.messages >= 2,
  );
  await receiver.stop('SIGKILL');
  const kept = await keptIn(join(receiver.folder, 'state', STORE_FOLDER), join(folder, 'store-copy'));

  await province.mosquitto.start();
  await receiver.start();
  const { body } = (await bench.receiptOf(short.message.body.playId)).message;
  await receiver.waitFor('nothing left to deliver', ({ outbox }) => outbox.messages === 0);
  const next = await bench.play({ title: 'Sau khi bật lại', forMs: 4_000 });
  await bench.untilSounding();
  const nextReceipt = (await bench.receiptOf(next.message.body.playId)).message.body;
  const { receipts, events } = province.ears;
  const hashes = new Set([...receipts, ...events].map(({ hash }) => hash));
  return {
    kept: kept.length,
    keptReceipts: kept.filter(({ topic }) => topic.endsWith('/receipt')).length,
    delivered: kept.filter(({ hash }) => hashes.has(hash)).length,
    receiptOutcome: body.outcome,
    receiptFrames: body.framesHeard,
    left: (await receiver.status()).outbox.messages,
    commandOutcome: nextReceipt.framesHeard > 0 ? nextReceipt.outcome : 'unheard',
  };
}

/** The records waiting in a store, read from a copy of it. */
async function keptIn(store: string, copy: string): Promise<{ topic: string; hash: string }[]> {
  await cp(store, copy, { recursive: true });
  const opened = await openStore(copy);
  const found: { topic: string; hash: string }[] = [];
  const outbox = await openOutbox({
    store: opened,
    clock: systemClock,
    log: new KeptLog(),
    publish: (topic, payload) => {
      found.push({ topic, hash: createHash('sha256').update(payload).digest('base64url') });
      // Never acknowledged: nothing is taken out.
      return new Promise(() => undefined);
    },
  });
  const { messages } = outbox.pending();
  outbox.resume();
  await waitUntil('everything kept is read', () => found.length === messages);
  outbox.pause();
  await outbox.close();
  await opened.close();
  return found.filter(({ topic }) => topic.endsWith('/receipt') || topic.endsWith('/event'));
}
