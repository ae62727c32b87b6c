import type { Log } from '../../agent/core/log.js';

/** One line of a {@link KeptLog}. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly text: string;
  readonly fields: object;
}

/** A log that keeps what was written, for a test to read; children write into the same lines. Keeps 10 000 lines. */
export class KeptLog implements Log {
  readonly lines: LogLine[];
  readonly #bindings: object;

  constructor(lines: LogLine[] = [], bindings: object = {}) {
    this.lines = lines;
    this.#bindings = bindings;
  }

  debug(fields: object, text: string): void {
    this.#keep('debug', fields, text);
  }

  info(fields: object, text: string): void {
    this.#keep('info', fields, text);
  }

  warn(fields: object, text: string): void {
    this.#keep('warn', fields, text);
  }

  error(fields: object, text: string): void {
    this.#keep('error', fields, text);
  }

  child(bindings: { module: string }): Log {
    return new KeptLog(this.lines, { ...this.#bindings, ...bindings });
  }

  #keep(level: LogLine['level'], fields: object, text: string): void {
    this.lines.push({ level, text, fields: { ...this.#bindings, ...fields } });
    if (this.lines.length > 10_000) this.lines.shift();
  }
}
