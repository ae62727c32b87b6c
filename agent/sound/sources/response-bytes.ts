import type { IncomingMessage } from 'node:http';
import { LoaError } from '../../core/errors.js';

/**
 * The body of an answer, as much at once as has come. The stream's own iterator gives each piece that the server wrote by itself, and
 * each of them costs more than what is in it.
 */
export class ResponseBytes {
  readonly #response: IncomingMessage;
  #ended = false;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(response: IncomingMessage) {
    this.#response = response;
    response.on('readable', () => this.#wake());
    response.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
    response.on('error', (error) => this.#fail(error));
    response.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  /**
   * All that is here, or the next that comes; undefined at the end.
   * @param limitMs how long to wait for it
   * @throws LoaError `E_MEDIA_STALL` when nothing came by then, and what ended the connection
   */
  async next(limitMs: number): Promise<Uint8Array | undefined> {
    // What came before a failure is given first.
    const here = this.#read();
    if (here !== undefined) return here;
    if (this.#ended) return undefined;
    if (this.#failure !== undefined) throw this.#failure;
    await this.#something(limitMs);
    return this.next(limitMs);
  }

  #read(): Uint8Array | undefined {
    const piece: unknown = this.#response.read();
    return piece instanceof Uint8Array ? piece : undefined;
  }

  async #something(limitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const limit = setTimeout(() => {
        this.#fail(new LoaError('E_MEDIA_STALL', `no byte for ${limitMs} ms`));
        this.#response.destroy();
      }, limitMs);
      this.#wake = () => {
        clearTimeout(limit);
        this.#wake = () => undefined;
        resolve();
      };
    });
  }

  #fail(error: Error): void {
    if (!this.#ended) this.#failure ??= error;
    this.#wake();
  }
}
