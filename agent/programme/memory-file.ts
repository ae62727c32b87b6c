import type { z } from 'zod';
import { messageOf } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { readIfPresent, writeAtomic } from '../core/atomic-file.js';

/** Something small that is kept across restarts. A file that cannot be read counts as nothing kept, and is told. */
export class MemoryFile<T> {
  readonly #path: string;
  readonly #schema: z.ZodType<T>;
  readonly #nothing: T;
  readonly #log: Log;
  #writing: Promise<void> = Promise.resolve();

  /** @param nothing what counts where nothing was kept */
  constructor(path: string, schema: z.ZodType<T>, nothing: T, log: Log) {
    this.#path = path;
    this.#schema = schema;
    this.#nothing = nothing;
    this.#log = log;
  }

  /** What was kept. */
  async read(): Promise<T> {
    try {
      const text = await readIfPresent(this.#path);
      return text === undefined ? this.#nothing : this.#schema.parse(JSON.parse(text));
    } catch (error) {
      this.#log.error({ path: this.#path, error: messageOf(error) }, 'what was kept here is lost');
      return this.#nothing;
    }
  }

  /** Writes one after the other. @throws LoaError `E_STORE_WRITE` */
  write(kept: T): Promise<void> {
    const next = this.#writing.then(() => writeAtomic(this.#path, JSON.stringify(kept)));
    this.#writing = next.catch(() => undefined);
    return next;
  }

  /** Resolves when nothing is being written any more; a failure went to who asked. */
  async idle(): Promise<void> {
    await this.#writing;
  }
}
