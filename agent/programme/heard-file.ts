import { z } from 'zod';
import { messageOf } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { readIfPresent, writeAtomic } from '../core/atomic-file.js';
import { NOTHING_HEARD, type HeardToday } from './heard-minutes.js';

const schema = z.object({ day: z.string().max(10), byAuthority: z.record(z.string().max(64), z.number()) });

/** Minutes heard of each authority across restarts. A file that cannot be read counts as none, and is told. */
export class HeardFile {
  readonly #path: string;
  readonly #log: Log;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  /** What was kept. */
  async read(): Promise<HeardToday> {
    try {
      const text = await readIfPresent(this.#path);
      return text === undefined ? NOTHING_HEARD : schema.parse(JSON.parse(text));
    } catch (error) {
      this.#log.error({ path: this.#path, error: messageOf(error) }, 'the minutes heard today are lost');
      return NOTHING_HEARD;
    }
  }

  /** Writes one after the other. @throws LoaError `E_STORE_WRITE` */
  write(heard: HeardToday): Promise<void> {
    const next = this.#writing.then(() => writeAtomic(this.#path, JSON.stringify(heard)));
    this.#writing = next.catch(() => undefined);
    return next;
  }

  /** Resolves when nothing is being written any more; a failure went to who asked. */
  async idle(): Promise<void> {
    await this.#writing;
  }
}
