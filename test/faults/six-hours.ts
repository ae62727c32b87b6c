import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../agent/core/store.js';
import { OUTBOX_LIMIT_BYTES, openOutbox, type Outbox, type OutboxKind } from '../../agent/link/outbox.js';
import { KeptLog } from '../support/kept-log.js';
import { ManualClock } from '../support/manual-clock.js';
import { waitUntil } from '../support/wait-until.js';

/** What became of six hours' reports. */
export interface SixHours {
  readonly produced: number;
  readonly delivered: number;
  /** Dropped for want of room, by kind, and counted as that. */
  readonly dropped: Readonly<Record<OutboxKind, number>>;
  /** Most bytes that the outbox held, and its bound. */
  readonly mostBytes: number;
  readonly limitBytes: number;
  /** Pairs of one class that arrived in another order than they were produced. */
  readonly outOfOrder: number;
  /** Receipts and security events that were produced and never came. */
  readonly lostRecords: number;
}

const HOURS = 6;
const KINDS: readonly OutboxKind[] = ['receipt', 'security', 'event', 'reply', 'telemetry'];

/**
 * Six hours without a broker in virtual time, on a real store: a receipt and two events a minute, a heartbeat every 15
 * minutes, and on the way a restart of the program. Then everything is delivered through the real outbox.
 * @param flood alarms of 4 kB beside that, all at once after three hours
 */
export async function sixHours(flood: number): Promise<SixHours> {
  const folder = await mkdtemp(join(tmpdir(), 'loa-six-hours-'));
  const clock = new ManualClock();
  const came: { kind: string; number: number }[] = [];
  let store = await openStore(folder);
  const open = (): Promise<Outbox> =>
    openOutbox({
      ...{ store, clock, log: new KeptLog() },
      publish: async (topic, payload) => {
        const [kind = '', number = ''] = new TextDecoder().decode(payload).split(' ');
        if (topic !== kind) throw new Error(`${topic} holds ${kind}`);
        came.push({ kind, number: Number(number) });
      },
    });
  let outbox = await open();
  const dropped: Record<OutboxKind, number> = { receipt: 0, security: 0, event: 0, reply: 0, telemetry: 0 };
  const countDrops = (): void => {
    for (const kind of KINDS) dropped[kind] += outbox.pending().dropped[kind];
  };
  let produced = 0;
  let mostBytes = 0;
  const records: string[] = [];
  const put = async (kind: OutboxKind, bytes: number): Promise<void> => {
    produced += 1;
    if (kind === 'receipt' || kind === 'security') records.push(`${kind} ${produced}`);
    await outbox.put(kind, kind, Buffer.from(`${kind} ${produced} `.padEnd(bytes, '.')));
    mostBytes = Math.max(mostBytes, outbox.pending().bytes);
  };
  try {
    for (let minute = 0; minute < HOURS * 60; minute += 1) {
      await put('receipt', 1_200);
      await put(minute % 10 === 0 ? 'security' : 'event', 500);
      await put(minute % 7 === 0 ? 'reply' : 'event', 300);
      if (minute % 15 === 0) await put('telemetry', 250);
      if (minute === 180) {
        for (let n = 0; n < flood; n += 1) await put('event', 4_000);
        countDrops();
        await outbox.close();
        await store.close();
        store = await openStore(folder);
        outbox = await open();
      }
      clock.advance(60_000);
    }
    countDrops();
    outbox.resume();
    await waitUntil('everything delivered', () => outbox.pending().messages === 0, { deadlineMs: 120_000 });
    const got = new Set(came.map(({ kind, number }) => `${kind} ${number}`));
    return {
      ...{ produced, delivered: came.length, dropped, mostBytes, limitBytes: OUTBOX_LIMIT_BYTES },
      outOfOrder: KINDS.reduce((sum, kind) => sum + disorder(came.filter((one) => one.kind === kind)), 0),
      lostRecords: records.filter((id) => !got.has(id)).length,
    };
  } finally {
    await outbox.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function disorder(came: readonly { readonly number: number }[]): number {
  return came.filter((one, index) => index > 0 && one.number < (came[index - 1]?.number ?? 0)).length;
}
