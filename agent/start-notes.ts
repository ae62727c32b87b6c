import { rm, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { readIfPresent, writeAtomic } from './core/atomic-file.js';
import { messageOf } from './core/errors.js';
import { readKept, writeKept } from './core/kept-file.js';
import type { Log } from './core/log.js';
import { startOf, type StartReason, type Starts } from './start-reason.js';
import { STARTS_FILE } from './state-files.js';

const starts = z.object({ bootId: z.string().max(64), ended: z.boolean(), resets: z.int().min(0) });

/** How the program came to run, for birth and technician. */
export interface Start {
  readonly reason: StartReason;
  /** The part that stood still, where the watchdog ended the run before. */
  readonly part?: string;
  /** Starts that nobody asked for, since the device was enrolled. */
  readonly resets: number;
}

/** The note that a part stands still, in memory beside the socket: a disk may be what is stuck. */
export function stuckPath(socketPath: string): string {
  return join(dirname(socketPath), 'stuck');
}

/** Keeps why and how often the program was started. What cannot be kept is logged, and stops nothing. */
export class StartNotes {
  readonly start: Start;
  readonly #path: string;
  readonly #stuckPath: string;
  readonly #starts: Starts;
  readonly #log: Log;

  private constructor(path: string, stuck: string, log: Log, start: Start, now: Starts) {
    this.#path = path;
    this.#stuckPath = stuck;
    this.#log = log;
    this.start = start;
    this.#starts = now;
  }

  /** Reads what the run before left, and notes that this one has begun. */
  static async open(parts: {
    readonly stateFolder: string;
    readonly socketPath: string;
    readonly proc: string;
    readonly sys: string;
    readonly log: Log;
  }): Promise<StartNotes> {
    const path = join(parts.stateFolder, STARTS_FILE);
    const noted = stuckPath(parts.socketPath);
    const stuck = (await readIfPresent(noted).catch(() => undefined))?.trim().slice(0, 20);
    const bootId = await readFile(join(parts.proc, 'sys/kernel/random/boot_id'), 'utf8').catch(
      () => 'unknown',
    );
    const status = await readFile(join(parts.sys, 'class/watchdog/watchdog0/bootstatus'), 'utf8').catch(
      () => '0',
    );
    const { text } = await readKept(path, (found) => void starts.parse(JSON.parse(found)));
    const before = text === undefined ? undefined : starts.parse(JSON.parse(text));
    const facts = { bootId: bootId.trim(), stuck, cardReset: (Number(status) & 0x20) !== 0 };
    const { reason, starts: now } = startOf(before, facts);
    const part = reason === 'watchdog' && stuck !== undefined ? { part: stuck } : {};
    const start = { reason, resets: now.resets, ...part };
    const notes = new StartNotes(path, noted, parts.log, start, now);
    await notes.#keep(now);
    await rm(noted, { force: true }).catch(() => undefined);
    return notes;
  }

  /** A part stands still: noted before the watchdog strikes. */
  async stuck(part: string): Promise<void> {
    await writeAtomic(this.#stuckPath, `${part}\n`, 0o640).catch((error: unknown) =>
      this.#log.warn({ error: messageOf(error) }, 'the standstill is not noted'),
    );
  }

  /** The run ends in order. */
  async ended(): Promise<void> {
    await this.#keep({ ...this.#starts, ended: true });
  }

  async #keep(now: Starts): Promise<void> {
    await writeKept(this.#path, JSON.stringify(now)).catch((error: unknown) =>
      this.#log.warn({ error: messageOf(error) }, 'this start is not noted'),
    );
  }
}
