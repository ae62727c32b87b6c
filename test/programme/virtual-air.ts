import type { FromSound, PlayOutcome, PlaySpec, PlayTally } from '../../agent/sound/messages.js';
import { gateVerdict, NOTHING_TALLIED, tallied, type GateRules } from '../../agent/sound/air-gate.js';
import type { ManualClock } from '../support/manual-clock.js';

/** A stretch of time in which one play was heard without a break, by both clocks of the receiver. */
export interface Heard {
  readonly playId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly fromMonotonicMs: number;
  readonly toMonotonicMs: number;
}

/** A play that the programme has opened: when, and how far into it. */
export interface Opened {
  readonly spec: PlaySpec;
  readonly atMs: number;
  readonly atMonotonicMs: number;
}

interface Open {
  readonly spec: PlaySpec;
  leftMs: number;
  heardMs: number;
  began: boolean;
  closing: PlayOutcome | undefined;
}

/**
 * The sound thread of a virtual receiver: whoever is first in the order has the air from one instant to the next, the gate
 * before the sink is the product's own. A file lasts as long as it is told to, a live stream for ever.
 */
export class VirtualAir {
  readonly heard: Heard[] = [];
  readonly opened: Opened[] = [];
  readonly #clock: ManualClock;
  readonly #rules: GateRules;
  readonly #lengthMs: (spec: PlaySpec) => number;
  readonly #tell: (message: FromSound) => void;
  readonly #open = new Map<string, Open>();
  #order: readonly string[] = [];
  #onAir: string | undefined;
  #tally = NOTHING_TALLIED;
  #at: { readonly wallMs: number; readonly monotonicMs: number };
  #busy = false;

  constructor(
    clock: ManualClock,
    rules: GateRules,
    lengthMs: (spec: PlaySpec) => number,
    tell: (message: FromSound) => void,
  ) {
    this.#clock = clock;
    this.#rules = rules;
    this.#lengthMs = lengthMs;
    this.#tell = tell;
    this.#at = { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
  }

  /** What the programme asks. */
  open(spec: PlaySpec): void {
    const leftMs = Math.max(0, this.#lengthMs(spec) - (spec.offsetMs ?? 0));
    this.opened.push({ spec, atMs: this.#clock.nowMs(), atMonotonicMs: this.#clock.monotonicMs() });
    this.#open.set(spec.playId, { spec, leftMs, heardMs: 0, began: false, closing: undefined });
  }

  /** What the programme asks. */
  order(playIds: readonly string[]): void {
    this.#order = playIds;
  }

  /** What the programme asks. */
  close(playId: string, outcome: PlayOutcome): void {
    const open = this.#open.get(playId);
    if (open !== undefined) open.closing ??= outcome;
  }

  /** Nothing is open: no end of permitted hours changes anything. */
  get idle(): boolean {
    return this.#open.size === 0;
  }

  /** Milliseconds until something ends or the gate changes; the caller moves the clock by no more. */
  quietMs(): number {
    this.#choose();
    const open = this.#onAir === undefined ? undefined : this.#open.get(this.#onAir);
    return open === undefined ? Infinity : open.leftMs;
  }

  /** Accounts for the time since the last call: the clock has moved by no more than {@link quietMs}. */
  moved(): void {
    const now = { wallMs: this.#clock.nowMs(), monotonicMs: this.#clock.monotonicMs() };
    const ms = now.monotonicMs - this.#at.monotonicMs;
    const open = this.#onAir === undefined ? undefined : this.#open.get(this.#onAir);
    if (open !== undefined && ms > 0) {
      open.leftMs -= ms;
      open.heardMs += ms;
      this.#tally = tallied(this.#tally, open.spec.class ?? 'normal', this.#at.wallMs, ms);
      this.heard.push({
        playId: open.spec.playId,
        fromMs: this.#at.wallMs,
        toMs: this.#at.wallMs + ms,
        fromMonotonicMs: this.#at.monotonicMs,
        toMonotonicMs: now.monotonicMs,
      });
    }
    this.#at = now;
    this.#choose();
  }

  /** Gives the air, and ends what has ended, until nothing changes. The programme may ask for more meanwhile. */
  #choose(): void {
    if (this.#busy) return;
    this.#busy = true;
    for (let turns = 0; turns < 1_000; turns += 1) {
      const ended = [...this.#open.values()].find(
        ({ closing, leftMs }) => closing !== undefined || leftMs <= 0,
      );
      if (ended !== undefined) {
        this.#open.delete(ended.spec.playId);
        this.#tell({ kind: 'ended', tally: tallyOf(ended) });
        continue;
      }
      const onAir = this.#order.find((playId) => this.#mayBeHeard(playId));
      if (onAir === this.#onAir) break;
      this.#onAir = onAir;
      const open = onAir === undefined ? undefined : this.#open.get(onAir);
      if (open?.began === false) {
        open.began = true;
        this.#tell({ kind: 'began', playId: open.spec.playId, atMs: this.#clock.nowMs() });
      }
      this.#tell({ kind: 'air', playId: onAir });
    }
    this.#busy = false;
  }

  #mayBeHeard(playId: string): boolean {
    const open = this.#open.get(playId);
    if (open === undefined) return false;
    const airClass = open.spec.class ?? 'normal';
    return gateVerdict(this.#rules, this.#tally, airClass, this.#clock.nowMs()) === 'open';
  }
}

function tallyOf({ spec, heardMs, closing }: Open): PlayTally {
  return {
    playId: spec.playId,
    outcome: closing ?? 'completed',
    failure: undefined,
    framesHeard: Math.round(heardMs * 48),
    spans: [],
    peakDb: undefined,
    rmsDbBySecond: [],
    underruns: 0,
    reconnects: 0,
    pcmSha256: undefined,
    evidence: heardMs > 0 ? 'consumed' : 'none',
  };
}
