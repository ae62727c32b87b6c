import { LoaError, type Refusal } from '../../core/errors.js';
import type { MeasureLoudness } from './loudness.js';

/** What is asked of the main thread: how loud a kept file is. */
export interface LoudnessQuestion {
  readonly kind: 'measure';
  readonly question: number;
  readonly path: string;
}

/** What it answers; no loudness where the file holds nothing above the gate. */
export interface LoudnessAnswer {
  readonly kind: 'measured';
  readonly question: number;
  readonly lufs?: number;
  readonly refusal?: Refusal;
}

/**
 * Loudness measured elsewhere. Starting a process holds up the thread that does it until the new one runs, on a busy
 * machine for longer than the card's buffer lasts: the sound thread asks the main thread to.
 */
export class AskedLoudness {
  readonly #ask: (question: LoudnessQuestion) => void;
  readonly #waiting = new Map<number, (answer: LoudnessAnswer) => void>();
  #questions = 0;

  constructor(ask: (question: LoudnessQuestion) => void) {
    this.#ask = ask;
  }

  /** Asks; gives up when the signal does. */
  readonly measure: MeasureLoudness = async (path, signal) => {
    this.#questions += 1;
    const question = this.#questions;
    const answer = await new Promise<LoudnessAnswer>((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.delete(question);
        reject(new LoaError('E_MEDIA_DECODE', 'its loudness was not measured in time'));
      };
      this.#waiting.set(question, (given) => {
        signal.removeEventListener('abort', giveUp);
        resolve(given);
      });
      signal.addEventListener('abort', giveUp, { once: true });
      this.#ask({ kind: 'measure', question, path });
    });
    if (answer.refusal !== undefined) throw new LoaError(answer.refusal.code, answer.refusal.detail);
    return answer.lufs;
  };

  /** An answer has come; one that nobody waits for any more is dropped. */
  take(answer: LoudnessAnswer): void {
    const waiting = this.#waiting.get(answer.question);
    this.#waiting.delete(answer.question);
    waiting?.(answer);
  }
}
