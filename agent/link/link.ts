import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../core/clock.js';
import { codeOf, LoaError, messageOf, type Refusal } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { inBackground } from '../core/settled.js';
import type { Store } from '../core/store.js';
import type { Purpose } from './byte-ledger.js';
import type { Route } from './dial.js';
import { KEEPALIVE_DEFAULTS } from './keepalive.js';
import { LearnedKeepalive } from './learned-keepalive.js';
import { openAttempt, type Attempt, type AttemptListener } from './attempt.js';
import type { OutgoingMessage } from './client-options.js';
import {
  LINK_START,
  LINK_TIMES,
  linkStep,
  type LinkEffect,
  type LinkEvent,
  type LinkState,
  type LinkTimes,
  type MqttVersion,
} from './link-state.js';
import { RETRY_DEFAULTS } from './retry.js';
import { createSubscriptions } from './subscriptions.js';
import type { Sheds } from './packet-guard.js';
import { TlsSessions } from './tls-sessions.js';

/** What the link tells its owner. None of them may throw. */
export interface LinkListener {
  onUp(connection: { mqttVersion: MqttVersion; sessionPresent: boolean }): void;
  /** Also for each attempt that failed. */
  onDown(why: Refusal): void;
  /**
   * A message came. It is acknowledged to the broker when the promise has settled: what must not be lost is on disk by
   * then. One at a time, in order; so it must not wait for a message of its own to be acknowledged. A rejection is
   * logged and the message acknowledged all the same: sent again it would fail again.
   */
  onMessage(topic: string, payload: Uint8Array): Promise<void>;
  /** A message over MESSAGE_LIMIT_BYTES was dropped as it came in (`E_MESSAGE_SIZE`); `bytes` is its packet's. */
  onOversize(message: { topic: string; bytes: number }): void;
  /**
   * True where an ordinary message on this topic has no room: it is dropped as it comes in, and acknowledged. It is the listener's to
   * count it. Absent: none is.
   */
  readonly sheds?: Sheds;
  /**
   * Bytes crossed the network: TCP payload, what it was for, and the receiver's own address on that connection
   * (undefined before TCP stands). Several times a message.
   */
  onBytes?(piece: LinkPiece): void;
}

/** Bytes of the link, see {@link LinkListener.onBytes}. */
export interface LinkPiece {
  readonly purpose: Purpose;
  readonly received: number;
  readonly sent: number;
  readonly address: string | undefined;
}

/** What a link is made of. */
export interface LinkOptions {
  /** Client id: the receiver's id, which is the common name of its certificate. */
  readonly receiverId: string;
  /**
   * Host, port and TLS material; asked for at each attempt, so that a renewed certificate is used.
   * @param broker which of the brokers (see `times.brokers`), in their order; 0 is the first
   */
  readonly tls: (broker: number) => Promise<ConnectionOptions>;
  /** Proxy and WebSocket; plain TCP by default. */
  readonly route?: Route;
  /** Shortest time between two pings, seconds; a dead link is noticed after 1.5 times as long as the one in force. */
  readonly keepaliveS: number;
  /** Longest time between two pings, which a stable link comes to; the shortest by default. */
  readonly longestKeepaliveS?: number;
  /** The retained `state` that says the receiver is away: as the will, or as its own farewell. */
  readonly lastWords: (reason: 'will' | 'stopped') => OutgoingMessage;
  readonly listener: LinkListener;
  readonly store: Store;
  readonly clock: Clock;
  /** At least 0, below 1; for the jitter of retries. */
  readonly random: () => number;
  readonly log: Log;
  readonly times?: Partial<LinkTimes>;
}

/** A view of the link for people and telemetry. */
export interface LinkStatus {
  readonly kind: LinkState['kind'];
  /** Wall time at which it became so. */
  readonly sinceMs: number;
  readonly mqttVersion?: MqttVersion;
  /** Why the last attempt or connection failed, if any did. */
  readonly lastError?: Refusal;
  /** Attempts made since the start. */
  readonly attempts: number;
  /** Which of the brokers it is, tries, or will try; 0 is the first. */
  readonly broker: number;
  /** Time between two pings, seconds: learned. */
  readonly keepaliveS: number;
  /** The TLS session of the connection that is up was resumed. */
  readonly resumed?: boolean;
  /** Topics that the broker refused on the connection that is up. */
  readonly refusedTopics?: readonly string[];
  /** How long the broker took to answer last, on the connection that is up; undefined before its first answer. */
  readonly roundTripMs?: number;
}

/** The connection to the province's broker. */
export interface Link {
  /** Begins to connect, and goes on for ever; aborting the signal is `close()`. */
  start(signal: AbortSignal): void;
  /** Exactly these topics are subscribed to, now or as soon as the link is up. */
  subscribe(topics: readonly string[]): void;
  /**
   * Sends at QoS 1; resolves on the PUBACK.
   * @throws LoaError `E_LINK_LOST` when not up or no longer; `E_LINK_REFUSED` when the broker refuses the message
   */
  publish(topic: string, payload: Uint8Array, options?: { retain?: boolean }): Promise<void>;
  status(): LinkStatus;
  /** Ends the connection that is up, and connects anew: what it was opened with does not hold any more. */
  reopen(why: Refusal): void;
  /** Says farewell if up, and ends within 3 s. */
  close(): Promise<void>;
}

/** A message held longer than this by its listener is acknowledged, so that pings are seen again. */
const LISTENER_LIMIT_MS = 10_000;
/** Time for the farewell and its PUBACK; `close` promises 3 s. */
const FAREWELL_MS = 2_500;

/** Makes the link; nothing happens before `start`. */
export function createLink(options: LinkOptions): Link {
  return new BrokerLink(options);
}

class BrokerLink implements Link {
  private state: LinkState = LINK_START;
  private sinceMs: number;
  private attempt: Attempt | undefined;
  private cancelTimer: () => void = () => undefined;
  private farewell: Promise<void> = Promise.resolve();
  private readonly times: LinkTimes;
  private readonly subscriptions;
  private readonly sessions: TlsSessions;
  private readonly keepalive: LearnedKeepalive;
  private resumed = false;

  constructor(private readonly options: LinkOptions) {
    const { keepaliveS, longestKeepaliveS = keepaliveS } = options;
    this.times = { retry: RETRY_DEFAULTS, ...LINK_TIMES, ...options.times };
    this.subscriptions = createSubscriptions(options);
    this.sessions = new TlsSessions(options.clock);
    this.keepalive = new LearnedKeepalive(
      { ...KEEPALIVE_DEFAULTS, firstS: keepaliveS, longestS: Math.max(keepaliveS, longestKeepaliveS) },
      options,
    );
    this.sinceMs = options.clock.nowMs();
  }

  start(signal: AbortSignal): void {
    if (signal.aborted) return;
    signal.addEventListener('abort', () => inBackground(this.close(), this.options.log, 'closing the link'), {
      once: true,
    });
    this.handle({ kind: 'start' });
  }

  subscribe(topics: readonly string[]): void {
    this.subscriptions.want(topics);
  }

  publish(topic: string, payload: Uint8Array, options: { retain?: boolean } = {}): Promise<void> {
    if (this.state.kind !== 'up' || this.attempt === undefined) {
      return Promise.reject(new LoaError('E_LINK_LOST', 'not connected'));
    }
    return this.attempt.publish({ topic, payload, ...options });
  }

  status(): LinkStatus {
    const { kind, memory } = this.state;
    const roundTripMs = kind === 'up' ? this.attempt?.roundTripMs : undefined;
    return {
      kind,
      sinceMs: this.sinceMs,
      attempts: memory.attempts,
      broker: memory.broker,
      keepaliveS: this.keepalive.intervalS,
      ...(kind === 'up' ? { resumed: this.resumed, refusedTopics: this.subscriptions.refused() } : {}),
      ...(roundTripMs === undefined ? {} : { roundTripMs: Math.round(roundTripMs) }),
      ...('mqttVersion' in this.state ? { mqttVersion: this.state.mqttVersion } : {}),
      ...(memory.lastError === undefined ? {} : { lastError: memory.lastError }),
    };
  }

  reopen(why: Refusal): void {
    this.sessions.forget();
    if (this.state.kind !== 'up') return;
    const { attempts } = this.state.memory;
    // First the state, which abandons the attempt: what the attempt itself says of its end comes too late to be the reason.
    this.handle({ kind: 'ended', attempt: attempts, why, versionRefused: false });
  }

  async close(): Promise<void> {
    this.handle({ kind: 'close' });
    await this.farewell;
  }

  private handle(event: LinkEvent): void {
    const { clock, random } = this.options;
    const moment = { nowMs: clock.monotonicMs(), random: random() };
    const before = this.state;
    const { state, effects } = linkStep(before, event, moment, this.times);
    this.state = state;
    if (state !== before) this.sinceMs = clock.nowMs();
    for (const effect of effects) this.run(effect);
  }

  private run(effect: LinkEffect): void {
    const { listener, log, clock } = this.options;
    switch (effect.kind) {
      case 'connect':
        inBackground(this.connect(effect), log, 'connecting');
        return;
      case 'abandon':
        this.attempt?.abandon();
        this.attempt = undefined;
        return;
      case 'farewell':
        this.farewell = this.sayFarewell();
        return;
      case 'timer':
        this.cancelTimer();
        this.cancelTimer = clock.after(effect.afterMs, () => this.handle({ kind: 'timer' }));
        return;
      case 'stop-timer':
        this.cancelTimer();
        return;
      case 'up':
        log.info({ mqttVersion: effect.mqttVersion, sessionPresent: effect.sessionPresent }, 'link up');
        if (this.attempt !== undefined) {
          this.subscriptions.up(this.attempt, effect.sessionPresent);
          this.keepalive.up(this.attempt);
        }
        listener.onUp({ mqttVersion: effect.mqttVersion, sessionPresent: effect.sessionPresent });
        return;
      case 'down':
        log.warn({ ...effect.why, attempts: this.state.memory.attempts }, 'link down');
        this.subscriptions.down();
        if (this.state.kind === 'closed') this.keepalive.close();
        else this.keepalive.down(effect.why);
        listener.onDown(effect.why);
        return;
    }
  }

  private async connect(effect: Extract<LinkEffect, { kind: 'connect' }>): Promise<void> {
    const { attempt: number, mqttVersion, broker } = effect;
    const { receiverId, clock, route = {} } = this.options;
    try {
      const tls = await this.options.tls(broker);
      const { intervalS, longestS } = await this.keepalive.load();
      if (this.state.kind !== 'connecting' || this.state.memory.attempts !== number) return;
      const will = this.options.lastWords('will');
      this.attempt = openAttempt(
        {
          ...{ clientId: receiverId, mqttVersion, keepaliveS: longestS, pingS: intervalS, will },
          ...{ tls, route, sessions: this.sessions, clock },
        },
        this.listenTo(number),
      );
    } catch (error) {
      const code = error instanceof LoaError ? error.code : 'E_LINK_TLS';
      const why: Refusal = { code, detail: messageOf(error) };
      this.handle({ kind: 'ended', attempt: number, why, versionRefused: false });
    }
  }

  private listenTo(number: number): AttemptListener {
    const { listener, log } = this.options;
    return {
      onConnected: ({ sessionPresent, resumed }) => {
        this.resumed = resumed;
        this.handle({ kind: 'connected', attempt: number, sessionPresent });
      },
      onEnded: (why, versionRefused) => this.handle({ kind: 'ended', attempt: number, why, versionRefused }),
      onMessage: (topic, payload) => this.deliver(topic, payload),
      onOversize: (message) => {
        log.warn({ code: 'E_MESSAGE_SIZE', ...message }, 'message dropped as it came in');
        listener.onOversize(message);
      },
      sheds: listener.sheds,
      onBytes: (purpose, received, sent, address) => listener.onBytes?.({ purpose, received, sent, address }),
    };
  }

  /** Resolves when the listener has dealt with the message, or after the limit. */
  private deliver(topic: string, payload: Uint8Array): Promise<void> {
    const { listener, log, clock } = this.options;
    return new Promise((resolve) => {
      const cancel = clock.after(LISTENER_LIMIT_MS, () => {
        log.error({ code: 'E_INTERNAL', topic }, `a message was held for over ${LISTENER_LIMIT_MS / 1000} s`);
        resolve();
      });
      const handled = async (): Promise<void> => listener.onMessage(topic, payload);
      void handled()
        .catch((error: unknown) => {
          log.error({ code: codeOf(error), topic, error: messageOf(error) }, 'a message was not dealt with');
        })
        .finally(() => {
          cancel();
          resolve();
        });
    });
  }

  private async sayFarewell(): Promise<void> {
    const { attempt } = this;
    this.attempt = undefined;
    if (attempt === undefined) return;
    const said = attempt.farewell(this.options.lastWords('stopped')).catch((error: unknown) => {
      this.options.log.debug({ error: messageOf(error) }, 'no farewell');
    });
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = this.options.clock.after(FAREWELL_MS, resolve);
    });
    await Promise.race([said, late]);
    cancel();
    attempt.abandon();
  }
}
