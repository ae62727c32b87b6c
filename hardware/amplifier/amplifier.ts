import type { Clock } from '../../agent/core/clock.js';
import type { Refusal } from '../../agent/core/errors.js';
import type { AmplifierBoard } from '../boards/board.js';
import type { AmplifierStatus, DoorState } from '../types.js';
import { amplifierOff, refusalOf, stepAmplifier, wakeMs } from './sequence.js';
import type {
  AmplifierEvent,
  AmplifierFault,
  AmplifierLine,
  AmplifierRules,
  AmplifierState,
} from './state.js';

/** What an amplifier is driven through. */
export interface AmplifierParts {
  readonly clock: Clock;
  /** Sets a line; one that the board does not have is nobody's. */
  readonly set: (line: AmplifierLine, active: boolean) => void;
  /** The sound worker is to be told. */
  readonly onDoor: (door: DoorState) => void;
  readonly onRefusal: (refusal: Refusal | undefined) => void;
}

const ENDING_MS = 500;

/** Runs the sequence: takes what happens, sets the lines, wakes itself when a time is due. */
export class Amplifier {
  readonly #rules: AmplifierRules;
  readonly #parts: AmplifierParts;
  #state: AmplifierState;
  #cancel: () => void = () => undefined;
  #onOff: () => void = () => undefined;

  constructor({ times, foldback }: AmplifierBoard, parts: AmplifierParts) {
    this.#rules = { times, foldback };
    this.#parts = parts;
    this.#state = amplifierOff(parts.clock.monotonicMs());
  }

  /** How long it takes to wake at most, milliseconds. */
  get wakeMs(): number {
    return wakeMs(this.#rules);
  }

  /** What the sound worker is to start with. */
  get door(): DoorState {
    return this.#state.told;
  }

  /** Sound passes, or is about to. */
  get unmuted(): boolean {
    return ['unmute', 'open', 'fade'].includes(this.#state.phase.kind);
  }

  /** Takes what has happened. */
  take(event: AmplifierEvent): void {
    const nowMs = this.#parts.clock.monotonicMs();
    const { state, effects, wakeAtMs } = stepAmplifier(this.#state, event, nowMs, this.#rules);
    this.#state = state;
    this.#cancel();
    if (wakeAtMs !== undefined) {
      // A timer may come up to a millisecond early.
      this.#cancel = this.#parts.clock.after(Math.ceil(wakeAtMs - nowMs), () => this.take({ kind: 'tick' }));
    }
    for (const effect of effects) {
      if (effect.kind === 'line') this.#parts.set(effect.line, effect.active);
      else if (effect.kind === 'refusal') this.#parts.onRefusal(effect.refusal);
      else this.#parts.onDoor(effect);
    }
    if (state.phase.kind === 'off') this.#onOff();
  }

  /** A fault is there, or is gone; said again it is nothing new. */
  fault(fault: AmplifierFault, there: boolean): void {
    const known = this.#state.blockedUntilMs[fault] === Infinity;
    if (known !== there) this.take({ kind: 'fault', fault, there });
  }

  status(): AmplifierStatus {
    const { phase, told, temperatureC, blockedUntilMs } = this.#state;
    const nowMs = this.#parts.clock.monotonicMs();
    const code = refusalOf(this.#state, nowMs)?.code;
    const is = (fault: AmplifierFault): boolean => nowMs < (blockedUntilMs[fault] ?? -Infinity);
    return {
      phase: phase.kind,
      gainDb: told.gainDb,
      line: is('short') ? 'short' : is('open') ? 'open' : 'normal',
      ...(temperatureC === undefined ? {} : { temperatureC }),
      ...(code === undefined ? {} : { code }),
    };
  }

  /** Off in its order; resolves when it is, or when that takes too long. */
  async close(): Promise<void> {
    const { fadeMs, muteMs } = this.#rules.times;
    await new Promise<void>((resolve) => {
      const cancel = this.#parts.clock.after(fadeMs + 2 * muteMs + ENDING_MS, resolve);
      this.#onOff = () => {
        cancel();
        resolve();
      };
      this.take({ kind: 'end' });
    });
    this.#cancel();
  }
}
