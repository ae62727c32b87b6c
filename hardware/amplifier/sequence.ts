import type { ErrorCode, Refusal } from '../../agent/core/errors.js';
import type { AirWanted, DoorState } from '../types.js';
import { gainAt, heatAt } from './foldback.js';
import { advance, nextLookMs } from './phases.js';
import type {
  AmplifierEffect,
  AmplifierEvent,
  AmplifierFault,
  AmplifierRules,
  AmplifierState,
} from './state.js';

/** What a step comes to. */
export interface AmplifierStep {
  readonly state: AmplifierState;
  /** To be carried out in this order. */
  readonly effects: readonly AmplifierEffect[];
  /** Monotonic instant of the next tick, where one is needed. */
  readonly wakeAtMs: number | undefined;
}

/** Moves in one step at most: through every phase once. */
const MOVES = 12;
/** What stops bulletins, the gravest first. */
const CODES: readonly (readonly [AmplifierFault, ErrorCode])[] = [
  ['short', 'E_LINE_SHORT'],
  ['open', 'E_LINE_OPEN'],
  ['lines', 'E_AMPLIFIER_LINES'],
  ['hot', 'E_AMPLIFIER_HOT'],
  ['undervoltage', 'E_AMPLIFIER_UNDERVOLTAGE'],
];

/** Everything off, since now: also what a power cut leaves. */
export function amplifierOff(nowMs: number): AmplifierState {
  return {
    ...{ phase: { kind: 'off', sinceMs: nowMs }, wanted: 'none', ending: false },
    ...{ blockedUntilMs: {}, temperatureC: undefined, overheated: false },
    ...{ suppliedMs: nowMs, connectedMs: nowMs, mutedMs: nowMs, quiet: false },
    ...{ told: { door: 'shut', gainDb: 0, turn: 0 }, refusal: undefined },
  };
}

/**
 * One step of the amplifier: off → supply → line relay → settle → unmute → open → fade → mute → hold → standby → off. Refuses
 * bulletins on any fault and emergencies on a short circuit alone. Pure.
 */
export function stepAmplifier(
  before: AmplifierState,
  event: AmplifierEvent,
  nowMs: number,
  rules: AmplifierRules,
): AmplifierStep {
  const effects: AmplifierEffect[] = [];
  let state = taken(before, event, nowMs, rules);
  for (let i = 0; i < MOVES; i += 1) {
    const move = advance(state, nowMs, rules.times);
    if (move === undefined) break;
    for (const [line, active] of move.lines) effects.push({ kind: 'line', line, active });
    state = { ...state, ...move.set, phase: move.phase };
  }
  const told = tell(state, nowMs, rules);
  return {
    state: told.state,
    effects: [...effects, ...told.effects],
    wakeAtMs: nextLookMs(told.state, nowMs, rules.times),
  };
}

/** Why nobody is let through, or nobody but an emergency; undefined where all are. Pure. */
export function refusalOf(
  { blockedUntilMs, overheated, temperatureC }: AmplifierState,
  nowMs: number,
): Refusal | undefined {
  for (const [fault, code] of CODES) {
    if (nowMs < (blockedUntilMs[fault] ?? -Infinity)) return { code, detail: `amplifier: ${fault}` };
    if (fault === 'hot' && overheated) return { code, detail: `amplifier: ${temperatureC ?? '?'} °C` };
  }
  return undefined;
}

function taken(
  state: AmplifierState,
  event: AmplifierEvent,
  nowMs: number,
  rules: AmplifierRules,
): AmplifierState {
  switch (event.kind) {
    case 'wanted':
      return { ...state, wanted: event.wanted };
    case 'fault':
      return {
        ...state,
        blockedUntilMs: { ...state.blockedUntilMs, [event.fault]: untilMs(event, nowMs, rules) },
      };
    case 'temperature':
      return {
        ...state,
        temperatureC: event.celsius,
        overheated: heatAt(rules.foldback, event.celsius, state.overheated),
      };
    case 'quiet':
      return event.turn === state.told.turn ? { ...state, quiet: true } : state;
    case 'end':
      return { ...state, ending: true };
    case 'tick':
      return state;
  }
}

/** An open line and a short circuit show only while it is on: what is told of them counts for a while after. */
function untilMs(
  event: Extract<AmplifierEvent, { kind: 'fault' }>,
  nowMs: number,
  { times }: AmplifierRules,
): number {
  if (event.there) return Infinity;
  return event.fault === 'open' || event.fault === 'short' ? nowMs + times.retryMs : nowMs;
}

function tell(
  state: AmplifierState,
  nowMs: number,
  rules: AmplifierRules,
): { readonly state: AmplifierState; readonly effects: readonly AmplifierEffect[] } {
  const effects: AmplifierEffect[] = [];
  let { told, quiet, refusal } = state;
  const now = refusalOf(state, nowMs);
  const door = doorOf(state, now);
  const gainDb = gainAt(rules.foldback, state.temperatureC, state.overheated, told.gainDb);
  if (door !== told.door || gainDb !== told.gainDb) {
    // A mute that did not wait for the sound to run out takes what was written with it.
    const cut = door === 'shut' && told.door !== 'shut' && state.phase.kind !== 'fade';
    const turn = told.turn + 1;
    told = { door, gainDb, turn };
    quiet = false;
    effects.push({ kind: 'door', ...told, ...(cut ? { cut } : {}) });
  }
  if (now?.code !== refusal?.code) {
    refusal = now;
    effects.push({ kind: 'refusal', refusal });
  }
  return { state: { ...state, told, quiet, refusal }, effects };
}

function doorOf({ phase }: AmplifierState, refusal: Refusal | undefined): DoorState['door'] {
  if (phase.kind !== 'open') return 'shut';
  return refusal === undefined ? 'all' : 'emergency';
}

/** How long it takes at most from nothing to open, milliseconds: what is to begin at an instant wakes it so much before. Pure. */
export function wakeMs({ times }: AmplifierRules): number {
  const closedMs = Math.max(times.restMs + times.supplyDelayMs, times.muteMs);
  return closedMs + times.settleMs + times.unmuteMs;
}

/** For whom, by the classes of the air. Pure. */
export function wantedOf(airClass: string): AirWanted {
  return airClass === 'emergency' ? 'emergency' : 'bulletin';
}
