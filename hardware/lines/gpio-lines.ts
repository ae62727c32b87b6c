import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../agent/core/clock.js';
import { messageOf } from '../../agent/core/errors.js';
import { HOLDER_PROGRAM } from './holder-program.js';
import type { LineName, Lines, LinesListener, LinesRequest } from './lines.js';

const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 60_000;
const LEAVING_LIMIT_MS = 5_000;
/** Longest line that the holder says. */
const LINE_CHARS = 500;

/** What a test replaces: the interpreter, and its environment. */
export interface HolderOptions {
  readonly program?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

type Holder = ChildProcessByStdio<Writable, Readable, null>;

/**
 * Lines of the kernel's GPIO character devices, held by one process of its own for as long as the receiver runs. It outlives the
 * receiver's death by the leaving steps alone: mute first. A holder that ends is started again with the outputs as they were.
 */
export class GpioLines implements Lines {
  readonly #request: LinesRequest;
  readonly #clock: Clock;
  readonly #listener: LinesListener;
  readonly #options: HolderOptions;
  readonly #outputs = new Map<LineName, boolean>();
  readonly #troubled = new Set<string>();
  #holder: Holder | undefined;
  #retryMs = RETRY_MIN_MS;
  #closed = false;
  #cancelRetry: () => void = () => undefined;

  constructor(request: LinesRequest, clock: Clock, listener: LinesListener, options: HolderOptions = {}) {
    this.#request = request;
    this.#clock = clock;
    this.#listener = listener;
    this.#options = options;
    this.#start();
  }

  set(name: LineName, active: boolean): void {
    this.#outputs.set(name, active);
    this.#holder?.stdin.write(`set ${name} ${active ? 1 : 0}\n`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry();
    const holder = this.#holder;
    if (holder === undefined) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(LEAVING_LIMIT_MS, () => void holder.kill('SIGKILL'));
      holder.once('close', () => {
        cancel();
        resolve();
      });
      holder.stdin.end();
    });
  }

  #start(): void {
    const { program = '/usr/bin/perl', environment = process.env } = this.#options;
    const holder = spawn(program, ['-e', HOLDER_PROGRAM, '--', ...this.#arguments()], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: environment,
      // A signal that the terminal sends to all must not take the holder before its steps are done.
      detached: true,
    });
    this.#holder = holder;
    this.#troubled.clear();
    let said = '';
    holder.stdin.on('error', () => undefined);
    holder.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (said + text).split('\n');
      said = (lines.pop() ?? '').slice(-LINE_CHARS);
      for (const line of lines) this.#hear(line);
    });
    let why = 'the holder of the lines ended';
    holder.once('error', (cause) => (why = messageOf(cause)));
    holder.once('close', () => {
      if (this.#holder === holder) this.#holder = undefined;
      if (this.#closed) return;
      this.#listener.onTrouble({ name: undefined, detail: why });
      this.#cancelRetry = this.#clock.after(this.#retryMs, () => this.#start());
      this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2);
    });
  }

  #hear(line: string): void {
    const [what = '', name = '', ...rest] = line.split(' ');
    if (what === 'in') this.#listener.onInput(name as LineName, rest[0] === '1');
    if (what === 'error') {
      this.#troubled.add(name);
      this.#listener.onTrouble({
        name: name as LineName,
        detail: `${name}: ${rest.join(' ')}`.slice(0, 300),
      });
    }
    const well =
      what === 'ready' ? this.#troubled.size === 0 : what === 'well' && this.#troubled.delete(name);
    if (!well || this.#troubled.size > 0) return;
    this.#retryMs = RETRY_MIN_MS;
    this.#listener.onTrouble(undefined);
  }

  #arguments(): string[] {
    const lines = this.#request.wishes.map(({ name, direction, at, initially = false }) => {
      const value = (this.#outputs.get(name) ?? initially) ? 1 : 0;
      const where = [at.chip, at.line, at.activeLow ? 1 : 0, at.bias, at.debounceMs * 1_000];
      return [direction, name, ...where, value].join('\t');
    });
    const leaving = this.#request.leaving.map((step) =>
      'waitMs' in step ? `wait\t${step.waitMs}` : `leave\t${step.inactive}`,
    );
    return [...lines, ...leaving];
  }
}
