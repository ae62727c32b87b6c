import { dirname, join } from 'node:path';
import { z } from 'zod';
import { readIfPresent, writeAtomic } from './core/atomic-file.js';
import { messageOf } from './core/errors.js';
import type { Log } from './core/log.js';
import { NO_RUNS, type RunMarks } from './safe-mode.js';

const marks = z.strictObject({
  crashes: z.array(z.number()).max(64),
  running: z.boolean(),
  safe: z.boolean(),
  entered: z.int().min(0),
});

/**
 * Keeps what is known of the runs since the machine was switched on. It stands beside the socket, in memory (`/run`), so that it
 * outlives every death of the program and no disk is asked; a power cut forgets it, as it is no crash. Where that folder takes
 * nothing, the state folder is tried.
 */
export class RunMarksFile {
  readonly #paths: readonly string[];
  readonly #log: Log;

  constructor(parts: { readonly socketPath: string; readonly stateFolder: string; readonly log: Log }) {
    this.#paths = [dirname(parts.socketPath), parts.stateFolder].map((folder) => join(folder, 'runs.json'));
    this.#log = parts.log;
  }

  /** What was kept; {@link NO_RUNS} where nothing can be read. */
  async read(): Promise<RunMarks> {
    for (const path of this.#paths) {
      try {
        const text = await readIfPresent(path);
        if (text !== undefined) return marks.parse(JSON.parse(text));
      } catch (error) {
        this.#log.warn({ path, error: messageOf(error) }, 'the marks of earlier runs cannot be read');
      }
    }
    return NO_RUNS;
  }

  /** Never throws: a receiver that cannot count its crashes runs all the same. */
  async write(now: RunMarks): Promise<void> {
    for (const path of this.#paths) {
      try {
        await writeAtomic(path, `${JSON.stringify(now)}\n`, 0o640);
        return;
      } catch (error) {
        this.#log.warn({ path, error: messageOf(error) }, 'the marks of this run cannot be kept');
      }
    }
  }
}
