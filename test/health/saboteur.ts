import { rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What can be made to stand still in a running receiver. */
export type Sabotage = 'main' | 'sound' | 'outbox';

/**
 * Loaded before the program, in each of its threads: a file that appears in its folder makes the named part stand still. The main
 * loop and the sound thread wait for ever, the store's writes never end. The program itself knows nothing of it.
 */
const PROGRAM = `
const { isMainThread } = require('node:worker_threads');
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const asked = (part) => existsSync(join(process.env.SABOTAGE, part));
const stick = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
const part = isMainThread ? 'main' : 'sound';
setInterval(() => { if (asked(part)) stick(); }, 50).unref();
if (isMainThread) {
  const { ClassicLevel } = require(process.env.SABOTAGE_LEVEL);
  const batch = ClassicLevel.prototype.batch;
  ClassicLevel.prototype.batch = function (...given) {
    return asked('outbox') ? new Promise(() => undefined) : batch.apply(this, given);
  };
}
`;

/** The means to make parts of a receiver stand still: environment of its process, and the act itself. */
export class Saboteur {
  readonly env: NodeJS.ProcessEnv;

  private constructor(
    private readonly folder: string,
    program: string,
  ) {
    this.env = {
      SABOTAGE: folder,
      SABOTAGE_LEVEL: createRequire(import.meta.url).resolve('classic-level'),
      NODE_OPTIONS: `--require ${program}`,
    };
  }

  /** @param folder an existing one */
  static async hire(folder: string): Promise<Saboteur> {
    const program = join(folder, 'saboteur.cjs');
    await writeFile(program, PROGRAM);
    return new Saboteur(folder, program);
  }

  /** From now on the part stands still, as soon as it is used. */
  async stop(part: Sabotage): Promise<void> {
    await writeFile(join(this.folder, part), '');
  }

  /** The next process is left alone. */
  async relent(part: Sabotage): Promise<void> {
    await rm(join(this.folder, part), { force: true });
  }
}
