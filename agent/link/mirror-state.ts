import type { Refusal } from '../core/errors.js';

/**
 * Why the mirror is asked. `no-broker`: none for `afterMs`; `withheld`: a beat names a document that does not come;
 * `silent`: a broker is there, but in `silentMs` of connection it brought no beat.
 */
export type MirrorReason = 'no-broker' | 'withheld' | 'silent';

/** Durations of the mirror, milliseconds. */
export interface MirrorTimes {
  /** Without a broker for so long, the mirror is asked. */
  readonly afterMs: number;
  /** Between two rounds. */
  readonly everyMs: number;
  /** Connected for so long in all without a beat, the mirror is asked beside the broker. */
  readonly silentMs: number;
}

/** How a round of asking ended. */
export type RoundOutcome =
  | { readonly kind: 'answered'; readonly news: boolean }
  | { readonly kind: 'failed'; readonly why: Refusal; readonly retryAfterMs?: number };

/** What happens to the mirror. A round's end carries its number, so that a late one changes nothing. */
export type MirrorEvent =
  | { readonly kind: 'start' | 'link-up' | 'link-down' | 'beat' | 'timer' | 'close' }
  | { readonly kind: 'withheld'; readonly documents: number }
  | { readonly kind: 'ended'; readonly round: number; readonly outcome: RoundOutcome };

/** What the driver is to do. */
export type MirrorEffect =
  | { readonly kind: 'ask'; readonly round: number }
  | { readonly kind: 'abort' | 'stop-timer' }
  | { readonly kind: 'timer'; readonly afterMs: number }
  | { readonly kind: 'in-use'; readonly reason: MirrorReason }
  | { readonly kind: 'alarm'; readonly why: Refusal }
  | { readonly kind: 'cleared'; readonly detail: string };

/** What is remembered whatever the state. Instants are of the monotonic clock, milliseconds. */
export interface MirrorMemory {
  /** Since when there is, or is not, a connection. */
  readonly link: { readonly up: boolean; readonly sinceMs: number };
  /** Connected without a beat, before the connection of now. */
  readonly quietMs: number;
  /** Documents that a beat has named and that do not come. */
  readonly withheld: number;
  readonly rounds: number;
  /** Rounds in a row that failed. */
  readonly failures: number;
  /** Rounds in a row that brought nothing new. */
  readonly barren: number;
  /** The province has been told that the mirror cannot be reached. */
  readonly alarmed: boolean;
  /** When `in-use` was last told. */
  readonly toldMs: number | undefined;
}

/** States of the mirror: asking nothing, waiting for the next round, in a round. */
export type MirrorState = { readonly memory: MirrorMemory } & (
  | { readonly kind: 'idle' | 'resting' | 'closed' }
  | { readonly kind: 'waiting'; readonly reason: MirrorReason; readonly nextMs: number }
  | { readonly kind: 'asking'; readonly reason: MirrorReason; readonly round: number }
);

/** A state with what it asks for. */
export interface MirrorStep {
  readonly state: MirrorState;
  readonly effects: readonly MirrorEffect[];
}

/** The time and chance that a step depends on: `nowMs` monotonic, `random` at least 0 and below 1. */
export interface MirrorMoment {
  readonly nowMs: number;
  readonly random: number;
}

/** A wait is never longer, whatever has failed and whatever `Retry-After` says, milliseconds. */
export const MIRROR_WAIT_LIMIT_MS = 15 * 60_000;
/** Rounds in a row that fail before it is an alarm. */
export const MIRROR_ALARM_AFTER = 3;
/** `in-use` is told once in so long, milliseconds. */
export const MIRROR_TELL_MS = 3_600_000;

/** Before anything. */
export const MIRROR_START: MirrorState = {
  kind: 'idle',
  memory: {
    link: { up: false, sinceMs: 0 },
    ...{ quietMs: 0, withheld: 0, rounds: 0, failures: 0, barren: 0 },
    ...{ alarmed: false, toldMs: undefined },
  },
};

/** The next state of the mirror and what to do about it. */
export function mirrorStep(
  state: MirrorState,
  event: MirrorEvent,
  moment: MirrorMoment,
  times: MirrorTimes,
): MirrorStep {
  if (state.kind === 'closed') return { state, effects: [] };
  if (event.kind === 'close') return closed(state);
  if (event.kind === 'start') {
    const memory = { ...state.memory, link: { up: false, sinceMs: moment.nowMs } };
    return settled({ kind: 'resting', memory }, moment, times);
  }
  if (state.kind === 'idle') return { state, effects: [] };
  if (event.kind === 'ended') return ended(state, event.round, event.outcome, moment, times);
  if (event.kind === 'timer' && state.kind === 'waiting' && moment.nowMs >= state.nextMs)
    return asked(state.memory, state.reason);
  return settled({ ...state, memory: remembered(state.memory, event, moment.nowMs) }, moment, times);
}

/** Why the mirror is to be asked now; undefined where the broker does. */
export function reasonNow(memory: MirrorMemory, nowMs: number, times: MirrorTimes): MirrorReason | undefined {
  const sinceMs = nowMs - memory.link.sinceMs;
  if (!memory.link.up) return sinceMs >= times.afterMs ? 'no-broker' : undefined;
  if (memory.withheld > 0) return 'withheld';
  return memory.quietMs + sinceMs >= times.silentMs ? 'silent' : undefined;
}

function remembered(memory: MirrorMemory, event: MirrorEvent, nowMs: number): MirrorMemory {
  const { link } = memory;
  switch (event.kind) {
    case 'link-up':
      return link.up ? memory : { ...memory, link: { up: true, sinceMs: nowMs } };
    case 'link-down':
      // Each attempt that fails is told, too: it does not begin the wait anew.
      return link.up
        ? {
            ...memory,
            quietMs: memory.quietMs + nowMs - link.sinceMs,
            link: { up: false, sinceMs: nowMs },
          }
        : memory;
    case 'beat':
      return { ...memory, quietMs: 0, link: link.up ? { up: true, sinceMs: nowMs } : link };
    case 'withheld':
      return { ...memory, withheld: event.documents };
    case 'start':
    case 'timer':
    case 'close':
    case 'ended':
      return memory;
  }
}

/** Begins, ends or goes on, as the reasons are now. */
function settled(state: MirrorState, moment: MirrorMoment, times: MirrorTimes): MirrorStep {
  if (state.kind === 'idle' || state.kind === 'closed') return { state, effects: [] };
  const reason = reasonNow(state.memory, moment.nowMs, times);
  if (reason === undefined) return rest(state, moment.nowMs, times);
  if (state.kind === 'asking') return { state: { ...state, reason }, effects: [] };
  // Spread over one interval: a province's receivers lose their broker in the same second.
  const nextMs =
    state.kind === 'waiting' ? state.nextMs : moment.nowMs + Math.round(times.everyMs * moment.random);
  return waiting(state.memory, reason, nextMs, moment.nowMs);
}

function waiting(
  memory: MirrorMemory,
  reason: MirrorReason,
  nextMs: number,
  nowMs: number,
  effects: readonly MirrorEffect[] = [],
): MirrorStep {
  return {
    state: { kind: 'waiting', reason, nextMs, memory },
    effects: [...effects, { kind: 'timer', afterMs: Math.max(0, nextMs - nowMs) }],
  };
}

function closed(state: MirrorState): MirrorStep {
  const stop: MirrorEffect[] = [{ kind: 'stop-timer' }];
  return {
    state: { kind: 'closed', memory: state.memory },
    effects: state.kind === 'asking' ? [...stop, { kind: 'abort' }] : stop,
  };
}

function asked(before: MirrorMemory, reason: MirrorReason): MirrorStep {
  const memory = { ...before, rounds: before.rounds + 1 };
  return {
    state: { kind: 'asking', reason, round: memory.rounds, memory },
    effects: [{ kind: 'stop-timer' }, { kind: 'ask', round: memory.rounds }],
  };
}

function rest(state: MirrorState, nowMs: number, times: MirrorTimes): MirrorStep {
  const { memory } = state;
  const effects: MirrorEffect[] = [];
  if (state.kind === 'asking') effects.push({ kind: 'abort' });
  if (memory.alarmed) effects.push({ kind: 'cleared', detail: 'the broker is back' });
  const { up, sinceMs } = memory.link;
  const dueMs = sinceMs + (up ? times.silentMs - memory.quietMs : times.afterMs);
  effects.push({ kind: 'timer', afterMs: Math.max(0, dueMs - nowMs) });
  return {
    state: { kind: 'resting', memory: { ...memory, failures: 0, barren: 0, alarmed: false } },
    effects,
  };
}

function ended(
  state: MirrorState,
  round: number,
  outcome: RoundOutcome,
  moment: MirrorMoment,
  times: MirrorTimes,
): MirrorStep {
  if (state.kind !== 'asking' || state.round !== round) return { state, effects: [] };
  const { memory, effects } =
    outcome.kind === 'answered'
      ? answered(state.memory, state.reason, outcome.news, moment.nowMs)
      : failed(state.memory, outcome.why);
  const retryMs = outcome.kind === 'failed' ? (outcome.retryAfterMs ?? 0) : 0;
  const nextMs = moment.nowMs + waitMs(memory, state.reason, retryMs, moment.random, times);
  const reason = reasonNow(memory, moment.nowMs, times);
  if (reason !== undefined) return waiting(memory, reason, nextMs, moment.nowMs, effects);
  const resting = rest({ kind: 'resting', memory }, moment.nowMs, times);
  return { state: resting.state, effects: [...effects, ...resting.effects] };
}

function answered(
  before: MirrorMemory,
  reason: MirrorReason,
  news: boolean,
  nowMs: number,
): { memory: MirrorMemory; effects: MirrorEffect[] } {
  const effects: MirrorEffect[] = [];
  const tells = before.toldMs === undefined || nowMs - before.toldMs >= MIRROR_TELL_MS;
  if (tells) effects.push({ kind: 'in-use', reason });
  if (before.alarmed) effects.push({ kind: 'cleared', detail: 'the mirror answers' });
  return {
    memory: {
      ...before,
      ...{ failures: 0, alarmed: false, barren: news ? 0 : before.barren + 1 },
      toldMs: tells ? nowMs : before.toldMs,
    },
    effects,
  };
}

function failed(before: MirrorMemory, why: Refusal): { memory: MirrorMemory; effects: MirrorEffect[] } {
  const failures = before.failures + 1;
  const alarms = failures >= MIRROR_ALARM_AFTER && !before.alarmed;
  return {
    memory: { ...before, failures, alarmed: before.alarmed || alarms },
    effects: alarms ? [{ kind: 'alarm', why }] : [],
  };
}

/**
 * Half to one and a half times the interval; doubled with each failure. Beside a broker that is there it is doubled also
 * with each round that brought nothing: what a beat names may never come.
 */
function waitMs(
  memory: MirrorMemory,
  reason: MirrorReason,
  retryMs: number,
  random: number,
  { everyMs }: MirrorTimes,
): number {
  const doublings = Math.max(memory.failures - 1, 0) + (reason === 'no-broker' ? 0 : memory.barren);
  const longMs = everyMs * 2 ** Math.min(doublings, 20);
  const jitteredMs = Math.min(longMs, MIRROR_WAIT_LIMIT_MS) * (0.5 + random);
  return Math.round(Math.min(Math.max(jitteredMs, retryMs), MIRROR_WAIT_LIMIT_MS));
}
