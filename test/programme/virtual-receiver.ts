import { Programme, type NotPlayedReason } from '../../agent/programme/programme.js';
import type { Occurrence } from '../../agent/programme/day-plan.js';
import { NOTHING_SCHEDULED, type ScheduleMemory } from '../../agent/programme/schedule-memory.js';
import type { HeardToday } from '../../agent/programme/heard-minutes.js';
import { NOTHING_HEARD } from '../../agent/programme/heard-minutes.js';
import type { PlaySpec } from '../../agent/sound/messages.js';
import type { GateRules } from '../../agent/sound/air-gate.js';
import type { Clock } from '../../agent/core/clock.js';
import type { Log } from '../../agent/core/log.js';
import type { Receipt } from '../../protocols/messages/up.js';
import { ManualClock } from '../support/manual-clock.js';
import { OPEN_RULES } from '../support/open-gate.js';
import type { Flaw } from './flaws.js';
import { VirtualAir, type Heard, type Opened } from './virtual-air.js';

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** Steps of the clock are cut so that no end of permitted hours lies within one: they are whole minutes. */
const MINUTE_MS = 60_000;

/** A programme on a virtual clock and a virtual sink, with a disk that survives a power cut. */
export class VirtualReceiver {
  readonly clock: ManualClock;
  readonly receipts: Receipt['body'][] = [];
  readonly notPlayed: { readonly occurrence: Occurrence; readonly reason: NotPlayedReason }[] = [];
  /** Of runs that are over, one list a run. */
  readonly #runs: { readonly heard: readonly Heard[]; readonly opened: readonly Opened[] }[] = [];
  readonly #rules: GateRules;
  readonly #lengthMs: (spec: PlaySpec) => number;
  readonly #setUp: (programme: Programme) => void;
  readonly #flaw: Flaw | undefined;
  #disk: { scheduled: ScheduleMemory; heard: HeardToday } = {
    scheduled: NOTHING_SCHEDULED,
    heard: NOTHING_HEARD,
  };
  #ids = 0;
  #running: { readonly programme: Programme; readonly air: VirtualAir } | undefined;

  /**
   * @param setUp gives a programme that starts what is kept on its disk
   * @param flaw a bug that is planted between the programme and its clock, its memory or its sink
   */
  constructor(
    startMs: number,
    rules: GateRules,
    lengthMs: (spec: PlaySpec) => number,
    setUp: (programme: Programme) => void,
    flaw?: Flaw,
  ) {
    this.#flaw = flaw;
    this.clock = new ManualClock({ nowMs: startMs, monotonicMs: 0 });
    this.#rules = rules;
    this.#lengthMs = lengthMs;
    this.#setUp = setUp;
    this.powerOn();
  }

  /** The programme that runs; undefined without power. */
  get programme(): Programme | undefined {
    return this.#running?.programme;
  }

  /** Mains come back: a new run of the program on what the disk holds. */
  powerOn(): void {
    const flaw = this.#flaw;
    const programme: Programme = new Programme({
      engine: {
        open: ({ offsetMs, ...spec }) =>
          air.open(
            offsetMs === undefined || flaw === 'joins at the beginning' ? spec : { ...spec, offsetMs },
          ),
        order: (playIds) => air.order(playIds),
        close: (playId, outcome) => {
          if (flaw === 'lets a lease go on' && outcome === 'lease-ended') return;
          if (flaw === 'lets a withdrawn entry go on' && outcome === 'stopped') return;
          air.close(playId, outcome);
        },
      },
      clock: flawedClock(this.clock, flaw),
      ...(flaw === 'repeats an emergency without a pause'
        ? { emergencyNowMs: () => this.clock.nowMs() + 60 * this.clock.monotonicMs() }
        : {}),
      log: silent,
      newId: () => `play-${(this.#ids += 1)}`,
      memory: {},
      heard: this.#disk.heard,
      scheduled: this.#disk.scheduled,
      listener: {
        onReceipt: (body) => this.receipts.push(body),
        onEvent: () => undefined,
        onSounded: () => undefined,
        onHeard: (heard) => {
          if (this.#running?.programme === programme) this.#disk = { ...this.#disk, heard };
        },
        onScheduled: (scheduled) => {
          if (flaw !== 'plays again after a power cut') this.#disk = { ...this.#disk, scheduled };
        },
        onNotPlayed: (occurrence, reason) => this.notPlayed.push({ occurrence, reason }),
      },
    });
    const rules = flaw === 'sounds at any hour' ? OPEN_RULES : this.#rules;
    const air: VirtualAir = new VirtualAir(this.clock, rules, this.#lengthMs, (message) =>
      programme.onSound(message),
    );
    this.#running = { programme, air };
    this.#setUp(programme);
  }

  /** Mains go: nothing is said any more, and what was on air is cut off. */
  powerOff(): void {
    if (this.#running === undefined) return;
    this.#running.programme.close();
    this.#runs.push(this.#running.air);
    this.#running = undefined;
  }

  /** Lets time pass, with or without power. */
  pass(ms: number): void {
    const endMs = this.clock.monotonicMs() + ms;
    while (this.clock.monotonicMs() < endMs) {
      const air = this.#running?.air;
      const toMinuteMs = MINUTE_MS - (((this.clock.nowMs() % MINUTE_MS) + MINUTE_MS) % MINUTE_MS);
      const leftMs = endMs - this.clock.monotonicMs();
      const stepMs = air === undefined || air.idle ? leftMs : Math.min(leftMs, toMinuteMs, air.quietMs());
      this.#step(Math.max(1, stepMs));
    }
  }

  /** Steps the wall clock, as a time server or an empty battery does. */
  stepClock(byMs: number): void {
    this.#running?.air.moved();
    this.clock.stepWall(byMs);
    this.#running?.air.moved();
  }

  /** What was opened and heard until now, a list for each run of the program. */
  runs(): readonly { readonly heard: readonly Heard[]; readonly opened: readonly Opened[] }[] {
    return this.#running === undefined ? this.#runs : [...this.#runs, this.#running.air];
  }

  /** A timer of the programme may lie within the step: the air must be accounted for up to there, then chosen anew. */
  #step(ms: number): void {
    const air = this.#running?.air;
    if (air === undefined) {
      this.clock.advance(ms);
      return;
    }
    const nextMs = this.clock.nextAfterMs() ?? Infinity;
    this.clock.advance(Math.min(ms, Math.max(0, nextMs)));
    air.moved();
  }
}

function flawedClock(clock: ManualClock, flaw: Flaw | undefined): Clock {
  const aheadMs =
    flaw === 'begins half a minute early' ? 30_000 : flaw === 'takes up what is over' ? -20 * MINUTE_MS : 0;
  if (aheadMs === 0) return clock;
  return {
    nowMs: () => clock.nowMs() + aheadMs,
    monotonicMs: () => clock.monotonicMs(),
    after: (afterMs, run) => clock.after(afterMs, run),
  };
}
