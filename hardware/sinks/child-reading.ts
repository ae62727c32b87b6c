import { closeSync, openSync, readSync } from 'node:fs';

/**
 * How many bytes a child process has read from its standard input, from `rchar` of `/proc/PID/io` (proc(5)): what a player has
 * taken off our hands. Counted from the first question on, when it must have read nothing of the input yet.
 */
export class ChildReading {
  readonly #buffer = Buffer.alloc(256);
  #file: number | undefined;
  readonly #before: number | undefined;

  /** @param procFolder `/proc` */
  constructor(pid: number, procFolder = '/proc') {
    try {
      this.#file = openSync(`${procFolder}/${pid}/io`, 'r');
    } catch {
      // A kernel without task accounting, or no Linux: then it is not known.
      this.#file = undefined;
    }
    this.#before = this.#rchar();
  }

  /** Undefined where the kernel does not tell, or the process is gone. */
  bytes(): number | undefined {
    const now = this.#rchar();
    return now === undefined || this.#before === undefined ? undefined : now - this.#before;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #rchar(): number | undefined {
    if (this.#file === undefined) return undefined;
    try {
      const length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0);
      const digits = /^rchar: (\d+)/.exec(this.#buffer.toString('latin1', 0, length))?.[1];
      return digits === undefined ? undefined : Number(digits);
    } catch {
      // The process has ended.
      return undefined;
    }
  }
}
