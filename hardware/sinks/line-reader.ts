import type { Readable } from 'node:stream';

const KEPT_LINES = 8;

/** Splits what a child says into lines; keeps the last few for the report of a death. */
export class LineReader {
  onLine: (line: string) => void = () => undefined;
  readonly #kept: string[] = [];
  #rest = '';

  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.#take(text));
  }

  last(count: number): string {
    return this.#kept.slice(-count).join('; ').slice(0, 200);
  }

  #take(text: string): void {
    const parts = (this.#rest + text).split(/[\r\n]+/);
    this.#rest = (parts.pop() ?? '').slice(-1000);
    for (const line of parts) {
      if (line === '') continue;
      this.#kept.push(line);
      if (this.#kept.length > KEPT_LINES) this.#kept.shift();
      this.onLine(line);
    }
  }
}
