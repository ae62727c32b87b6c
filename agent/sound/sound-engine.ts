import { Worker } from 'node:worker_threads';
import type { Clock } from '../core/clock.js';
import { codeOf, messageOf } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { HeartbeatWatch } from './heartbeat-watch.js';
import type { GateRules } from './air-gate.js';
import type { LoudnessAnswer, LoudnessQuestion } from './sources/asked-loudness.js';
import { measureByFfmpeg, type MeasureLoudness } from './sources/loudness.js';
import { PlayTallyBook } from './play-tally.js';
import type { DoorState } from '../../hardware/types.js';
import type { FromSound, PlayOutcome, PlaySpec, SoundSettings, ToSound } from './messages.js';

/** The program's side of the sound worker. */
export interface SoundEngine {
  /** Gets a play ready; it is heard when the order gives it the air. The same id twice is one play. */
  open(spec: PlaySpec): void;
  /** Who may be heard, best first. */
  order(playIds: readonly string[]): void;
  /** Ends a play; its account follows as `ended`. */
  close(playId: string, outcome: PlayOutcome): void;
  /** What is permitted from now on; `clockOffsetMs` is trusted time less the system's. Also after the worker starts again. */
  gate(rules: GateRules, clockOffsetMs: number): void;
  /** For whom the amplifier is open from now on; also after the worker starts again. */
  door(state: DoorState): void;
  /** Whom media servers are known by from now on, PEM; also after the worker starts again. */
  anchors(anchorsPem: readonly string[]): void;
  /** Ends the worker and its sink. */
  end(): Promise<void>;
}

const RESTART_MIN_MS = 200;
const RESTART_MAX_MS = 10_000;
const END_LIMIT_MS = 3_000;
const MEASURE_LIMIT_MS = 60_000;
/** A worker that lived so long was well: what came before is forgotten. */
const LIVED_MS = 60_000;
/** A play that was open at so many deaths of the worker in a row may be their cause: it is given up. */
const DEATHS = 3;

interface OpenPlay {
  readonly spec: PlaySpec;
  /** How it was asked to end, once it was: a worker that starts again must know. */
  closing: PlayOutcome | undefined;
  deaths: number;
}

/**
 * Runs the sound worker in a thread and starts it again where it dies or hangs: the plays still open are opened anew,
 * unless they were there at three deaths. Every message of the worker goes to `onMessage`, deaths as `sink` with `E_SOUND_ENGINE`.
 */
export class SoundThread implements SoundEngine {
  readonly #program: URL;
  #settings: SoundSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onMessage: (message: FromSound) => void;
  readonly #measure: MeasureLoudness;
  readonly #open = new Map<string, OpenPlay>();
  #order: readonly string[] = [];
  #worker: Worker | undefined;
  #restartMs = RESTART_MIN_MS;
  #ending = false;
  #cancelRestart: () => void = () => undefined;

  constructor(
    program: URL,
    settings: SoundSettings,
    parts: {
      clock: Clock;
      log: Log;
      onMessage: (message: FromSound) => void;
      measureLoudness?: MeasureLoudness;
    },
  ) {
    this.#program = program;
    this.#settings = settings;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#onMessage = parts.onMessage;
    this.#measure = parts.measureLoudness ?? measureByFfmpeg;
    this.#start();
  }

  open(spec: PlaySpec): void {
    if (this.#open.has(spec.playId)) return;
    this.#open.set(spec.playId, { spec, closing: undefined, deaths: 0 });
    this.#tell({ kind: 'open', spec });
  }

  order(playIds: readonly string[]): void {
    this.#order = [...playIds];
    this.#tell({ kind: 'order', playIds: this.#order });
  }

  close(playId: string, outcome: PlayOutcome): void {
    const play = this.#open.get(playId);
    if (play !== undefined) play.closing ??= outcome;
    this.#tell({ kind: 'close', playId, outcome });
  }

  anchors(anchorsPem: readonly string[]): void {
    this.#settings = { ...this.#settings, media: { ...this.#settings.media, anchorsPem } };
    this.#tell({ kind: 'anchors', anchorsPem });
  }

  door(state: DoorState): void {
    const { amplifier } = this.#settings;
    if (amplifier === undefined) return;
    // What was cut once is not cut again in a worker that starts anew.
    const { door, gainDb, turn } = state;
    this.#settings = { ...this.#settings, amplifier: { ...amplifier, state: { door, gainDb, turn } } };
    this.#tell({ kind: 'door', state });
  }

  gate(rules: GateRules, clockOffsetMs: number): void {
    this.#settings = { ...this.#settings, gate: { ...this.#settings.gate, rules, clockOffsetMs } };
    this.#tell({ kind: 'gate', rules, clockOffsetMs });
  }

  async end(): Promise<void> {
    this.#ending = true;
    this.#cancelRestart();
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
    let failure = 'ended';
    const watch = new HeartbeatWatch(this.#clock, () => {
      failure = 'no sign of life: it hung and was ended';
      void worker.terminate();
    });
    worker.on('message', (message: FromSound | LoudnessQuestion) => {
      watch.alive();
      if (message.kind === 'tally')
        this.#settings = { ...this.#settings, gate: { ...this.#settings.gate, tally: message.tally } };
      if (message.kind === 'measure') {
        void this.#answer(worker, message);
        return;
      }
      if (message.kind === 'ended') this.#open.delete(message.tally.playId);
      this.#onMessage(message);
    });
    worker.on('error', (error) => {
      failure = messageOf(error);
    });
    worker.once('exit', () => {
      watch.close();
      this.#worker = undefined;
      if (!this.#ending) this.#restart(failure, startedMs);
    });
    for (const { spec, closing } of this.#open.values()) {
      this.#tell({ kind: 'open', spec });
      if (closing !== undefined) this.#tell({ kind: 'close', playId: spec.playId, outcome: closing });
    }
    if (this.#order.length > 0) this.#tell({ kind: 'order', playIds: this.#order });
  }

  /** Never rejects: what cannot be measured is an answer too. */
  async #answer(worker: Worker, { question, path }: LoudnessQuestion): Promise<void> {
    const answer = await this.#measure(path, AbortSignal.timeout(MEASURE_LIMIT_MS)).then(
      (lufs): LoudnessAnswer => ({ kind: 'measured', question, ...(lufs === undefined ? {} : { lufs }) }),
      (error: unknown): LoudnessAnswer => ({
        kind: 'measured',
        question,
        refusal: { code: codeOf(error), detail: messageOf(error) },
      }),
    );
    worker.postMessage(answer);
  }

  #restart(failure: string, startedMs: number): void {
    this.#log.error({ code: 'E_SOUND_ENGINE', error: failure }, 'the sound worker ended');
    if (this.#clock.monotonicMs() - startedMs > LIVED_MS) {
      this.#restartMs = RESTART_MIN_MS;
      for (const play of this.#open.values()) play.deaths = 0;
    }
    this.#onMessage({ kind: 'sink', ok: false, code: 'E_SOUND_ENGINE', detail: failure });
    this.#onMessage({ kind: 'air', playId: undefined });
    this.#giveUp(failure);
    this.#cancelRestart = this.#clock.after(this.#restartMs, () => this.#start());
    this.#restartMs = Math.min(RESTART_MAX_MS, this.#restartMs * 2);
  }

  /** Ends the account of plays that saw too many deaths. What they gave before is not claimed. */
  #giveUp(failure: string): void {
    for (const [playId, play] of this.#open) {
      play.deaths += 1;
      if (play.deaths < DEATHS) continue;
      this.#open.delete(playId);
      const book = new PlayTallyBook(playId);
      const refusal = { code: 'E_SOUND_ENGINE', detail: failure } as const;
      this.#onMessage({ kind: 'ended', tally: book.close(play.closing ?? 'failed', refusal, 0, 0) });
    }
  }
}
