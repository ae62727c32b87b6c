/**
 * A light receiver that a test kills at any moment: the real store, outbox, envelope and link. It takes records up as
 * fast as the disk lets it, or at a pace, and says on standard output which are on the disk: `+ BOOT SEQUENCE`; that the
 * outbox is `empty`; that the link is `up`, or `down CODE`; and the `command` that it was sent, with its payload.
 * On SIGUSR2 it takes up no more.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../agent/core/clock.js';
import { openStore } from '../../agent/core/store.js';
import { createEnvelope, lastWords } from '../../agent/link/envelope.js';
import { createLink } from '../../agent/link/link.js';
import { openOutbox, type OutboxKind } from '../../agent/link/outbox.js';
import { downTopics, upTopics } from '../../protocols/topics.js';
import { KeptLog } from '../support/kept-log.js';

/** What the child is told, as JSON in its first argument. */
export interface OutboxChildSetUp {
  readonly receiver: string;
  readonly host: string;
  readonly port: number;
  readonly keepaliveS: number;
  readonly storeFolder: string;
  /** Files of the receiver's TLS material. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Records to take up before it only delivers; 0 for none. */
  readonly records: number;
  /** Time between two of them; 0 as fast as it goes. */
  readonly everyMs: number;
}

async function main(): Promise<void> {
  const setUp = JSON.parse(process.argv[2] ?? '{}') as OutboxChildSetUp;
  const store = await openStore(setUp.storeFolder);
  const boot = randomUUID();
  const envelope = createEnvelope(setUp.receiver, boot, systemClock);
  const log = new KeptLog();
  const material = {
    ca: readFileSync(setUp.ca, 'utf8'),
    cert: readFileSync(setUp.cert, 'utf8'),
    key: readFileSync(setUp.key, 'utf8'),
  };
  const link = createLink({
    receiverId: setUp.receiver,
    // The certificate is of this name, wherever the broker is.
    tls: async () => ({ host: setUp.host, port: setUp.port, servername: 'localhost', ...material }),
    keepaliveS: setUp.keepaliveS,
    lastWords: (reason) => lastWords(envelope, reason),
    listener: {
      onUp: () => {
        process.stdout.write('up\n');
        outbox.resume();
      },
      onDown: ({ code }) => {
        process.stdout.write(`down ${code}\n`);
        outbox.pause();
      },
      onMessage: async (_topic, payload) => {
        process.stdout.write(`command ${new TextDecoder().decode(payload)}\n`);
      },
      onOversize: () => undefined,
    },
    ...{ store, clock: systemClock, random: Math.random, log },
    times: { retry: { firstMs: 50, longestMs: 500, stableMs: 300_000 } },
  });
  const outbox = await openOutbox({
    ...{ store, clock: systemClock, log },
    publish: (topic, payload) => link.publish(topic, payload),
  });
  link.subscribe([downTopics.receiverCommand(setUp.receiver)]);
  link.start(new AbortController().signal);
  process.stdout.write(`open ${outbox.pending().messages}\n`);
  let enough = false;
  process.once('SIGUSR2', () => (enough = true));
  for (let n = 0; n < setUp.records && !enough; n += 1) {
    const kind: OutboxKind = n % 3 === 0 ? 'security' : 'receipt';
    const { sequence } = envelope.next();
    const record = { receiver: setUp.receiver, boot, sequence, kind, filler: 'x'.repeat(400) };
    const topic = kind === 'receipt' ? upTopics.receipt(setUp.receiver) : upTopics.event(setUp.receiver);
    await outbox.put(kind, topic, Buffer.from(JSON.stringify(record)));
    process.stdout.write(`+ ${boot} ${sequence}\n`);
    if (setUp.everyMs > 0) await sleep(setUp.everyMs);
  }
  for (;;) {
    if (outbox.pending().messages === 0) process.stdout.write('empty\n');
    await sleep(50);
  }
}

await main();
