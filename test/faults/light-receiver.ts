import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../support/wait-until.js';
import type { OutboxChildSetUp } from './outbox-kill-child.js';

/** No figure of a claim: a busy machine may take its time. */
const START_LIMIT_MS = 600_000;

/** One life of the light receiver (`outbox-kill-child.ts`), from its start to its SIGKILL. */
export class LightReceiver {
  /** Records that this life has accepted. */
  accepted = 0;
  /** Its outbox was empty when it last said so, and nothing was accepted since. */
  empty = false;
  ended = false;
  link: 'up' | 'down' = 'down';
  /** Why the link was last lost. */
  lastCode = '-';
  /** Payloads of the commands that came. */
  readonly commands: string[] = [];
  private opened = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly records: string[],
  ) {}

  /**
   * Resolves when its store is open.
   * @param records gets `BOOT SEQUENCE` of each record that is accepted
   * @param through words before its own, such as those that put it into a network namespace
   */
  static async begin(
    setUp: OutboxChildSetUp,
    records: string[],
    through: readonly string[] = [],
  ): Promise<LightReceiver> {
    const own = fileURLToPath(new URL('./outbox-kill-child.js', import.meta.url));
    const [program = '', ...words] = [...through, process.execPath, own, JSON.stringify(setUp)];
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const life = new LightReceiver(child, records);
    let rest = '';
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4_000)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) life.hear(line);
    });
    child.on('exit', () => (life.ended = true));
    await life.until(() => life.opened || life.ended, START_LIMIT_MS);
    if (life.ended) throw new Error(`the light receiver ended by itself: ${errors}`);
    return life;
  }

  private hear(line: string): void {
    const [word = '', first = '', second = ''] = line.split(' ');
    switch (word) {
      case '+':
        this.accepted += 1;
        this.empty = false;
        this.records.push(`${first} ${second}`);
        return;
      case 'empty':
        this.empty = true;
        return;
      case 'open':
        this.opened = true;
        return;
      case 'up':
        this.link = 'up';
        return;
      case 'down':
        if (this.link === 'up') this.lastCode = first;
        this.link = 'down';
        return;
      case 'command':
        this.commands.push(first);
        return;
    }
  }

  async until(wanted: () => boolean, deadlineMs: number): Promise<void> {
    await waitUntil('the light receiver', () => wanted(), { deadlineMs, everyMs: 5 });
  }

  /** It takes up no more, and delivers what it has. */
  finish(): void {
    this.child.kill('SIGUSR2');
  }

  /** SIGKILL; what it had said until then is read to its end. */
  async kill(): Promise<void> {
    if (this.ended) throw new Error('the light receiver ended by itself');
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }
}
