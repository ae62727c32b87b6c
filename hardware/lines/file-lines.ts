import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../agent/core/clock.js';
import { LoaError, messageOf } from '../../agent/core/errors.js';
import type { LineName, Lines, LinesListener, LinesRequest } from './lines.js';

const LOOK_MS = 20;

/** What a line of the log says. */
export interface LineChange {
  /** Monotonic instant, milliseconds: the scale of the whole machine. */
  readonly atMs: number;
  readonly name: LineName;
  readonly active: boolean;
}

/** Changes in the order in which they were made. */
export function readLineLog(folder: string): LineChange[] {
  return readFileSync(join(folder, 'lines.log'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [atMs, name, value] = line.split(' ');
      return { atMs: Number(atMs), name: name as LineName, active: value === '1' };
    });
}

/**
 * Simulated lines: each output is appended to `lines.log` (`monotonic-ms name 0|1`), each input is the file of its name (`0` or `1`,
 * absent is `0`), looked at every 20 ms. For tests and demonstrations.
 */
export class FileLines implements Lines {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #listener: LinesListener;
  readonly #request: LinesRequest;
  readonly #inputs = new Map<LineName, boolean>();
  #cancel: () => void = () => undefined;

  /** @throws LoaError `E_BOARD_LINES` */
  constructor(folder: string, request: LinesRequest, clock: Clock, listener: LinesListener) {
    this.#folder = folder;
    this.#request = request;
    this.#clock = clock;
    this.#listener = listener;
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'lines.log'), '', { flag: 'a' });
    } catch (cause) {
      throw new LoaError('E_BOARD_LINES', messageOf(cause), { cause });
    }
    this.#look();
  }

  set(name: LineName, active: boolean): void {
    const line = `${this.#clock.monotonicMs().toFixed(3)} ${name} ${active ? 1 : 0}\n`;
    try {
      appendFileSync(join(this.#folder, 'lines.log'), line);
    } catch (error) {
      this.#listener.onTrouble({ name, detail: messageOf(error) });
    }
  }

  async close(): Promise<void> {
    this.#cancel();
    for (const step of this.#request.leaving) if ('inactive' in step) this.set(step.inactive, false);
  }

  #look(): void {
    for (const { name, direction } of this.#request.wishes) {
      if (direction !== 'in') continue;
      const active = readFlag(join(this.#folder, name));
      if (this.#inputs.get(name) === active) continue;
      this.#inputs.set(name, active);
      this.#listener.onInput(name, active);
    }
    this.#cancel = this.#clock.after(LOOK_MS, () => this.#look());
  }
}

function readFlag(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').startsWith('1');
  } catch {
    // Nobody has set it.
    return false;
  }
}
