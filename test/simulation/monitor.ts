import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { within } from '../support/wait-until.js';

const PROMPT = '(qemu) ';

/** QEMU's monitor (HMP) over a unix socket. */
export class Monitor {
  readonly #socket: Socket;
  #said = '';
  #waiting: (() => void) | undefined;
  /** What was asked last; the next waits for it. */
  #asking: Promise<unknown> = Promise.resolve();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-65_536);
      this.#waiting?.();
    });
    // QEMU may be killed while it is asked: the asker's limit tells.
    socket.on('error', () => undefined);
  }

  /** Connects and waits for the first prompt. */
  static async open(path: string): Promise<Monitor> {
    const socket = connect(path);
    await once(socket, 'connect');
    const monitor = new Monitor(socket);
    await monitor.#prompt();
    return monitor;
  }

  /** Gives one command, when those before it are answered; returns what was said to it. */
  async ask(command: string): Promise<string> {
    const asked = this.#asking.then(() => {
      this.#said = '';
      this.#socket.write(`${command}\n`);
      return this.#prompt();
    });
    this.#asking = asked.catch(() => undefined);
    return asked;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #prompt(): Promise<string> {
    const heard = new Promise<void>((resolve) => {
      this.#waiting = () => {
        if (this.#said.endsWith(PROMPT)) resolve();
      };
      this.#waiting();
    });
    await within('the monitor answers', heard, 10_000);
    return this.#said.slice(0, -PROMPT.length).replaceAll('\r', '');
  }
}
