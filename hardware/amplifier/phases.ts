import type { AmplifierTimes } from '../boards/board.js';
import type { AirWanted } from '../types.js';
import type { AmplifierLine, AmplifierPhase, AmplifierState } from './state.js';

/** From one phase to the next. */
export interface Move {
  readonly phase: AmplifierPhase;
  readonly lines: readonly (readonly [AmplifierLine, boolean])[];
  readonly set?: Partial<Pick<AmplifierState, 'suppliedMs' | 'connectedMs' | 'mutedMs'>>;
}

type Advance = (state: AmplifierState, nowMs: number, times: AmplifierTimes) => Move | undefined;

/** The next move, where one is due now. Pure. */
export const advance: Advance = (state, nowMs, times) => ADVANCES[state.phase.kind](state, nowMs, times);

/** When it has to be looked at again though nothing happens; undefined: never. Pure. */
export function nextLookMs(state: AmplifierState, nowMs: number, times: AmplifierTimes): number | undefined {
  const blocks = Object.values(state.blockedUntilMs);
  const due = [...instantsOf(state, times), ...blocks].filter((atMs) => atMs > nowMs && atMs < Infinity);
  return due.length === 0 ? undefined : Math.min(...due);
}

const ADVANCES: Readonly<Record<AmplifierPhase['kind'], Advance>> = {
  off({ phase, ...state }, nowMs, { restMs }) {
    if (demandOf(state, nowMs) === 'none' || nowMs < phase.sinceMs + restMs) return undefined;
    return {
      phase: { kind: 'supply', sinceMs: nowMs },
      lines: [['supply', true]],
      set: { suppliedMs: nowMs },
    };
  },
  supply(state, nowMs, times) {
    if (demandOf(state, nowMs) === 'none') return { phase: { kind: 'standby', sinceMs: nowMs }, lines: [] };
    if (nowMs < closableMs(state, times)) return undefined;
    return {
      phase: { kind: 'settle', sinceMs: nowMs },
      lines: [['line', true]],
      set: { connectedMs: nowMs },
    };
  },
  settle(state, nowMs, { settleMs }) {
    if (demandOf(state, nowMs) === 'none') return { phase: { kind: 'hold', sinceMs: nowMs }, lines: [] };
    if (nowMs < state.connectedMs + settleMs) return undefined;
    return { phase: { kind: 'unmute', sinceMs: nowMs }, lines: [['unmute', true]] };
  },
  unmute(state, nowMs, { unmuteMs }) {
    if (demandOf(state, nowMs) === 'none') return muted(nowMs);
    if (nowMs < state.phase.sinceMs + unmuteMs) return undefined;
    return { phase: { kind: 'open', sinceMs: nowMs, idleMs: undefined }, lines: [] };
  },
  open(state, nowMs, { tailMs }) {
    const { phase } = state;
    if (phase.kind !== 'open') return undefined;
    if (isShort(state, nowMs)) return muted(nowMs);
    if (demandOf(state, nowMs) !== 'none')
      return phase.idleMs === undefined ? undefined : { phase: { ...phase, idleMs: undefined }, lines: [] };
    const fade: Move = { phase: { kind: 'fade', sinceMs: nowMs }, lines: [] };
    if (mustRest(state, nowMs)) return fade;
    if (phase.idleMs === undefined) return { phase: { ...phase, idleMs: nowMs }, lines: [] };
    return nowMs < phase.idleMs + tailMs ? undefined : fade;
  },
  fade(state, nowMs, { fadeMs }) {
    if (isShort(state, nowMs)) return muted(nowMs);
    if (demandOf(state, nowMs) !== 'none')
      return { phase: { kind: 'open', sinceMs: nowMs, idleMs: undefined }, lines: [] };
    return state.quiet || nowMs >= state.phase.sinceMs + fadeMs ? muted(nowMs) : undefined;
  },
  mute({ phase }, nowMs, { muteMs }) {
    return nowMs < phase.sinceMs + muteMs
      ? undefined
      : { phase: { kind: 'hold', sinceMs: nowMs }, lines: [] };
  },
  hold(state, nowMs, { holdMs }) {
    if (demandOf(state, nowMs) !== 'none')
      return { phase: { kind: 'settle', sinceMs: state.connectedMs }, lines: [] };
    if (!mustRest(state, nowMs) && nowMs < state.phase.sinceMs + holdMs) return undefined;
    return { phase: { kind: 'standby', sinceMs: nowMs }, lines: [['line', false]] };
  },
  standby(state, nowMs, { muteMs, standbyMs }) {
    // The relay has opened before it closes again, and before the supply falls.
    if (nowMs < state.phase.sinceMs + muteMs) return undefined;
    if (demandOf(state, nowMs) !== 'none') return { phase: { kind: 'supply', sinceMs: nowMs }, lines: [] };
    if (!mustRest(state, nowMs) && nowMs < state.phase.sinceMs + standbyMs) return undefined;
    return { phase: { kind: 'off', sinceMs: nowMs }, lines: [['supply', false]] };
  },
};

function muted(nowMs: number): Move {
  return {
    phase: { kind: 'mute', sinceMs: nowMs },
    lines: [['unmute', false]],
    set: { mutedMs: nowMs },
  };
}

/** When the line relay may close: the supply is up, and a mute that a power cut or a crash began has had its time. */
function closableMs(
  { suppliedMs, mutedMs }: Omit<AmplifierState, 'phase'>,
  { supplyDelayMs, muteMs }: AmplifierTimes,
): number {
  return Math.max(suppliedMs + supplyDelayMs, mutedMs + muteMs);
}

function isShort({ blockedUntilMs }: Pick<AmplifierState, 'blockedUntilMs'>, nowMs: number): boolean {
  return nowMs < (blockedUntilMs.short ?? -Infinity);
}

/** For whom it may be switched on now: an emergency overrides all but a short circuit. */
function demandOf(state: Omit<AmplifierState, 'phase'>, nowMs: number): AirWanted {
  if (state.ending || isShort(state, nowMs)) return 'none';
  if (state.wanted === 'bulletin' && isRefused(state, nowMs)) return 'none';
  return state.wanted;
}

function isRefused({ blockedUntilMs, overheated }: Omit<AmplifierState, 'phase'>, nowMs: number): boolean {
  return overheated || Object.values(blockedUntilMs).some((untilMs) => nowMs < untilMs);
}

/** Nothing is held ready: it is switched off as soon as its order allows. */
function mustRest(state: AmplifierState, nowMs: number): boolean {
  return state.ending || isRefused(state, nowMs);
}

function instantsOf({ phase, ...state }: AmplifierState, times: AmplifierTimes): number[] {
  switch (phase.kind) {
    case 'off':
      return [phase.sinceMs + times.restMs];
    case 'supply':
      return [closableMs(state, times)];
    case 'settle':
      return [state.connectedMs + times.settleMs];
    case 'unmute':
      return [phase.sinceMs + times.unmuteMs];
    case 'open':
      return phase.idleMs === undefined ? [] : [phase.idleMs + times.tailMs];
    case 'fade':
      return [phase.sinceMs + times.fadeMs];
    case 'mute':
      return [phase.sinceMs + times.muteMs];
    case 'hold':
      return [phase.sinceMs + times.holdMs];
    case 'standby':
      return [phase.sinceMs + times.muteMs, phase.sinceMs + times.standbyMs];
  }
}
