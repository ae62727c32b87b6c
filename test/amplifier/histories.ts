import { amplifierOff, stepAmplifier } from '../../hardware/amplifier/sequence.js';
import type { AmplifierEvent, AmplifierFault, AmplifierRules } from '../../hardware/amplifier/state.js';
import type { AmplifierTimes } from '../../hardware/boards/board.js';
import type { AirWanted } from '../../hardware/types.js';
import { mulberry } from './mulberry.js';
import { UnsafeStates, type Circumstances } from './unsafe-states.js';
import { WorkerModel } from './worker-model.js';

/** What a random history came to. */
export interface History {
  readonly seed: number;
  /** Unsafe states; none is what is wanted. */
  readonly unsafe: readonly string[];
  readonly steps: number;
  /** Times that it opened, milliseconds heard, faults and power cuts: a history in which nothing happens proves nothing. */
  readonly opened: number;
  readonly heardMs: number;
  readonly faults: number;
  readonly powerCuts: number;
}

const FAULTS: readonly AmplifierFault[] = ['open', 'short', 'hot', 'undervoltage', 'lines'];
const FOLDBACK = { fromC: 70, dbPerC: 1, mostDb: 12, offC: 80, onC: 72 };
/** Of what is done in a history, beside the ticks. */
const DEEDS = 60;

/**
 * Lives one random history of play, stop, fault, emergency, heat, a worker that hangs, and power.
 * @param spoil makes the sequence's own times other than those it is judged by, to see that the judge sees
 */
export function liveHistory(seed: number, spoil: Partial<AmplifierTimes> = {}): History {
  return new Life(seed, spoil).live();
}

class Life {
  readonly #seed: number;
  readonly #random: () => number;
  readonly #rules: AmplifierRules;
  readonly #worker: WorkerModel;
  readonly #judge: UnsafeStates;
  readonly #there = new Set<AmplifierFault>();
  readonly #later: { atMs: number; event: AmplifierEvent }[] = [];
  #state = amplifierOff(0);
  #nowMs = 0;
  #wakeAtMs: number | undefined;
  #celsius = 40;
  #hot = false;
  readonly #sum = { steps: 0, opened: 0, heardMs: 0, faults: 0, powerCuts: 0 };

  constructor(seed: number, spoil: Partial<AmplifierTimes>) {
    this.#seed = seed;
    this.#random = mulberry(seed);
    const times = this.#anyTimes();
    this.#rules = { times: { ...times, ...spoil }, foldback: FOLDBACK };
    this.#worker = new WorkerModel(this.#whole(10, 200));
    this.#judge = new UnsafeStates(times, this.#worker, 0);
  }

  live(): History {
    for (let deed = 0; deed < DEEDS; deed += 1) {
      this.#runTo(this.#nowMs + this.#waitMs());
      this.#do();
    }
    this.#runTo(this.#nowMs + 300_000);
    return { seed: this.#seed, unsafe: [...this.#judge.seen], ...this.#sum };
  }

  /** Ticks and answers that fall due until then. */
  #runTo(untilMs: number): void {
    for (;;) {
      const answer = this.#later.toSorted((a, b) => a.atMs - b.atMs)[0];
      const wakeAtMs = this.#wakeAtMs ?? Infinity;
      const nextMs = Math.min(wakeAtMs, answer?.atMs ?? Infinity);
      if (nextMs > untilMs) break;
      this.#passTo(nextMs);
      if (answer !== undefined && answer.atMs <= wakeAtMs) {
        this.#later.splice(this.#later.indexOf(answer), 1);
        this.#step(answer.event);
      } else this.#step({ kind: 'tick' });
    }
    this.#passTo(untilMs);
  }

  #passTo(nowMs: number): void {
    if (this.#worker.writing !== 'none') this.#sum.heardMs += nowMs - this.#nowMs;
    this.#worker.wrote(nowMs);
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    this.#judge.rest(this.#nowMs, this.#circumstances());
  }

  #step(event: AmplifierEvent): void {
    this.#sum.steps += 1;
    const { state, effects, wakeAtMs } = stepAmplifier(this.#state, event, this.#nowMs, this.#rules);
    this.#state = state;
    this.#wakeAtMs = wakeAtMs;
    for (const effect of effects) {
      if (effect.kind === 'line')
        this.#judge.line(effect.line, effect.active, this.#nowMs, this.#circumstances());
      if (effect.kind !== 'door') continue;
      if (effect.door !== 'shut') this.#sum.opened += 1;
      const quietMs = this.#worker.take(effect, this.#nowMs);
      if (quietMs !== undefined)
        this.#later.push({ atMs: quietMs, event: { kind: 'quiet', turn: effect.turn } });
    }
    this.#judge.rest(this.#nowMs, this.#circumstances());
  }

  #circumstances(): Circumstances {
    return { short: this.#there.has('short'), refused: this.#hot || this.#there.size > 0 };
  }

  #do(): void {
    const deed = this.#random();
    if (deed < 0.55) this.#play();
    else if (deed < 0.78) this.#fault();
    else if (deed < 0.9) this.#heat();
    else if (deed < 0.95) this.#worker.hung = this.#random() < 0.5;
    else this.#powerCut();
  }

  /** The worker asks for the air at once, and gives it up when its last sample was heard. */
  #play(): void {
    const wanted = (['none', 'bulletin', 'emergency'] as const)[this.#whole(0, 2)] as AirWanted;
    this.#worker.play = wanted;
    for (let i = this.#later.length - 1; i >= 0; i -= 1)
      if (this.#later[i]?.event.kind === 'wanted') this.#later.splice(i, 1);
    if (wanted !== 'none') this.#step({ kind: 'wanted', wanted });
    else
      this.#later.push({
        atMs: Math.max(this.#nowMs, this.#worker.heardUntilMs),
        event: { kind: 'wanted', wanted },
      });
  }

  #fault(): void {
    const fault = FAULTS[this.#whole(0, FAULTS.length - 1)] as AmplifierFault;
    const there = !this.#there.has(fault);
    if (there) this.#there.add(fault);
    else this.#there.delete(fault);
    this.#sum.faults += 1;
    this.#step({ kind: 'fault', fault, there });
  }

  #heat(): void {
    this.#celsius = Math.min(95, Math.max(20, this.#celsius + this.#whole(-30, 30)));
    const { offC, onC } = FOLDBACK;
    this.#hot = this.#hot ? this.#celsius >= onC : this.#celsius >= offC;
    this.#step({ kind: 'temperature', celsius: this.#celsius });
  }

  #powerCut(): void {
    this.#sum.powerCuts += 1;
    this.#state = amplifierOff(this.#nowMs);
    this.#wakeAtMs = undefined;
    this.#later.length = 0;
    const { play } = this.#worker;
    this.#worker.reset();
    this.#judge.powerCut(this.#nowMs);
    // That it had been hotter is forgotten.
    this.#hot = this.#celsius >= FOLDBACK.offC;
    // What stands in a schedule is begun again, what is sensed is told again.
    this.#step({ kind: 'temperature', celsius: this.#celsius });
    for (const fault of this.#there) this.#step({ kind: 'fault', fault, there: true });
    if (play !== 'none') this.#step({ kind: 'wanted', wanted: play });
  }

  #waitMs(): number {
    const kind = this.#random();
    if (kind < 0.3) return this.#whole(0, 60);
    return kind < 0.8 ? this.#whole(0, 3_000) : this.#whole(0, 60_000);
  }

  #anyTimes(): AmplifierTimes {
    return {
      ...{
        supplyDelayMs: this.#whole(0, 30_000),
        settleMs: this.#whole(0, 1_000),
        unmuteMs: this.#whole(0, 200),
      },
      ...{ tailMs: this.#whole(0, 3_000), fadeMs: this.#whole(200, 600), muteMs: this.#whole(0, 200) },
      ...{ holdMs: this.#whole(0, 20_000), standbyMs: this.#whole(0, 60_000) },
      ...{ restMs: this.#whole(0, 5_000), retryMs: this.#whole(0, 60_000) },
    };
  }

  #whole(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }
}
