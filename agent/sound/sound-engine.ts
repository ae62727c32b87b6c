import { Worker } from 'node:worker_threads';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { FromSound, PlayOutcome, PlaySpec, SoundSettings, ToSound } from './messages.js';

/** The program's side of the sound worker. */
export interface SoundEngine {
  /** Gets a play ready; it is heard when the order gives it the air. The same id twice is one play. */
  open(spec: PlaySpec): void;
  /** Who may be heard, best first. */
  order(playIds: readonly string[]): void;
  /** Ends a play; its account follows as `ended`. */
  close(playId: string, outcome: PlayOutcome): void;
  /** Ends the worker and its sink. */
  end(): Promise<void>;
}

const RESTART_MIN_MS = 200;
const RESTART_MAX_MS = 10_000;
const END_LIMIT_MS = 3_000;

/**
 * Runs the sound worker in a thread and starts it again where it dies: the plays still open are opened anew. Every
 * message of the worker goes to `onMessage`, deaths as `sink` with `E_SOUND_ENGINE`.
 */
export class SoundThread implements SoundEngine {
  readonly #program: URL;
  readonly #settings: SoundSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onMessage: (message: FromSound) => void;
  readonly #open = new Map<string, PlaySpec>();
  #order: readonly string[] = [];
  #worker: Worker | undefined;
  #restartMs = RESTART_MIN_MS;
  #ending = false;

  constructor(
    program: URL,
    settings: SoundSettings,
    parts: { clock: Clock; log: Log; onMessage: (message: FromSound) => void },
  ) {
    this.#program = program;
    this.#settings = settings;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#onMessage = parts.onMessage;
    this.#start();
  }

  open(spec: PlaySpec): void {
    if (this.#open.has(spec.playId)) return;
    this.#open.set(spec.playId, spec);
    this.#tell({ kind: 'open', spec });
  }

  order(playIds: readonly string[]): void {
    this.#order = [...playIds];
    this.#tell({ kind: 'order', playIds: this.#order });
  }

  close(playId: string, outcome: PlayOutcome): void {
    this.#tell({ kind: 'close', playId, outcome });
  }

  async end(): Promise<void> {
    this.#ending = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(END_LIMIT_MS, () => void worker.terminate());
      worker.once('exit', () => {
        cancel();
        resolve();
      });
      worker.postMessage('end');
    });
  }

  #tell(message: ToSound): void {
    this.#worker?.postMessage(message);
  }

  #start(): void {
    const worker = new Worker(this.#program, { workerData: this.#settings });
    this.#worker = worker;
    const startedMs = this.#clock.monotonicMs();
    worker.on('message', (message: FromSound) => {
      if (message.kind === 'ended') this.#open.delete(message.tally.playId);
      this.#onMessage(message);
    });
    let failure = 'ended';
    worker.on('error', (error) => {
      failure = messageOf(error);
    });
    worker.once('exit', () => {
      this.#worker = undefined;
      if (!this.#ending) this.#restart(failure, startedMs);
    });
    for (const spec of this.#open.values()) this.#tell({ kind: 'open', spec });
    if (this.#order.length > 0) this.#tell({ kind: 'order', playIds: this.#order });
  }

  #restart(failure: string, startedMs: number): void {
    this.#log.error({ code: 'E_SOUND_ENGINE', error: failure }, 'the sound worker ended');
    this.#onMessage({ kind: 'sink', ok: false, code: 'E_SOUND_ENGINE', detail: failure });
    if (this.#clock.monotonicMs() - startedMs > 60_000) this.#restartMs = RESTART_MIN_MS;
    this.#clock.after(this.#restartMs, () => {
      if (!this.#ending) this.#start();
    });
    this.#restartMs = Math.min(RESTART_MAX_MS, this.#restartMs * 2);
  }
}
