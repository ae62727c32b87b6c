import type { Refusal } from '../core/errors.js';
import { cappedWaitMs, failuresAfter, waitMs, type RetrySettings } from './retry.js';

/** 5 for MQTT 5.0, 4 for MQTT 3.1.1: the protocol level of the CONNECT packet. */
export type MqttVersion = 4 | 5;

/** What a connection remembers from one attempt to the next. */
export interface LinkMemory {
  /** Attempts made since the start; also the number of the one under way. */
  readonly attempts: number;
  /** Failures in a row. */
  readonly failures: number;
  /** Until then 3.1.1 is spoken at once, because the broker refused 5. 0 where it did not. */
  readonly olderUntilMs: number;
  /**
   * How often in a row the broker hung up on MQTT 5 without a word, as some of 3.1.1 do (RabbitMQ 3.10): after the second
   * time 3.1.1 is tried. Once is not enough: a broker that is stopping does the same.
   */
  readonly hungUp: number;
  readonly lastError?: Refusal;
  /** Which of the brokers, in their order, is tried next or spoken to; 0 is the first. */
  readonly broker: number;
}

/** States of the link to the broker. `sinceMs` and `untilMs` are of the monotonic clock. */
export type LinkState = { readonly memory: LinkMemory; readonly sinceMs: number } & (
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly mqttVersion: MqttVersion }
  | { readonly kind: 'up'; readonly mqttVersion: MqttVersion }
  | { readonly kind: 'waiting'; readonly untilMs: number }
  | { readonly kind: 'closed' }
);

/** What happens to the link. An attempt's events carry its number, so that a late one changes nothing. */
export type LinkEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'connected'; readonly attempt: number; readonly sessionPresent: boolean }
  | {
      readonly kind: 'ended';
      readonly attempt: number;
      readonly why: Refusal;
      /** The broker does not speak the version that was tried. */
      readonly versionRefused: boolean;
    }
  | { readonly kind: 'timer' }
  | { readonly kind: 'close' };

/** What the driver is to do. */
export type LinkEffect =
  | {
      readonly kind: 'connect';
      readonly attempt: number;
      readonly mqttVersion: MqttVersion;
      readonly broker: number;
    }
  | { readonly kind: 'abandon'; readonly attempt: number }
  | { readonly kind: 'farewell'; readonly attempt: number }
  | { readonly kind: 'timer'; readonly afterMs: number }
  | { readonly kind: 'stop-timer' }
  | { readonly kind: 'up'; readonly mqttVersion: MqttVersion; readonly sessionPresent: boolean }
  | { readonly kind: 'down'; readonly why: Refusal };

/** The link's settings that its states need. Milliseconds. */
export interface LinkTimes {
  readonly retry: RetrySettings;
  /** From the first packet to the CONNACK; under 20 s makes a herd of receivers worse (measured). */
  readonly connectMs: number;
  /** How long a broker's refusal of MQTT 5 is remembered. */
  readonly olderMs: number;
  /** The same where 3.1.1 was only guessed from a broker that hung up. */
  readonly guessMs: number;
  /** The first attempt is made at a chance moment within this: a village's power comes back at once. */
  readonly bootSpreadMs: number;
  /** How many brokers there are, 1 or more. */
  readonly brokers: number;
}

/** 20 s to connect, a day of 3.1.1 after a refusal, no spread, one broker. */
export const LINK_TIMES: Omit<LinkTimes, 'retry'> = {
  connectMs: 20_000,
  olderMs: 86_400_000,
  guessMs: 3_600_000,
  bootSpreadMs: 0,
  brokers: 1,
};

/** So many hang-ups in a row without a word make 3.1.1 worth a try. */
const HANG_UPS = 2;

/** A state with what it asks for. */
export interface LinkStep {
  readonly state: LinkState;
  readonly effects: readonly LinkEffect[];
}

/** Before anything. */
export const LINK_START: LinkState = {
  kind: 'idle',
  sinceMs: 0,
  memory: { attempts: 0, failures: 0, olderUntilMs: 0, hungUp: 0, broker: 0 },
};

/** The time and chance that a step depends on: `nowMs` monotonic, `random` at least 0 and below 1. */
export interface LinkMoment {
  readonly nowMs: number;
  readonly random: number;
}

/** The next state of the link and what to do about it. */
export function linkStep(state: LinkState, event: LinkEvent, moment: LinkMoment, times: LinkTimes): LinkStep {
  switch (event.kind) {
    case 'start':
      return state.kind === 'idle' ? start(state.memory, moment, times) : unchanged(state);
    case 'connected':
      return connected(state, event, moment.nowMs, times);
    case 'ended':
      return ended(state, event, moment, times);
    case 'timer':
      return timer(state, moment, times);
    case 'close':
      return close(state, moment.nowMs);
  }
}

function unchanged(state: LinkState): LinkStep {
  return { state, effects: [] };
}

function start(memory: LinkMemory, { nowMs, random }: LinkMoment, times: LinkTimes): LinkStep {
  const afterMs = Math.round(times.bootSpreadMs * random);
  if (afterMs === 0) return attempt(memory, nowMs, times);
  return {
    state: { kind: 'waiting', untilMs: nowMs + afterMs, sinceMs: nowMs, memory },
    effects: [{ kind: 'timer', afterMs }],
  };
}

function attempt(before: LinkMemory, nowMs: number, times: LinkTimes): LinkStep {
  const mqttVersion = nowMs < before.olderUntilMs || before.hungUp >= HANG_UPS ? 4 : 5;
  const memory = { ...before, attempts: before.attempts + 1 };
  return {
    state: { kind: 'connecting', mqttVersion, sinceMs: nowMs, memory },
    effects: [
      { kind: 'connect', attempt: memory.attempts, mqttVersion, broker: memory.broker },
      { kind: 'timer', afterMs: times.connectMs },
    ],
  };
}

function connected(
  state: LinkState,
  { attempt: number, sessionPresent }: Extract<LinkEvent, { kind: 'connected' }>,
  nowMs: number,
  times: LinkTimes,
): LinkStep {
  if (state.kind !== 'connecting' || number !== state.memory.attempts) return unchanged(state);
  const { mqttVersion } = state;
  const guessed = mqttVersion === 4 && state.memory.hungUp >= HANG_UPS;
  const olderUntilMs = guessed ? nowMs + times.guessMs : state.memory.olderUntilMs;
  const memory = { ...state.memory, olderUntilMs, hungUp: 0 };
  return {
    state: { kind: 'up', mqttVersion, sinceMs: nowMs, memory },
    effects: [{ kind: 'stop-timer' }, { kind: 'up', mqttVersion, sessionPresent }],
  };
}

function ended(
  state: LinkState,
  event: Extract<LinkEvent, { kind: 'ended' }>,
  moment: LinkMoment,
  times: LinkTimes,
): LinkStep {
  const running = state.kind === 'connecting' || state.kind === 'up';
  if (!running || event.attempt !== state.memory.attempts) return unchanged(state);
  const abandon: LinkEffect = { kind: 'abandon', attempt: event.attempt };
  if (state.kind === 'connecting' && state.mqttVersion === 5 && event.versionRefused) {
    const older = { ...state.memory, olderUntilMs: moment.nowMs + times.olderMs };
    const again = attempt(older, moment.nowMs, times);
    return { state: again.state, effects: [abandon, ...again.effects] };
  }
  return failed(state, event.why, moment, times);
}

function failed(state: LinkState, why: Refusal, moment: LinkMoment, times: LinkTimes): LinkStep {
  const { nowMs, random } = moment;
  const upForMs = state.kind === 'up' ? nowMs - state.sinceMs : 0;
  const failures = failuresAfter(state.memory.failures, upForMs, times.retry);
  // Two devices of one id would throw each other out at every turn: the longest wait, whatever came before.
  const afterMs =
    why.code === 'E_LINK_TAKEN_OVER'
      ? cappedWaitMs(times.retry, random)
      : waitMs(failures, times.retry, random);
  const isHangUp =
    state.kind === 'connecting' && state.mqttVersion === 5 && why.fields?.['unanswered'] === true;
  const hungUp = isHangUp ? state.memory.hungUp + 1 : 0;
  // After a connection the first broker is asked again: it is the one that the province prefers.
  const next = isHangUp ? state.memory.broker : (state.memory.broker + 1) % times.brokers;
  const broker = state.kind === 'up' ? 0 : next;
  const memory = { ...state.memory, failures, lastError: why, hungUp, broker };
  return {
    state: { kind: 'waiting', untilMs: nowMs + afterMs, sinceMs: nowMs, memory },
    effects: [
      { kind: 'abandon', attempt: memory.attempts },
      { kind: 'down', why },
      { kind: 'timer', afterMs },
    ],
  };
}

function timer(state: LinkState, moment: LinkMoment, times: LinkTimes): LinkStep {
  if (state.kind === 'waiting') return attempt(state.memory, moment.nowMs, times);
  if (state.kind !== 'connecting') return unchanged(state);
  const detail = `no answer within ${times.connectMs / 1000} s`;
  return failed(state, { code: 'E_LINK_CONNECT', detail }, moment, times);
}

function close(state: LinkState, nowMs: number): LinkStep {
  if (state.kind === 'closed') return unchanged(state);
  const closed: LinkState = { kind: 'closed', sinceMs: nowMs, memory: state.memory };
  const attempt = state.memory.attempts;
  const why: Refusal = { code: 'E_LINK_LOST', detail: 'stopped by the receiver itself' };
  if (state.kind === 'up') {
    return {
      state: closed,
      effects: [{ kind: 'stop-timer' }, { kind: 'farewell', attempt }, { kind: 'down', why }],
    };
  }
  if (state.kind === 'connecting') {
    return { state: closed, effects: [{ kind: 'stop-timer' }, { kind: 'abandon', attempt }] };
  }
  return { state: closed, effects: [{ kind: 'stop-timer' }] };
}
