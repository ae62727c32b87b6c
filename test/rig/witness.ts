import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCard } from '../fixtures/sound-card/card.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { CardRecord, monotonicMs } from './card-record.js';

/** A moment at which the machine did not run the witness in time. */
export interface Stall {
  /** Monotonic milliseconds of its end. */
  readonly atMs: number;
  readonly lateMs: number;
}

/** What the product's writer gives at once by default (`sound.leadMs`): the witness is fed the same way. */
export const WITNESS_LEAD_MS = 30;
const STALLS_KEPT = 100_000;

/**
 * A bare paced writer with a card of its own, in a process of its own beside what is measured: it has no decoder, no
 * network and no second thread, so what it suffers is the machine's fault.
 */
export class Witness {
  readonly record: CardRecord;
  readonly stalls: Stall[] = [];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, record: CardRecord) {
    this.#child = child;
    this.record = record;
  }

  /** Starts one in an existing folder, with the buffer and lead that the receiver has. */
  static async start(folder: string, bufferMs: number, leadMs = WITNESS_LEAD_MS): Promise<Witness> {
    const cardFolder = join(folder, 'witness-card');
    await mkdir(cardFolder);
    const card = await openCard(cardFolder);
    const program = join(repositoryRoot(import.meta.url), 'dist', 'test', 'rig', 'witness-child.js');
    const child = spawn(process.execPath, [program, String(bufferMs), String(leadMs)], {
      env: { ...process.env, ...card.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const witness = new Witness(child, new CardRecord(card));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      for (const [, at, late] of text.matchAll(/^stall (\S+) (\S+)$/gm))
        witness.stalls.push({ atMs: Number(at), lateMs: Number(late) });
      if (witness.stalls.length > STALLS_KEPT) witness.stalls.splice(0, witness.stalls.length - STALLS_KEPT);
    });
    return witness;
  }

  /** Waits until the machine has run it in time for so long, milliseconds; at most `limitMs`. */
  async untilServed(forMs: number, limitMs: number): Promise<void> {
    const endMs = monotonicMs() + limitMs;
    while (monotonicMs() < endMs) {
      const last = this.stalls.at(-1)?.atMs ?? -Infinity;
      if (monotonicMs() - last >= forMs) return;
      await sleep(forMs / 4);
    }
  }

  /** True where the machine failed the witness between two instants (monotonic): a late timer or a dry card. */
  async stalledBetween(fromMs: number, toMs: number): Promise<boolean> {
    if (this.#child.exitCode !== null) throw new Error('the witness ended');
    // A stall is over when it is told; it may have begun before.
    const late = this.stalls.some(({ atMs, lateMs }) => atMs >= fromMs && atMs - lateMs <= toMs);
    return late || (await this.record.underruns(fromMs, toMs)).length > 0;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}
