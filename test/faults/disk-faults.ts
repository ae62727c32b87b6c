import { join } from 'node:path';
import { keptJson } from '../../agent/core/kept-file.js';
import { codeOf } from '../../agent/core/errors.js';
import { openStore } from '../../agent/core/store.js';
import { openOutbox, type Outbox } from '../../agent/link/outbox.js';
import { openPowerCutDisk, type DiskFault, type PowerCutDisk } from '../fixtures/power-cut-disk/disk.js';
import { KeptLog } from '../support/kept-log.js';
import { ManualClock } from '../support/manual-clock.js';
import { waitUntil } from '../support/wait-until.js';

/** What a disk that fails did to outbox and state files. */
export interface DiskFaultReport {
  readonly fault: DiskFault['kind'];
  /** Codes with which messages, and a file of state, were refused while the disk failed. */
  readonly refusedWith: readonly string[];
  /** Messages refused meanwhile, and sent meanwhile of those that were there. */
  readonly refused: number;
  readonly sentMeanwhile: number;
  /** Accepted after the disk was well again, by the same process. */
  readonly acceptedAfter: number;
  /** Accepted at any time, and neither sent nor there after a power cut. */
  readonly lost: number;
  /** The value of the file of state while the disk failed, and after all: the last that was written without an error. */
  readonly stateKept: boolean;
}

const MESSAGES = 8;
/** A record of this size tears where a disk becomes full. */
const BYTES = 900;
const FAULTS: readonly DiskFault[] = [
  { kind: 'full', bytes: 2 * BYTES + 450 },
  { kind: 'readonly' },
  { kind: 'broken' },
];

/** A full, a read-only and a broken disk under a running outbox: refused clearly, sent meanwhile, nothing accepted is lost. */
export async function diskFaults(): Promise<DiskFaultReport[]> {
  const reports: DiskFaultReport[] = [];
  for (const fault of FAULTS) {
    const disk = await openPowerCutDisk();
    try {
      reports.push(await underFault(disk, fault));
    } finally {
      await disk.close();
    }
  }
  return reports;
}

async function underFault(disk: PowerCutDisk, fault: DiskFault): Promise<DiskFaultReport> {
  const sent = new Set<string>();
  const accepted: string[] = [];
  const refusedWith: string[] = [];
  let outbox = await Kept.open(disk.folder, sent);
  const put = async (count: number, name: string): Promise<number> => {
    let done = 0;
    for (let n = 0; n < count; n += 1) {
      const text = `${name} ${n}`;
      await outbox.put(text).then(
        () => {
          accepted.push(text);
          done += 1;
        },
        (error: unknown) => refusedWith.push(codeOf(error)),
      );
    }
    return done;
  };
  await put(MESSAGES, 'before');
  await outbox.state.write(1);
  await disk.fail(fault);
  const during = await put(MESSAGES, 'during');
  const refused = MESSAGES - during;
  await outbox.state.write(2).catch((error: unknown) => refusedWith.push(codeOf(error)));
  const stateMeanwhile = await outbox.state.read();
  outbox.queue.resume();
  await waitUntil('what was there is sent', () => sent.size >= MESSAGES);
  const sentMeanwhile = sent.size;
  outbox.queue.pause();
  await disk.fail({ kind: 'heal' });
  const acceptedAfter = await put(MESSAGES, 'after');
  await outbox.close();
  await disk.cut(1);
  outbox = await Kept.open(disk.folder, sent);
  outbox.queue.resume();
  await waitUntil('the rest is sent', () => outbox.queue.pending().messages === 0);
  const state = await outbox.state.read();
  await outbox.close();
  return {
    ...{ fault: fault.kind, refusedWith: [...new Set(refusedWith)], refused, sentMeanwhile, acceptedAfter },
    lost: accepted.filter((text) => !sent.has(text)).length,
    stateKept: stateMeanwhile === 1 && state === 1,
  };
}

/** A store with an outbox and a file of state beside it. */
class Kept {
  private constructor(
    readonly queue: Outbox,
    readonly state: ReturnType<typeof keptJson<number>>,
    readonly close: () => Promise<void>,
  ) {}

  static async open(folder: string, sent: Set<string>): Promise<Kept> {
    const log = new KeptLog();
    const store = await openStore(join(folder, 'store'));
    const queue = await openOutbox({
      ...{ store, log, clock: new ManualClock() },
      publish: async (_topic, payload) => void sent.add(new TextDecoder().decode(payload).trimEnd()),
    });
    const state = keptJson({ path: join(folder, 'state.json'), parse: Number, factory: 0, log });
    return new Kept(queue, state, async () => {
      await queue.close();
      await store.close();
    });
  }

  put(text: string): Promise<void> {
    return this.queue.put('receipt', 'receipt', new TextEncoder().encode(text.padEnd(BYTES)));
  }
}
