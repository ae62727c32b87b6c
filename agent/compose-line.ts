/** The part of the wiring that knows the loudspeaker line: its tone, its sensor and its calibration. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Board } from '../hardware/boards/board.js';
import {
  calibration,
  isClear,
  isOf,
  judgeLoad,
  type Calibration,
} from '../hardware/loudspeaker-line/load-verdict.js';
import { measureLine } from '../hardware/loudspeaker-line/measure-line.js';
import type { ToneMeasure } from '../hardware/loudspeaker-line/tone-measure.js';
import type { EventBody } from '../protocols/messages/up.js';
import { writeAtomic } from './core/atomic-file.js';
import type { Clock } from './core/clock.js';
import { accepted, refused, type Outcome } from './core/errors.js';
import type { Log } from './core/log.js';
import { inBackground } from './core/settled.js';
import { fromDb } from './core/units.js';
import type { Programme } from './programme/programme.js';
import { LINE_FILE } from './state-files.js';
import type { LineResult } from './technician/line-view.js';

/** What the line stands on. */
export interface LineParts {
  readonly board: Board | undefined;
  readonly wakeMs: number;
  readonly stateFolder: string;
  readonly programme: Pick<Programme, 'localTone' | 'open'>;
  /** May a tone be heard now that nobody asked for? */
  readonly mayTest: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly onEvent: (body: EventBody) => void;
}

/** Measures the line on demand and, where the board says so, between programmes. */
export interface LineDesk {
  /** Measures the line as it should be, and keeps that. */
  calibrate(): Promise<Outcome<LineResult>>;
  /** Measures the line and compares. */
  test(): Promise<Outcome<LineResult>>;
  close(): void;
}

/** Between two looks whether a test is due and nothing is open. */
const LOOK_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Opens the desk; without a line on the board it refuses. */
export function openLine(parts: LineParts): LineDesk {
  return new BoardLine(parts);
}

class BoardLine implements LineDesk {
  readonly #parts: LineParts;
  readonly #path: string;
  readonly #abort = new AbortController();
  #busy = false;
  #alarmed = false;
  #testedMs: number;
  #cancel: () => void = () => undefined;

  constructor(parts: LineParts) {
    this.#parts = parts;
    this.#path = join(parts.stateFolder, LINE_FILE);
    this.#testedMs = parts.clock.monotonicMs();
    const line = parts.board?.loudspeakerLine;
    if (line?.sensor !== undefined && line.tone.everyH > 0) this.#lookLater();
  }

  async calibrate(): Promise<Outcome<LineResult>> {
    const measured = await this.#measure();
    const line = this.#parts.board?.loudspeakerLine;
    if (!measured.ok) return measured;
    if (line === undefined || !isClear(measured.value, line.loudspeakers))
      return refused('E_LINE_CALIBRATION', `too noisy or no tone: ${textOf(measured.value)}`);
    const { loudspeakers, tone } = line;
    const made: Calibration = {
      ...{ atMs: this.#parts.clock.nowMs(), loudspeakers, amplitude: measured.value.amplitude },
      ...{ frequencyHz: tone.frequencyHz, levelDb: tone.levelDb },
    };
    await writeAtomic(this.#path, JSON.stringify(made));
    this.#judged(false, 'calibrated anew');
    return accepted({ verdict: 'calibrated', ...figures(measured.value) });
  }

  async test(): Promise<Outcome<LineResult>> {
    const known = await this.#calibration();
    if (!known.ok) return known;
    const measured = await this.#measure();
    if (!measured.ok) return measured;
    const verdict = judgeLoad(measured.value, known.value);
    const result: LineResult = {
      verdict: verdict.kind,
      ...figures(measured.value),
      ...('share' in verdict
        ? { sharePercent: Math.round(verdict.share * 100), loudspeakers: verdict.loudspeakers }
        : {}),
    };
    if (verdict.kind !== 'unsure')
      this.#judged(verdict.kind !== 'normal', `${verdict.kind}: ${textOf(measured.value)}`);
    this.#parts.log.info(result, 'the loudspeaker line was tested');
    return accepted(result);
  }

  close(): void {
    this.#cancel();
    this.#abort.abort();
  }

  async #measure(): Promise<Outcome<ToneMeasure>> {
    const { board, programme, clock, wakeMs } = this.#parts;
    const line = board?.loudspeakerLine;
    if (line === undefined) return refused('E_LINE_SENSOR', 'the board describes no loudspeaker line');
    if (this.#busy) return refused('E_LOCAL_LIMIT', 'the line is being measured');
    if (programme.open().length > 0) return refused('E_LOCAL_LIMIT', 'a bulletin is open');
    this.#busy = true;
    try {
      const { frequencyHz, durationMs, levelDb } = line.tone;
      const startTone = (): Outcome<string> =>
        programme.localTone({ kind: 'tone', frequencyHz, durationMs, level: fromDb(levelDb) });
      return await measureLine({ line, wakeMs, startTone, clock, signal: this.#abort.signal });
    } finally {
      this.#busy = false;
      this.#testedMs = clock.monotonicMs();
    }
  }

  async #calibration(): Promise<Outcome<Calibration>> {
    const line = this.#parts.board?.loudspeakerLine;
    if (line === undefined) return refused('E_LINE_SENSOR', 'the board describes no loudspeaker line');
    const text = await readFile(this.#path, 'utf8').catch(() => undefined);
    if (text === undefined) return refused('E_LINE_CALIBRATION', 'the line was never calibrated');
    const parsed = calibration.safeParse(jsonOf(text));
    if (!parsed.success) return refused('E_LINE_CALIBRATION', 'the calibration cannot be read');
    return isOf(parsed.data, line)
      ? accepted(parsed.data)
      : refused('E_LINE_CALIBRATION', 'it was made with another tone or number of loudspeakers');
  }

  #judged(wrong: boolean, detail: string): void {
    if (wrong === this.#alarmed) return;
    this.#alarmed = wrong;
    this.#parts.onEvent({ kind: wrong ? 'alarm' : 'cleared', code: 'E_LINE_LOAD', detail });
  }

  #lookLater(): void {
    this.#cancel = this.#parts.clock.after(LOOK_MS, () => {
      const { board, clock, mayTest, log } = this.#parts;
      const everyMs = (board?.loudspeakerLine?.tone.everyH ?? 0) * HOUR_MS;
      if (
        clock.monotonicMs() - this.#testedMs >= everyMs &&
        mayTest() &&
        this.#parts.programme.open().length === 0
      )
        inBackground(this.test(), log, 'the loudspeaker line was not tested');
      this.#lookLater();
    });
  }
}

function figures({ amplitude, aboveNoiseDb }: ToneMeasure): Pick<LineResult, 'amplitude' | 'aboveNoiseDb'> {
  return { amplitude: Math.round(amplitude * 10) / 10, aboveNoiseDb: Math.round(aboveNoiseDb) };
}

function textOf({ amplitude, error, aboveNoiseDb }: ToneMeasure): string {
  return `amplitude ${amplitude.toFixed(1)} ± ${(error * 100).toFixed(1)} %, ${aboveNoiseDb.toFixed(0)} dB above noise`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
