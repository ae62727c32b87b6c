/** The part of the wiring that listens to the loudspeaker line while something is on air, and says in the receipt what was sensed. */
import type { Board } from '../hardware/boards/board.js';
import { LevelTrack } from '../hardware/loudspeaker-line/level-track.js';
import { readSensor } from '../hardware/loudspeaker-line/line-sensor.js';
import { LINE_RATE_HZ } from '../hardware/loudspeaker-line/lock-in.js';
import { isSensed, sensedSeconds, STEP_MS } from '../hardware/loudspeaker-line/sensed-sound.js';
import type { Receipt } from '../protocols/messages/up.js';
import type { Clock } from './core/clock.js';
import { codeOf, messageOf } from './core/errors.js';
import type { Log } from './core/log.js';
import type { FromSound } from './sound/messages.js';

/** Beside whatever plays. */
export interface Witness {
  /** Takes a message of the sound worker. */
  take(message: FromSound): void;
  /** Something is on air that a receipt will tell of; the sensor listens. */
  air(on: boolean): void;
  /** A receipt with what was sensed; as it is where there is no sensor. */
  sensed(body: Receipt['body']): Receipt['body'];
  close(): void;
}

type Piece = Extract<FromSound, { kind: 'envelope' }>;

/** Plays whose levels are kept at once, and pieces of each: 15 minutes. */
const PLAYS = 16;
const PIECES = 900;
/** After the last sample the sensor still listens so long: what was sent is on its way. */
const LINGER_MS = 1_000;

/** Undefined where the board has no sensor: then nothing is asked of the sound worker. @param program instead of arecord, for tests */
export function openWitness(
  board: Board | undefined,
  clock: Clock,
  log: Log,
  program?: string,
): Witness | undefined {
  const sensor = board?.loudspeakerLine?.sensor;
  if (sensor === undefined) return undefined;
  const settings = {
    device: sensor.device,
    rateHz: LINE_RATE_HZ,
    ...(program === undefined ? {} : { program }),
  };
  return new LineWitness(settings, sensor.mostDelayMs, clock, log);
}

class LineWitness implements Witness {
  readonly #settings: Parameters<typeof readSensor>[0];
  readonly #mostDelayMs: number;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #sent = new Map<string, Piece[]>();
  #track = new LevelTrack(LINE_RATE_HZ);
  #listening: AbortController | undefined;
  #cancelStop: () => void = () => undefined;

  constructor(settings: Parameters<typeof readSensor>[0], mostDelayMs: number, clock: Clock, log: Log) {
    this.#settings = settings;
    this.#mostDelayMs = mostDelayMs;
    this.#clock = clock;
    this.#log = log;
  }

  take(message: FromSound): void {
    if (message.kind !== 'envelope') return;
    const pieces = this.#sent.get(message.playId) ?? [];
    if (pieces.length < PIECES) pieces.push(message);
    this.#sent.set(message.playId, pieces);
    const [oldest] = this.#sent.keys();
    if (this.#sent.size > PLAYS && oldest !== undefined) this.#sent.delete(oldest);
  }

  air(on: boolean): void {
    this.#cancelStop();
    if (on) this.#listen();
    else this.#cancelStop = this.#clock.after(LINGER_MS, () => this.#stop());
  }

  sensed(body: Receipt['body']): Receipt['body'] {
    const pieces = this.#sent.get(body.playId);
    this.#sent.delete(body.playId);
    if (pieces === undefined || body.evidence !== 'consumed') return body;
    const heard = this.#track.envelope;
    const seconds = joined(pieces).flatMap((sent) => sensedSeconds(sent, heard, this.#mostDelayMs));
    if (seconds.length === 0) return body;
    return {
      ...body,
      sensedBySecond: seconds.slice(0, PIECES),
      ...(isSensed(seconds) ? { evidence: 'sensed' as const } : {}),
    };
  }

  close(): void {
    this.#cancelStop();
    this.#stop();
  }

  #listen(): void {
    if (this.#listening !== undefined) return;
    const listening = new AbortController();
    this.#listening = listening;
    const track = new LevelTrack(LINE_RATE_HZ);
    this.#track = track;
    readSensor(this.#settings, (samples) => track.take(samples, this.#clock.nowMs()), listening.signal).catch(
      (error: unknown) => {
        // The receipt then says what the sink consumed, as without a sensor.
        this.#log.warn({ code: codeOf(error), error: messageOf(error) }, 'the line is not listened to');
      },
    );
  }

  #stop(): void {
    this.#listening?.abort();
    this.#listening = undefined;
  }
}

/** Pieces that follow one another are one. */
function joined(pieces: readonly Piece[]): { readonly fromMs: number; readonly levels: number[] }[] {
  const found: { fromMs: number; levels: number[] }[] = [];
  for (const { fromMs, levels } of pieces) {
    const last = found.at(-1);
    const endMs = last === undefined ? -Infinity : last.fromMs + last.levels.length * STEP_MS;
    if (last !== undefined && Math.abs(fromMs - endMs) < STEP_MS) last.levels.push(...levels);
    else found.push({ fromMs, levels: [...levels] });
  }
  return found;
}
