import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openCard } from '../fixtures/sound-card/card.js';
import { CardRecord, monotonicMs } from './card-record.js';

const SAID = 2_000;

/** Another program that plays, on a card of its own. */
export class Peer {
  readonly name: string;
  readonly record: CardRecord;
  /** When it was started, monotonic milliseconds. */
  readonly startedMs: number;
  readonly child: ChildProcess;
  #said = '';

  private constructor(name: string, child: ChildProcess, record: CardRecord, startedMs: number) {
    this.name = name;
    this.child = child;
    this.record = record;
    this.startedMs = startedMs;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-SAID);
    });
    // A program that cannot be started says so by `running`.
    child.on('error', (error) => (this.#said = error.message));
  }

  /** Makes a card in a new folder of an existing one, and starts the program on it. Its standard input is a pipe. */
  static async start(folder: string, name: string, command: readonly string[]): Promise<Peer> {
    const cardFolder = join(folder, `${name.replaceAll(/\W+/g, '-')}-${monotonicMs().toFixed(0)}`);
    await mkdir(cardFolder);
    const card = await openCard(cardFolder);
    return Peer.on(new CardRecord(card), name, command);
  }

  /** Starts the program on a card that is there: the way of a supervisor that starts its player anew. */
  static on(record: CardRecord, name: string, [program = '', ...args]: readonly string[]): Peer {
    const startedMs = monotonicMs();
    const env = { ...process.env, ...record.card.env, SDL_AUDIODRIVER: 'alsa', SDL_VIDEODRIVER: 'dummy' };
    const child = spawn(program, args, {
      env: { ...env, AUDIODEV: record.card.device },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    child.stdin.on('error', () => undefined);
    return new Peer(name, child, record, startedMs);
  }

  /** What it last wrote on standard error. */
  get said(): string {
    return this.#said;
  }

  /** True while it lives. */
  get running(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Its process. @throws Error where it does not live */
  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined || !this.running) throw new Error(`${this.name} ended: ${this.#said.slice(-300)}`);
    return pid;
  }

  /** Kills it and waits for its end. */
  async kill(): Promise<void> {
    if (!this.running) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

/** ffmpeg as a player: the yardstick of what a program costs that only plays. */
export function ffmpegToAlsa(url: string): string[] {
  return ['ffmpeg', '-nostdin', '-v', 'error', '-i', url, '-f', 'alsa', 'card'];
}
