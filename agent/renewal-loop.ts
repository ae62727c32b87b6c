import { askForNext } from '../certs/renewal-steps.js';
import { tryHandshake } from '../certs/renewal-handshake.js';
import {
  RENEWAL_START,
  renewalStep,
  type RenewalEffect,
  type RenewalEvent,
  type RenewalState,
} from '../certs/renewal.js';
import type { Identity } from '../certs/identity.js';
import { dropStaged, fallBack, promote, readStaged } from '../certs/staged-identity.js';
import type { EventBody } from '../protocols/messages/up.js';
import type { IdentityInForce } from './identity-in-force.js';
import { instant, type Clock } from './core/clock.js';
import { accepted, codeOf, messageOf, refused, type Outcome, type Refusal } from './core/errors.js';
import type { Log } from './core/log.js';
import { inBackground } from './core/settled.js';

/** What a renewal loop works with. */
export interface RenewalLoopOptions {
  /** The identity folder. */
  readonly folder: string;
  /** EST server; the anchors of the identity vouch for it. */
  readonly url: string;
  readonly broker: { readonly host: string; readonly port: number };
  /** A renewal that is overdue at the start is put off by up to this long. */
  readonly spreadMs: number;
  /** Changed by a renewal; the link takes the new one at its next attempt. */
  readonly inForce: IdentityInForce;
  /** Before each renewal is asked for: the next certificate may come from a new authority. */
  readonly beforeAsking: () => Promise<void>;
  readonly tell: (body: EventBody) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Times of the handshake with the broker; for tests. */
  readonly handshake?: { readonly holdMs: number; readonly limitMs: number };
}

/** True where the broker refused this device: a TLS alert of its own or a CONNACK, not what we hold against it. */
function isRefusal({ code, fields }: Refusal): boolean {
  const alert = /^ERR_SSL_.*ALERT/.test(String(fields?.reason));
  return code === 'E_LINK_REFUSED' || (code === 'E_LINK_TLS' && alert);
}

/** Drives the renewal of the device's certificate: runs the effects of `renewalStep`, one after the other. */
export class RenewalLoop {
  readonly #options: RenewalLoopOptions;
  #state: RenewalState = RENEWAL_START;
  #cancelTimer: () => void = () => undefined;
  #cancelAsked: () => void = () => undefined;
  #working: Promise<void> = Promise.resolve();
  readonly #closing = new AbortController();

  constructor(options: RenewalLoopOptions) {
    this.#options = options;
  }

  /** Begins; what a power cut left staged is tested at once. */
  start(): void {
    this.#then(async () => {
      const staged = await readStaged(this.#options.folder).catch(async (error: unknown) => {
        this.#options.log.warn(
          { code: codeOf(error), error: messageOf(error) },
          'the staged identity is dropped',
        );
        await dropStaged(this.#options.folder);
        return undefined;
      });
      this.#handle({ kind: 'start', life: this.#identity(), staged: staged !== undefined });
    });
  }

  /** Renews now, whatever the certificate's age. False where a renewal is under way. */
  now(): boolean {
    const idle = ['resting', 'waiting', 'proving'].includes(this.#state.kind);
    this.#handle({ kind: 'now' });
    return idle;
  }

  /** Renews within so long, milliseconds, at a moment that the certificate in force decides. False where a renewal is under way. */
  within(longestMs: number): boolean {
    if (longestMs <= 0) return this.now();
    this.#cancelAsked();
    const waitMs = fractionOf(this.#identity()) * longestMs;
    this.#cancelAsked = this.#options.clock.after(waitMs, () => void this.now());
    return true;
  }

  /** The link came up. */
  linkUp(): void {
    this.#handle({ kind: 'link-up' });
  }

  /** The link went, or an attempt failed. */
  linkDown(why: Refusal): void {
    if (isRefusal(why)) this.#handle({ kind: 'link-refused', why });
  }

  /** Gives up what is asked of the network; what is staged is gone on with at the next start. */
  close(): void {
    this.#closing.abort();
    this.#cancelTimer();
    this.#cancelAsked();
  }

  #handle(event: RenewalEvent): void {
    if (this.#closing.signal.aborted) return;
    const { clock, log, spreadMs } = this.#options;
    const times = { fraction: fractionOf(this.#identity()), spreadMs };
    const before = this.#state.kind;
    const { state, effects } = renewalStep(this.#state, event, clock.nowMs(), times);
    this.#state = state;
    if (state.kind !== before) log.info({ event: event.kind, from: before, to: state.kind }, 'renewal');
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: RenewalEffect): void {
    const { clock, folder, tell } = this.#options;
    switch (effect.kind) {
      case 'timer':
        this.#cancelTimer();
        this.#cancelTimer = clock.after(effect.afterMs, () => this.#handle({ kind: 'timer' }));
        return;
      case 'alarm':
        tell({ kind: 'alarm', code: effect.why.code, detail: effect.why.detail.slice(0, 300) });
        return;
      case 'cleared':
        tell({ kind: 'cleared', code: effect.code, detail: 'the certificate has been renewed' });
        return;
      case 'ask':
        this.#then(() => this.#ask());
        return;
      case 'test':
        this.#then(() => this.#test());
        return;
      case 'drop':
        this.#then(() => dropStaged(folder));
        return;
      case 'promote':
        this.#then(() => this.#promote());
        return;
      case 'fall-back':
        this.#then(async () => {
          await this.#options.inForce.change(() => fallBack(folder));
          this.#handle({ kind: 'fell-back', life: this.#identity() });
        });
        return;
    }
  }

  async #ask(): Promise<void> {
    const { folder, url, clock } = this.#options;
    await this.#options.beforeAsking();
    const nowMs = (): number => clock.nowMs();
    const { signal } = this.#closing;
    const outcome = await askForNext({ folder, identity: this.#identity(), url, nowMs, signal });
    this.#handle('why' in outcome ? { ...outcome, why: faultOf(outcome.why) } : outcome);
  }

  async #test(): Promise<void> {
    const { folder, broker, handshake } = this.#options;
    const staged = await readStaged(folder);
    if (staged === undefined) {
      const why = { code: 'E_IDENTITY_STAGED', detail: 'nothing is staged' } as const;
      this.#handle({ kind: 'rejected', why });
      return;
    }
    const outcome = await tryHandshake(staged, broker, { times: handshake, signal: this.#closing.signal });
    this.#handle('why' in outcome ? { ...outcome, why: faultOf(outcome.why) } : outcome);
  }

  async #promote(): Promise<void> {
    const { folder, inForce } = this.#options;
    const previousUntilMs = this.#identity().notAfterMs;
    await inForce.change(() => promote(folder));
    this.#options.tell({
      kind: 'notice',
      code: 'N_IDENTITY_RENEWED',
      detail: `the certificate is valid until ${instant(this.#identity().notAfterMs)}`,
    });
    this.#handle({ kind: 'promoted', life: this.#identity(), previousUntilMs });
  }

  #identity(): Identity {
    return this.#options.inForce.identity;
  }

  /** One step after the other; a step that fails is a failed try. */
  #then(work: () => Promise<void>): void {
    const { log } = this.#options;
    this.#working = this.#working.then(async () => {
      if (this.#closing.signal.aborted) return;
      try {
        await work();
      } catch (error) {
        log.warn({ code: codeOf(error), error: messageOf(error) }, 'renewal failed');
        this.#handle({ kind: 'failed', why: faultOf(error) });
      }
    });
    inBackground(this.#working, log, 'renewal');
  }
}

/** What one is told who asks for a renewal, now or within so many milliseconds. */
export function renewNow(loop: RenewalLoop | undefined, withinMs = 0): Outcome<undefined> {
  if (loop === undefined) return refused('E_USAGE', 'the setting enrolment.url is empty');
  return loop.within(withinMs) ? accepted(undefined) : refused('E_ENROL_PENDING', 'a renewal is under way');
}

function faultOf(error: unknown): Refusal {
  return { code: codeOf(error), detail: messageOf(error) };
}

/** Always the same for one certificate, evenly spread over receivers. */
function fractionOf({ fingerprint }: Identity): number {
  return Number.parseInt(fingerprint.slice(0, 8), 16) / 2 ** 32;
}
