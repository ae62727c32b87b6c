import type { AmplifierTimes } from '../../hardware/boards/board.js';
import type { AmplifierLine } from '../../hardware/amplifier/state.js';
import type { WorkerModel } from './worker-model.js';

interface LineMemory {
  active: boolean;
  sinceMs: number;
}

/** What is known of the world beside the lines, when they are judged. */
export interface Circumstances {
  readonly short: boolean;
  /** Something refuses bulletins. */
  readonly refused: boolean;
}

/** Judges lines and samples of an amplifier as they change: every unsafe state is one sentence. */
export class UnsafeStates {
  /** What was seen, first of each kind. */
  readonly seen = new Set<string>();
  readonly #times: AmplifierTimes;
  readonly #worker: WorkerModel;
  #lines: Record<AmplifierLine, LineMemory>;
  #emergencySinceMs = Infinity;
  #bulletinSinceMs = Infinity;
  #idleSinceMs = 0;

  constructor(times: AmplifierTimes, worker: WorkerModel, nowMs: number) {
    this.#times = times;
    this.#worker = worker;
    this.#lines = allOff(nowMs);
  }

  /** A line changes. */
  line(line: AmplifierLine, active: boolean, nowMs: number, { short }: Circumstances): void {
    const { supply, line: relay, unmute } = this.#lines;
    const { supplyDelayMs, settleMs, muteMs, restMs } = this.#times;
    const for_ = (one: LineMemory): number => nowMs - one.sinceMs;
    const must = (holds: boolean, what: string): void => void (holds || this.seen.add(what));
    if (line === 'supply' && active) must(for_(supply) >= restMs, 'the supply came back too soon');
    if (line === 'supply' && !active)
      must(!relay.active && for_(relay) >= muteMs, 'the supply fell under a closed line relay');
    if (line === 'line' && active)
      must(supply.active && for_(supply) >= supplyDelayMs, 'the line relay closed before the supply was up');
    if (line === 'line')
      must(!unmute.active && for_(unmute) >= muteMs, 'the line relay switched while it was not muted');
    if (line === 'unmute' && active) {
      must(supply.active && relay.active && for_(relay) >= settleMs, 'unmuted before the line had settled');
      must(!short, 'unmuted into a short circuit');
    }
    if (line === 'unmute' && !active && !short)
      must(this.#worker.hung || nowMs >= this.#worker.heardUntilMs, 'muted what was still to be heard');
    this.#lines[line] = { active, sinceMs: nowMs };
  }

  /** After each step. */
  rest(nowMs: number, { short, refused }: Circumstances): void {
    const { unmute, supply, line } = this.#lines;
    const { writing } = this.#worker;
    const must = (holds: boolean, what: string): void => void (holds || this.seen.add(what));
    must(!short || !unmute.active, 'open in a short circuit');
    must(!refused || writing !== 'bulletin', 'a bulletin is let through in spite of a fault');
    must(
      writing === 'none' || (unmute.active && nowMs - unmute.sinceMs >= this.#times.unmuteMs),
      'sound is let through before it is open',
    );
    must(!unmute.active || (supply.active && line.active), 'unmuted without supply or line');
    this.#judgeTimes(nowMs, { short, refused });
  }

  /** Power is gone: the relays fall, in no order. */
  powerCut(nowMs: number): void {
    this.#lines = allOff(nowMs);
    this.#emergencySinceMs = Infinity;
    this.#bulletinSinceMs = Infinity;
    this.#idleSinceMs = nowMs;
  }

  #judgeTimes(nowMs: number, { short, refused }: Circumstances): void {
    const t = this.#times;
    const { play, hung, writing, latencyMs } = this.#worker;
    const downMs = t.fadeMs + t.muteMs * 2;
    const wakeMs = downMs + t.restMs + t.supplyDelayMs + t.settleMs + t.unmuteMs;
    const silent = !hung && writing === 'none';
    const since = (waits: boolean, beforeMs: number): number =>
      waits && silent ? Math.min(beforeMs, nowMs) : Infinity;
    this.#emergencySinceMs = since(play === 'emergency' && !short, this.#emergencySinceMs);
    this.#bulletinSinceMs = since(play === 'bulletin' && !refused, this.#bulletinSinceMs);
    // A short circuit or an open line that was told of counts for a while after.
    const longestMs = wakeMs + t.retryMs;
    if (nowMs - this.#emergencySinceMs > longestMs) this.seen.add('an emergency waits for ever');
    if (nowMs - this.#bulletinSinceMs > longestMs) this.seen.add('a bulletin waits for ever');
    if (play !== 'none') this.#idleSinceMs = nowMs;
    const idleMs = nowMs - this.#idleSinceMs - latencyMs;
    if (this.#lines.unmute.active && idleMs > t.tailMs + downMs + t.unmuteMs)
      this.seen.add('left open with nobody on air');
    if (this.#lines.supply.active && idleMs > t.tailMs + downMs + wakeMs + t.holdMs + t.standbyMs)
      this.seen.add('left under power with nobody on air');
  }
}

function allOff(nowMs: number): Record<AmplifierLine, LineMemory> {
  const off = (): LineMemory => ({ active: false, sinceMs: nowMs });
  return { supply: off(), line: off(), unmute: off() };
}
