import type { EventBody } from '../../protocols/messages/up.js';
import type { Clock } from '../core/clock.js';
import { messageOf, type Refusal } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { inBackground } from '../core/settled.js';
import { openMirror, type MirrorAccess } from './mirror-fetch.js';
import { MirrorRounds, type MirrorHere } from './mirror-rounds.js';
import {
  MIRROR_START,
  mirrorStep,
  type MirrorEffect,
  type MirrorEvent,
  type MirrorReason,
  type MirrorState,
  type MirrorTimes,
  type RoundOutcome,
} from './mirror-state.js';

/** A round is given up after so long, milliseconds. */
const ROUND_LIMIT_MS = 120_000;
/** Documents noted as withheld; the intake awaits no more. */
const WITHHELD_LIMIT = 64;

/** What the mirror stands on. */
export interface MirrorParts {
  /** Asked for at each round: anchors change. */
  readonly access: () => MirrorAccess;
  readonly times: MirrorTimes;
  readonly here: MirrorHere;
  readonly clock: Clock;
  /** At least 0, below 1; for the jitter of rounds. */
  readonly random: () => number;
  readonly tell: (body: EventBody) => void;
  readonly log: Log;
  /** The connection of a round; another one in tests. */
  readonly open?: typeof openMirror;
}

/** A view of the mirror for people. */
export interface MirrorStatus {
  /** Why it is asked; left out while it is not. */
  readonly reason?: MirrorReason;
  /** How long ago a round was last answered, milliseconds. */
  readonly answeredAgoMs?: number;
  /** Why the last round failed, if it did. */
  readonly lastError?: Refusal;
}

/** Asks the mirror while there is no broker, or one that withholds: runs the effects of `mirrorStep`. */
export class Mirror {
  readonly #parts: MirrorParts;
  readonly #rounds: MirrorRounds;
  readonly #withheld = new Set<string>();
  #state: MirrorState = MIRROR_START;
  #cancelTimer: () => void = () => undefined;
  #round: AbortController | undefined;
  #working: Promise<void> = Promise.resolve();
  #answeredMs: number | undefined;
  #lastError: Refusal | undefined;

  constructor(parts: MirrorParts) {
    this.#parts = parts;
    const { here, clock, tell } = parts;
    this.#rounds = new MirrorRounds({
      ...{ here, clock },
      onOdd: (topic, why) => {
        parts.log.warn({ code: 'E_MIRROR_ANSWER', topic, why }, 'no document from the mirror');
        tell({ kind: 'security', code: 'E_MIRROR_ANSWER', detail: why.slice(0, 300), fields: { topic } });
      },
    });
  }

  /** Begins to count how long there is no broker. */
  start(): void {
    this.#handle({ kind: 'start' });
  }

  /** The broker is there. */
  linkUp(): void {
    this.#handle({ kind: 'link-up' });
  }

  /** The broker went, or an attempt failed. */
  linkDown(): void {
    this.#handle({ kind: 'link-down' });
  }

  /** The broker brought a beat that was accepted. */
  beat(): void {
    this.#handle({ kind: 'beat' });
  }

  /** A document that a beat names does not come, or has come after all. */
  withheld(key: string, on: boolean): void {
    if (!on) this.#withheld.delete(key);
    else if (this.#withheld.size < WITHHELD_LIMIT) this.#withheld.add(key);
    this.#handle({ kind: 'withheld', documents: this.#withheld.size });
  }

  /** How it is now. */
  status(): MirrorStatus {
    const state = this.#state;
    const nowMs = this.#parts.clock.monotonicMs();
    return {
      ...('reason' in state ? { reason: state.reason } : {}),
      ...(this.#answeredMs === undefined ? {} : { answeredAgoMs: nowMs - this.#answeredMs }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  /** Resolves when the round under way, if there is one, has ended. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /** Asks no more. */
  async close(): Promise<void> {
    this.#handle({ kind: 'close' });
    await this.#working;
  }

  #handle(event: MirrorEvent): void {
    const { clock, random, times, log } = this.#parts;
    const moment = { nowMs: clock.monotonicMs(), random: random() };
    const before = 'reason' in this.#state ? this.#state.reason : undefined;
    const { state, effects } = mirrorStep(this.#state, event, moment, times);
    this.#state = state;
    const reason = 'reason' in state ? state.reason : undefined;
    if (reason !== before) log.info({ reason: reason ?? 'none' }, 'mirror');
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: MirrorEffect): void {
    const { clock, log, tell } = this.#parts;
    switch (effect.kind) {
      case 'ask':
        this.#working = this.#working.then(() => this.#ask(effect.round));
        inBackground(this.#working, log, 'asking the mirror');
        return;
      case 'abort':
        this.#round?.abort();
        return;
      case 'timer':
        this.#cancelTimer();
        this.#cancelTimer = clock.after(effect.afterMs, () => this.#handle({ kind: 'timer' }));
        return;
      case 'stop-timer':
        this.#cancelTimer();
        return;
      case 'in-use':
        tell({ kind: 'notice', code: 'N_MIRROR_IN_USE', detail: IN_USE[effect.reason] });
        return;
      case 'alarm':
        tell({ kind: 'alarm', code: effect.why.code, detail: effect.why.detail.slice(0, 300) });
        return;
      case 'cleared':
        tell({ kind: 'cleared', code: 'E_MIRROR_UNREACHABLE', detail: effect.detail });
        return;
    }
  }

  async #ask(round: number): Promise<void> {
    const { access, clock, log, open = openMirror } = this.#parts;
    const abort = new AbortController();
    this.#round = abort;
    const cancel = clock.after(ROUND_LIMIT_MS, () => abort.abort());
    const connection = open(access(), abort.signal);
    const outcome = await this.#rounds.run(connection.fetch).catch((error: unknown): RoundOutcome => {
      const why: Refusal = { code: 'E_MIRROR_UNREACHABLE', detail: messageOf(error) };
      return { kind: 'failed', why };
    });
    cancel();
    connection.close();
    this.#round = undefined;
    // What was broken off, because the broker is back, says nothing about the mirror.
    if (this.#state.kind !== 'asking' || this.#state.round !== round) return;
    this.#note(outcome);
    if (outcome.kind === 'failed') log.warn({ ...outcome.why }, 'the mirror was not read');
    this.#handle({ kind: 'ended', round, outcome });
  }

  #note(outcome: RoundOutcome): void {
    if (outcome.kind === 'failed') this.#lastError = outcome.why;
    else {
      this.#answeredMs = this.#parts.clock.monotonicMs();
      this.#lastError = undefined;
    }
  }
}

const IN_USE: Readonly<Record<MirrorReason, string>> = {
  'no-broker': 'no broker: the mirror is asked',
  withheld: 'the broker withholds a document: the mirror is asked, too',
  silent: 'the broker brings no beat: the mirror is asked, too',
};
