import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { within } from '../support/wait-until.js';

/** How a command in the receiver ended, with what it said on both outputs. */
export interface GuestAnswer {
  readonly code: number;
  readonly output: string;
}

/** Under emulation on a busy machine a shell may need seconds to start. */
const ANSWER_MS = 20_000;

/** The host's hand in a simulated receiver: see `guest/loa-control`. */
export class GuestControl {
  readonly #socket: Socket;
  readonly #waiting = new Map<string, (answer: GuestAnswer) => void>();
  #asked = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    createInterface({ input: socket }).on('line', (line) => {
      const [id = '', code = '', output = ''] = line.split(' ');
      const answer = { code: Number(code), output: Buffer.from(output, 'base64').toString('utf8') };
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
  }

  /** Connects to the port's socket. */
  static async open(path: string): Promise<GuestControl> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new GuestControl(socket);
  }

  /** Resolves when the receiver's system answers. @throws after `limitMs` */
  async answers(limitMs: number): Promise<void> {
    const endMs = performance.now() + limitMs;
    for (;;) {
      try {
        await this.run('true', ANSWER_MS);
        return;
      } catch (error) {
        if (performance.now() > endMs) throw error;
      }
    }
  }

  /** Runs a command of a shell, as root. @throws after `limitMs` without an answer */
  async run(command: string, limitMs: number): Promise<GuestAnswer> {
    const id = `q${(this.#asked += 1)}`;
    const answer = new Promise<GuestAnswer>((resolve) => this.#waiting.set(id, resolve));
    this.#socket.write(`${id} ${Buffer.from(command).toString('base64')}\n`);
    try {
      return await within(`the receiver answers: ${command.slice(0, 120)}`, answer, limitMs);
    } finally {
      this.#waiting.delete(id);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
