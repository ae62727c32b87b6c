import { z } from 'zod';
import { keptJson, type KeptFile } from '../core/kept-file.js';
import type { Log } from '../core/log.js';
import { NOTHING_HEARD, type HeardToday } from './heard-minutes.js';

const schema = z.object({ day: z.string().max(10), byAuthority: z.record(z.string().max(64), z.number()) });

/** Minutes heard of each authority across restarts. A file that cannot be read counts as none, and is told. */
export class HeardFile {
  readonly #file: KeptFile<HeardToday>;

  constructor(path: string, log: Log) {
    this.#file = keptJson({ path, parse: (value) => schema.parse(value), factory: NOTHING_HEARD, log });
  }

  /** What was kept. */
  read(): Promise<HeardToday> {
    return this.#file.read();
  }

  /** Writes one after the other. @throws LoaError `E_STORE_WRITE` */
  write(heard: HeardToday): Promise<void> {
    return this.#file.write(heard);
  }

  /** Resolves when nothing is being written any more; a failure went to who asked. */
  async idle(): Promise<void> {
    await this.#file.idle();
  }
}
