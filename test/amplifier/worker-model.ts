import type { AirWanted, DoorState } from '../../hardware/types.js';

/** What the sound worker does with the door, by the instant: writes what the door lets through, heard `latencyMs` later. */
export class WorkerModel {
  readonly latencyMs: number;
  /** It hangs: no answer, and nothing written either. */
  hung = false;
  #door: DoorState = { door: 'shut', gainDb: 0, turn: 0 };
  #play: AirWanted = 'none';
  #wroteUntilMs = -Infinity;

  constructor(latencyMs: number) {
    this.latencyMs = latencyMs;
  }

  get play(): AirWanted {
    return this.#play;
  }

  /** What it would play from now on; what it wrote before is still to be heard. */
  set play(play: AirWanted) {
    this.#play = play;
  }

  get door(): DoorState {
    return this.#door;
  }

  /** Whose sound it writes now. */
  get writing(): AirWanted {
    const { door } = this.#door;
    if (this.hung || door === 'shut') return 'none';
    return door === 'emergency' && this.#play !== 'emergency' ? 'none' : this.#play;
  }

  /** Time went on to `nowMs` with the state as it was. */
  wrote(nowMs: number): void {
    if (this.writing !== 'none') this.#wroteUntilMs = nowMs;
  }

  /** Instant at which the last sample written is heard. */
  get heardUntilMs(): number {
    return this.#wroteUntilMs + this.latencyMs;
  }

  /** The door changes. @returns when it answers that all is quiet; undefined: not */
  take(door: DoorState, nowMs: number): number | undefined {
    this.#door = door;
    if (door.cut === true) this.#wroteUntilMs = -Infinity;
    if (this.hung || door.door !== 'shut') return undefined;
    return Math.max(nowMs, this.heardUntilMs);
  }

  /** Power is gone, and what was written with it. */
  reset(): void {
    this.#wroteUntilMs = -Infinity;
    this.#door = { door: 'shut', gainDb: 0, turn: 0 };
    this.hung = false;
  }
}
