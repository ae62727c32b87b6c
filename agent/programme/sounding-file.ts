import { z } from 'zod';
import { readKept, writeKept } from '../core/kept-file.js';
import type { SoundingMemory } from './emergency-plan.js';

const sounding = z.union([
  z.number(),
  z.strictObject({ atMs: z.number(), open: z.enum(['first', 'again']) }),
]);
const schema = z.record(z.string().max(160), sounding);

/** Memory of soundings across restarts. A file that cannot be read counts as none: a repeat is preferred to a miss. */
export class SoundingFile {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<SoundingMemory> {
    const { text = '{}' } = await readKept(this.#path, (found) => void schema.parse(JSON.parse(found)));
    return schema.parse(JSON.parse(text));
  }

  /** Writes one after the other. @throws LoaError `E_STORE_WRITE` */
  write(memory: SoundingMemory): Promise<void> {
    const next = this.#writing.then(() => writeKept(this.#path, JSON.stringify(memory)));
    this.#writing = next.catch(() => undefined);
    return next;
  }

  /** Resolves when nothing is being written any more; a failure went to who asked. */
  async idle(): Promise<void> {
    await this.#writing;
  }
}
