import {
  anchorsFault,
  dropStagedAnchors,
  nameOf,
  promoteAnchors,
  readAnchors,
  readStagedAnchors,
  stageAnchors,
} from '../certs/anchors.js';
import { judgeOffer } from '../certs/anchors-offer.js';
import { tryAnchors } from '../certs/anchors-trial.js';
import { certificatesOf } from '../certs/certificate-chain.js';
import { EstClient } from '../certs/est/est-client.js';
import type { EventBody } from '../protocols/messages/up.js';
import type { Clock } from './core/clock.js';
import { codeOf, messageOf, type LoaError, type Refusal } from './core/errors.js';
import type { ErrorCode } from './core/error-texts.js';
import type { Log } from './core/log.js';
import { inBackground } from './core/settled.js';
import type { IdentityInForce } from './identity-in-force.js';

/** What a watch of the anchors works with. */
export interface AnchorWatchOptions {
  /** The identity folder. */
  readonly folder: string;
  /** EST server; empty where only a technician brings anchors. */
  readonly url: string;
  readonly broker: { readonly host: string; readonly port: number };
  /** The first look is put off by up to this long, so that a province's receivers do not ask together. */
  readonly spreadMs: number;
  readonly inForce: IdentityInForce;
  /** The set that waits drops the authority of this device's certificate: it must be renewed first. */
  readonly onOwnForeign: () => void;
  readonly tell: (body: EventBody) => void;
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Times of the handshake with the broker; for tests. */
  readonly handshake?: { readonly holdMs: number; readonly limitMs: number };
}

const DAY_MS = 24 * 3_600_000;
const FIRST_RETRY_MS = 10 * 60_000;
const FAILURES_TO_ALARM = 3;

/** What one look came to. `failed`: somebody could not be reached, to be tried again soon. */
type Looked =
  | { readonly kind: 'settled' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'alarm' | 'failed'; readonly why: Refusal };

/**
 * Keeps the certificate authorities of the province up to date without a restart: asks the EST server daily and before each
 * renewal (RFC 7030, 4.1.3), stages a changed set that the present one vouches for, tries it on the broker, and puts it in force.
 */
export class AnchorWatch {
  readonly #options: AnchorWatchOptions;
  readonly #closing = new AbortController();
  #cancelTimer: () => void = () => undefined;
  #looking: Promise<void> | undefined;
  #failures = 0;
  #alarm: { readonly code: ErrorCode; readonly detail: string } | undefined;
  #renewalAskedMs = -Infinity;

  constructor(options: AnchorWatchOptions) {
    this.#options = options;
  }

  /** Begins. What a power cut or a technician left staged is tried at the first look. */
  start(): void {
    const { spreadMs, random } = this.#options;
    this.#wait(spreadMs * random());
  }

  /** Looks now; one who asks while a look is under way waits for that one. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** Looks no more. */
  close(): void {
    this.#closing.abort();
    this.#cancelTimer();
  }

  async #lookOnce(): Promise<void> {
    const { log, random } = this.#options;
    const looked = await this.#fetchAndTry().catch(failed);
    if (this.#closing.signal.aborted) return;
    if ('why' in looked) log.warn({ ...looked.why }, 'the anchors stay as they are');
    this.#failures = looked.kind === 'failed' ? this.#failures + 1 : 0;
    if (looked.kind === 'settled') this.#raise(undefined);
    else if (looked.kind === 'alarm' || (looked.kind === 'failed' && this.#failures >= FAILURES_TO_ALARM))
      this.#raise(looked.why);
    const jittered = DAY_MS * (0.9 + 0.2 * random());
    const retryMs = Math.min(jittered, FIRST_RETRY_MS * 2 ** Math.min(10, this.#failures - 1));
    this.#wait(looked.kind === 'failed' ? retryMs : jittered);
  }

  async #fetchAndTry(): Promise<Looked> {
    // A server that cannot be had, or is not known by the present set, must not hold up what a technician brought.
    const fetched: Looked =
      this.#options.url === '' ? { kind: 'settled' } : await this.#fetch().catch(failed);
    const { folder, log } = this.#options;
    const staged = await readStagedAnchors(folder).catch(async (error: unknown) => {
      log.warn({ code: codeOf(error), error: messageOf(error) }, 'the staged anchors are dropped');
      await dropStagedAnchors(folder);
      return undefined;
    });
    const looked: Looked = staged === undefined ? { kind: 'settled' } : await this.#try(staged);
    return looked.kind === 'settled' ? fetched : looked;
  }

  /** Stages what the EST server has, where it is another set that is believed. */
  async #fetch(): Promise<Looked> {
    const { folder, url, inForce, clock, log } = this.#options;
    const nowMs = (): number => clock.nowMs();
    const { anchorsPem } = inForce.identity;
    const client = new EstClient({ url, anchorsPem, nowMs, signal: this.#closing.signal });
    const answer = certificatesOf((await client.caCertificates()).join(''), '/cacerts');
    const offer = judgeOffer(answer, await readAnchors(folder), clock.nowMs());
    switch (offer.kind) {
      case 'same':
        return { kind: 'settled' };
      case 'unvouched': {
        const foreign = offer.roots.map(nameOf).join('; ');
        const detail =
          foreign === ''
            ? 'the EST server offers none of the authorities in force'
            : `no authority in force vouches for ${foreign}`;
        return { kind: 'alarm', why: refusalOf(anchorsFault(detail)) };
      }
      case 'changed':
        log.info(
          { added: offer.added.map(nameOf), removed: offer.removed.map(nameOf) },
          'the EST server has other anchors',
        );
        await stageAnchors(folder, offer.anchorsPem);
        return { kind: 'settled' };
    }
  }

  async #try(anchorsPem: string): Promise<Looked> {
    const { folder, url, broker, inForce, clock, handshake, tell } = this.#options;
    const trial = await tryAnchors({
      ...{ identity: inForce.identity, anchorsPem, broker, url, times: handshake },
      ...{ nowMs: () => clock.nowMs(), signal: this.#closing.signal },
    });
    switch (trial.kind) {
      case 'holds':
        await inForce.change(() => promoteAnchors(folder));
        tell({
          kind: 'notice',
          code: 'N_ANCHORS_CHANGED',
          detail: namesOf(inForce.identity.anchorsPem).slice(0, 300),
        });
        return { kind: 'settled' };
      case 'own':
        return this.#waitForRenewal(trial.why);
      case 'foreign':
        return { kind: 'alarm', why: refusalOf(trial.why) };
      case 'untested':
        return { kind: 'failed', why: refusalOf(trial.why) };
    }
  }

  /** Asks for a renewal once a day; where it has not helped by then, that is an alarm. */
  #waitForRenewal(why: LoaError): Looked {
    const { clock, onOwnForeign } = this.#options;
    const asked = clock.monotonicMs() - this.#renewalAskedMs < 0.8 * DAY_MS;
    const before = this.#renewalAskedMs > -Infinity;
    if (!asked) {
      this.#renewalAskedMs = clock.monotonicMs();
      onOwnForeign();
      if (!before) return { kind: 'waiting' };
    }
    return {
      kind: 'alarm',
      why: refusalOf(anchorsFault(`the certificate of this device is of another authority: ${why.message}`)),
    };
  }

  #raise(why: Refusal | undefined): void {
    const { tell } = this.#options;
    const before = this.#alarm;
    if (before?.code === why?.code && before?.detail === why?.detail) return;
    this.#alarm = why && { code: why.code, detail: why.detail };
    if (before !== undefined && before.code !== why?.code)
      tell({ kind: 'cleared', code: before.code, detail: 'the anchors have been looked at' });
    if (why !== undefined) tell({ kind: 'alarm', code: why.code, detail: why.detail.slice(0, 300) });
  }

  #wait(afterMs: number): void {
    this.#cancelTimer();
    if (this.#closing.signal.aborted) return;
    const { clock, log } = this.#options;
    this.#cancelTimer = clock.after(Math.round(afterMs), () =>
      inBackground(this.look(), log, 'the anchors were not looked at'),
    );
  }
}

function namesOf(anchorsPem: readonly string[]): string {
  const anchors = certificatesOf(anchorsPem.join(''), 'anchors.pem');
  return `authorities in force: ${anchors.map(nameOf).join('; ')}`;
}

function failed(error: unknown): Looked {
  return { kind: 'failed', why: { code: codeOf(error), detail: messageOf(error) } };
}

function refusalOf(error: LoaError): Refusal {
  return { code: error.code, detail: messageOf(error) };
}
