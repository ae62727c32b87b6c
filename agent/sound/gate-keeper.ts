import type { AirClass } from '../../protocols/messages/common.js';
import type { Clock } from '../core/clock.js';
import { gateVerdict, tallied, type GateRules, type GateTally, type GateVerdict } from './air-gate.js';

/** Minutes heard are told this often while they grow, milliseconds. */
const TOLD_EVERY_MS = 60_000;

/** Stands between the mixer and the sink: knows what is permitted, what time it is, and what was heard today. */
export class GateKeeper {
  readonly #clock: Clock;
  readonly #onTally: (tally: GateTally) => void;
  #rules: GateRules;
  #tally: GateTally;
  #clockOffsetMs = 0;
  #toldMs = -Infinity;

  /** @param onTally keeps what was heard across restarts */
  constructor(
    clock: Clock,
    start: { readonly rules: GateRules; readonly tally: GateTally; readonly clockOffsetMs: number },
    onTally: (tally: GateTally) => void,
  ) {
    this.#clock = clock;
    this.#rules = start.rules;
    this.#tally = start.tally;
    this.#clockOffsetMs = start.clockOffsetMs;
    this.#onTally = onTally;
  }

  /** Other rules, another relation of trusted time to the system's. */
  set(rules: GateRules, clockOffsetMs: number): void {
    this.#rules = rules;
    this.#clockOffsetMs = clockOffsetMs;
  }

  /** May this class be heard now? */
  verdict(airClass: AirClass): GateVerdict {
    return gateVerdict(this.#rules, this.#tally, airClass, this.nowMs());
  }

  /** So much of a class was heard. */
  count(airClass: AirClass, heardMs: number): void {
    const before = this.#tally;
    this.#tally = tallied(before, airClass, this.nowMs(), heardMs);
    if (this.#tally === before || this.#clock.monotonicMs() - this.#toldMs < TOLD_EVERY_MS) return;
    this.tell();
  }

  /** Tells the minutes heard, where a play has ended. */
  tell(): void {
    this.#toldMs = this.#clock.monotonicMs();
    this.#onTally(this.#tally);
  }

  /** Trusted time, wall time in milliseconds. */
  nowMs(): number {
    return this.#clock.nowMs() + this.#clockOffsetMs;
  }
}
