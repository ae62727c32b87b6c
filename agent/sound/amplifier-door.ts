import type { AirClass } from '../../protocols/messages/common.js';
import type { AirWanted, DoorState } from '../../hardware/types.js';
import { framesOf, fromDb } from '../core/units.js';
import type { FromSound } from './messages.js';
import type { Play } from './play.js';

/** What a receiver with an amplifier gives its sound worker. */
export interface DoorSettings {
  /** How long it takes to wake at most: a play with a start of its own asks for the air so much before. */
  readonly wakeMs: number;
  readonly state: DoorState;
}

/** What the door sees of the worker. */
export interface DoorParts {
  readonly tell: (message: FromSound) => void;
  /** Does the gate of hours and minutes let the class through now? */
  readonly permits: (airClass: AirClass) => boolean;
  /** The frame that is at the loudspeaker now. */
  readonly heardFrame: () => number;
}

/** A play without sound yet asks for the air for so long: its source is being opened. */
const OPENING_MS = 10_000;
/** A play is kept for an amplifier that wakes no longer than that and this; then its live source goes on. */
const KEPT_MS = 5_000;
/** A player starts its card some ten milliseconds late, which is not always seen: what is muted too early is lost. */
const SPARE_FRAMES = framesOf(60);
/** What is softer is a test that nobody hears. */
const SILENT_DB = -100;

/**
 * Stands between the plays and the mixer where there is an amplifier: lets through whom it is open for, says for whom the air is wanted,
 * and, once it is shut, when all that was written has been heard. Costs nothing where there is none, for there is then no door.
 */
export class AmplifierDoor {
  readonly #wakeMs: number;
  readonly #parts: DoorParts;
  readonly #openedMs = new WeakMap<Play, number>();
  readonly #keptMs = new WeakMap<Play, number>();
  #state: DoorState;
  #wanted: AirWanted = 'none';
  #nowMs = 0;
  /** It is to be said when all is quiet: from which frame on nothing was written. */
  #runningOut: { frame: number | undefined } | undefined;

  constructor({ wakeMs, state }: DoorSettings, parts: DoorParts) {
    this.#wakeMs = wakeMs;
    this.#state = state;
    this.#parts = parts;
  }

  /** Linear, at most 1. */
  get gain(): number {
    return this.#state.gainDb === 0 ? 1 : fromDb(this.#state.gainDb);
  }

  /** May it be heard? */
  admits({ spec }: Play): boolean {
    const { door } = this.#state;
    return door === 'all' || spec.gainDb <= SILENT_DB || (door === 'emergency' && spec.class === 'emergency');
  }

  /** Is it to wait with all its sound, as the amplifier wakes for it? */
  keeps(play: Play): boolean {
    if (this.admits(play) || !play.ready || !this.#isWanted(play)) return false;
    const sinceMs = this.#keptMs.get(play) ?? this.#nowMs;
    this.#keptMs.set(play, sinceMs);
    return this.#nowMs - sinceMs < this.#wakeMs + KEPT_MS;
  }

  take(state: DoorState): void {
    this.#state = state;
    this.#runningOut = state.door === 'shut' ? { frame: undefined } : undefined;
  }

  /**
   * After each block, or where time passed without a sink.
   * @param writtenFrame the frame after the last one written
   */
  look(plays: Iterable<Play>, writtenFrame: number, nowMs: number): void {
    this.#nowMs = nowMs;
    let wanted: AirWanted = 'none';
    let sounding = false;
    for (const play of plays) {
      if (play.spec.gainDb <= SILENT_DB) continue;
      sounding ||= play.currentGain > 0;
      if (wanted === 'emergency' || !this.#isWanted(play)) continue;
      wanted = play.spec.class === 'emergency' ? 'emergency' : 'bulletin';
    }
    this.#tellQuiet(sounding, writtenFrame);
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.#parts.tell({ kind: 'air-wanted', wanted });
  }

  #isWanted(play: Play): boolean {
    // What was written of it has to be heard.
    if (play.closing !== undefined || play.ended) return play.book.begun;
    if (!this.#parts.permits(play.spec.class ?? 'normal')) return false;
    const { startAtMs } = play.spec;
    if (startAtMs !== undefined && startAtMs - this.#wakeMs > this.#nowMs) return false;
    if (play.ready) return true;
    const openedMs = this.#openedMs.get(play) ?? this.#nowMs;
    this.#openedMs.set(play, openedMs);
    return !play.book.begun && this.#nowMs - openedMs < OPENING_MS;
  }

  #tellQuiet(sounding: boolean, writtenFrame: number): void {
    const running = this.#runningOut;
    if (running === undefined || sounding) return;
    // The block after the last one that sounded holds what the limiter held back.
    if (running.frame === undefined) {
      running.frame = writtenFrame;
      return;
    }
    if (this.#parts.heardFrame() < running.frame + SPARE_FRAMES) return;
    this.#runningOut = undefined;
    this.#parts.tell({ kind: 'quiet', turn: this.#state.turn });
  }
}
