import type { ErrorCode } from '../agent/core/error-texts.js';

/** The validity of a certificate, wall time. */
export interface Life {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** What went wrong, for an alarm. */
export interface RenewalFault {
  readonly code: ErrorCode;
  readonly detail: string;
}

/** What outlives a single try. */
interface Memory {
  readonly failures: number;
  /** Code of the alarm that is in force. */
  readonly alarm: ErrorCode | undefined;
}

/** Where a renewal stands. Wall time, since validity is told in it. */
export type RenewalState =
  | (Memory & { readonly kind: 'resting'; readonly dueMs: number })
  | (Memory & { readonly kind: 'asking' })
  | (Memory & { readonly kind: 'testing' })
  | (Memory & { readonly kind: 'promoting' })
  | (Memory & { readonly kind: 'waiting'; readonly untilMs: number; readonly then: 'ask' | 'test' })
  /** In force; the link has not come up with it yet. */
  | (Memory & {
      readonly kind: 'proving';
      readonly dueMs: number;
      readonly refusals: number;
      readonly previousUntilMs: number;
    })
  | (Memory & { readonly kind: 'falling-back' });

/** What happens to a renewal. */
export type RenewalEvent =
  | { readonly kind: 'start'; readonly life: Life; readonly staged: boolean }
  | { readonly kind: 'timer' }
  /** A person or the province wants it now. */
  | { readonly kind: 'now' }
  | { readonly kind: 'issued' }
  | { readonly kind: 'pending'; readonly retryAfterMs: number }
  | { readonly kind: 'failed'; readonly why: RenewalFault }
  | { readonly kind: 'tested' }
  /** The broker could not be reached: nothing is known of the new certificate. */
  | { readonly kind: 'untested'; readonly why: RenewalFault }
  | { readonly kind: 'rejected'; readonly why: RenewalFault }
  | { readonly kind: 'promoted'; readonly life: Life; readonly previousUntilMs: number }
  | { readonly kind: 'link-up' }
  | { readonly kind: 'link-refused'; readonly why: RenewalFault }
  | { readonly kind: 'fell-back'; readonly life: Life };

/** What is to be done, in this order. */
export type RenewalEffect =
  | { readonly kind: 'timer'; readonly afterMs: number }
  | { readonly kind: 'ask' }
  | { readonly kind: 'test' }
  | { readonly kind: 'promote' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'fall-back' }
  | { readonly kind: 'alarm'; readonly why: RenewalFault }
  | { readonly kind: 'cleared'; readonly code: ErrorCode };

/** Times and chance of one receiver. */
export interface RenewalTimes {
  /** At least 0, below 1: always the same for one certificate, different from receiver to receiver. */
  readonly fraction: number;
  /** One that is overdue at the start waits for up to this long, so that a province's receivers do not ask at once. */
  readonly spreadMs: number;
}

/** The state before the first event. */
export const RENEWAL_START: RenewalState = {
  kind: 'resting',
  dueMs: Infinity,
  failures: 0,
  alarm: undefined,
};

const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 6 * 3_600_000;
/** Timers are re-armed at least so often: wall time may step. */
const LONGEST_TIMER_MS = 3_600_000;
const FAILURES_TO_ALARM = 3;
const REFUSALS_TO_FALL_BACK = 3;

/** When a certificate is to be renewed: after two thirds of its life, and up to a twentieth of it later. */
export function renewalDueMs({ notBeforeMs, notAfterMs }: Life, fraction: number): number {
  const lifeMs = Math.max(0, notAfterMs - notBeforeMs);
  return notBeforeMs + Math.round(lifeMs * (2 / 3 + fraction / 20));
}

/** One step of a renewal. Pure. An event that does not fit the state changes nothing. */
export function renewalStep(
  state: RenewalState,
  event: RenewalEvent,
  nowMs: number,
  times: RenewalTimes,
): { readonly state: RenewalState; readonly effects: readonly RenewalEffect[] } {
  const memory = { failures: state.failures, alarm: state.alarm };
  switch (event.kind) {
    case 'start':
      if (event.staged) return to({ ...memory, kind: 'testing' }, { kind: 'test' });
      return rest(memory, started(event.life, nowMs, times), nowMs);
    case 'timer':
      return onTimer(state, nowMs);
    case 'now':
      return state.kind === 'resting' || state.kind === 'waiting' || state.kind === 'proving'
        ? begin(state)
        : same(state);
    case 'issued':
      return state.kind === 'asking' ? to({ ...memory, kind: 'testing' }, { kind: 'test' }) : same(state);
    case 'pending':
      return state.kind === 'asking' ? wait(memory, 'ask', event.retryAfterMs, nowMs) : same(state);
    case 'failed':
    case 'untested':
    case 'rejected':
      return isBusy(state) ? onFault(state, event, nowMs) : same(state);
    case 'tested':
      return state.kind === 'testing'
        ? to({ ...memory, kind: 'promoting' }, { kind: 'promote' })
        : same(state);
    case 'promoted':
      return state.kind === 'promoting' ? onPromoted(state, event, nowMs, times) : same(state);
    case 'link-up':
      return state.kind === 'proving' ? rest(memory, state.dueMs, nowMs) : same(state);
    case 'link-refused':
      return state.kind === 'proving' ? onRefused(state, event.why, nowMs) : same(state);
    case 'fell-back':
      return state.kind === 'falling-back' ? wait(memory, 'ask', retryMs(memory), nowMs) : same(state);
  }
}

type Step = ReturnType<typeof renewalStep>;

function to(state: RenewalState, ...effects: RenewalEffect[]): Step {
  return { state, effects };
}

function same(state: RenewalState): Step {
  return { state, effects: [] };
}

function started(life: Life, nowMs: number, times: RenewalTimes): number {
  const dueMs = renewalDueMs(life, times.fraction);
  return dueMs > nowMs ? dueMs : nowMs + Math.round(times.spreadMs * times.fraction);
}

function rest(memory: Memory, dueMs: number, nowMs: number): Step {
  return to({ ...memory, kind: 'resting', dueMs }, timer(dueMs - nowMs));
}

function wait(memory: Memory, then: 'ask' | 'test', afterMs: number, nowMs: number): Step {
  return to({ ...memory, kind: 'waiting', untilMs: nowMs + afterMs, then }, timer(afterMs));
}

function timer(afterMs: number): RenewalEffect {
  return { kind: 'timer', afterMs: Math.min(LONGEST_TIMER_MS, Math.max(0, afterMs)) };
}

function begin(state: RenewalState): Step {
  const { failures, alarm } = state;
  const next = state.kind === 'waiting' ? state.then : 'ask';
  return to({ failures, alarm, kind: next === 'ask' ? 'asking' : 'testing' }, { kind: next });
}

function onTimer(state: RenewalState, nowMs: number): Step {
  if (state.kind !== 'resting' && state.kind !== 'waiting' && state.kind !== 'proving') return same(state);
  const atMs = state.kind === 'waiting' ? state.untilMs : state.dueMs;
  // A wait never was longer than a day: what is further away is a clock that was set back.
  const setBack = state.kind === 'waiting' && atMs - nowMs > 24 * 3_600_000;
  return atMs > nowMs && !setBack ? to(state, timer(atMs - nowMs)) : begin(state);
}

function isBusy(state: RenewalState): boolean {
  return ['asking', 'testing', 'promoting', 'falling-back'].includes(state.kind);
}

function onFault(
  state: RenewalState,
  event: { readonly kind: 'failed' | 'untested' | 'rejected'; readonly why: RenewalFault },
  nowMs: number,
): Step {
  const failures = state.failures + 1;
  const rejected = event.kind === 'rejected';
  const worth = rejected || event.why.code === 'E_ENROL_REFUSED' || failures >= FAILURES_TO_ALARM;
  const alarms = worth && state.alarm !== event.why.code;
  const memory = { failures, alarm: worth ? event.why.code : state.alarm };
  const after = wait(memory, event.kind === 'untested' ? 'test' : 'ask', retryMs(memory), nowMs);
  const first: RenewalEffect[] = rejected ? [{ kind: 'drop' }] : [];
  if (alarms) first.push(...cleared(state.alarm), { kind: 'alarm', why: event.why });
  return { state: after.state, effects: [...first, ...after.effects] };
}

function onPromoted(
  state: RenewalState,
  event: { readonly life: Life; readonly previousUntilMs: number },
  nowMs: number,
  times: RenewalTimes,
): Step {
  const dueMs = renewalDueMs(event.life, times.fraction);
  return to(
    {
      ...{ kind: 'proving', dueMs, refusals: 0, previousUntilMs: event.previousUntilMs },
      ...{ failures: 0, alarm: undefined },
    },
    ...cleared(state.alarm),
    timer(dueMs - nowMs),
  );
}

function onRefused(state: RenewalState & { kind: 'proving' }, why: RenewalFault, nowMs: number): Step {
  const refusals = state.refusals + 1;
  const { failures, alarm, previousUntilMs } = state;
  if (refusals < REFUSALS_TO_FALL_BACK || previousUntilMs <= nowMs) return same({ ...state, refusals });
  const memory = { failures: failures + 1, alarm: why.code };
  const alarms: RenewalEffect[] = alarm === why.code ? [] : [{ kind: 'alarm', why }];
  return to({ ...memory, kind: 'falling-back' }, ...alarms, { kind: 'fall-back' });
}

function cleared(alarm: ErrorCode | undefined): RenewalEffect[] {
  return alarm === undefined ? [] : [{ kind: 'cleared', code: alarm }];
}

function retryMs({ failures }: Memory): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(16, Math.max(0, failures - 1)));
}
