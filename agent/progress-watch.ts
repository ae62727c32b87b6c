import type { EventBody } from '../protocols/messages/up.js';
import type { Clock } from './core/clock.js';
import type { Log } from './core/log.js';
import {
  mayFeed,
  NO_PROGRESS,
  progressStep,
  type Part,
  type PartLook,
  type ProgressState,
} from './progress.js';

/** Between two looks, milliseconds. */
export const LOOK_MS = 1_000;

/** What the watch looks at. */
export interface ProgressWatchParts {
  readonly clock: Clock;
  readonly log: Log;
  /** So long without progress is a standstill, milliseconds. */
  readonly stuckMs: number;
  readonly look: () => Readonly<Record<Part, PartLook>>;
  /** An emergency has the air and is heard now. */
  readonly emergencySounds: () => boolean;
  /** Moved at each look: another thread sees by it that this one lives. */
  readonly alive: () => void;
  readonly tell: (body: EventBody) => void;
  /** A part stands still; who starts next shall know. */
  readonly onStuck: (part: Part) => void;
}

/** Decides whether the watchdogs are fed: only while every part of the program gets on. The network has no part in it. */
export class ProgressWatch {
  readonly #parts: ProgressWatchParts;
  #state: ProgressState = NO_PROGRESS;
  #stuck: readonly Part[] = [];
  #told = false;
  #cancel: () => void = () => undefined;

  constructor(parts: ProgressWatchParts) {
    this.#parts = parts;
    this.#again();
  }

  /** May the watchdogs be fed now? */
  get mayFeed(): boolean {
    return mayFeed(this.#stuck, this.#stuck.length > 0 && this.#parts.emergencySounds());
  }

  /** The parts that stand still, for a technician. */
  get stuck(): readonly Part[] {
    return this.#stuck;
  }

  close(): void {
    this.#cancel();
  }

  #again(): void {
    this.#cancel = this.#parts.clock.after(LOOK_MS, () => {
      this.#look();
      this.#again();
    });
  }

  #tellAlive(): void {
    if (!this.#told) return;
    this.#told = false;
    this.#parts.tell({ kind: 'cleared', code: 'E_STUCK', detail: 'everything gets on again' });
  }

  #look(): void {
    const { look, stuckMs, alive, tell, onStuck, log } = this.#parts;
    alive();
    const { state, stuck } = progressStep(this.#state, look(), Math.ceil(stuckMs / LOOK_MS));
    this.#state = state;
    const [first] = stuck.filter((part) => !this.#stuck.includes(part));
    this.#stuck = stuck;
    if (stuck.length === 0) this.#tellAlive();
    if (first === undefined) return;
    this.#told = true;
    log.error({ code: 'E_STUCK', part: first }, 'a part stands still: the watchdog is not fed');
    onStuck(first);
    tell({ kind: 'alarm', code: 'E_STUCK', detail: `${first} stands still`, fields: { part: first } });
  }
}
