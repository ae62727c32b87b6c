import type { z } from 'zod';
import * as up from '../../protocols/messages/up.js';
import { upTopics, type UpKind } from '../../protocols/topics.js';
import { createBoundedQueue, type BoundedQueue } from '../core/bounded-queue.js';
import type { Clock } from '../core/clock.js';
import { codeOf, messageOf } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { inBackground } from '../core/settled.js';
import type { Store, StoreChange } from '../core/store.js';
import type { Envelope } from './envelope.js';
import { countEvent, dueEvents, NO_EVENTS, type CountedEvent, type EventBody } from './event-counter.js';
import type { Outbox, OutboxKind } from './outbox.js';
import { openChain, type RecordChain, type RecordSigner } from './record-chain.js';

/** Most reports that wait for their turn to be signed and written. */
const WAITING_LIMIT = 200;

/** How a reporter reaches the broker without the outbox (Link satisfies it). */
export interface DirectWay {
  publish(topic: string, payload: Uint8Array, options?: { retain?: boolean }): Promise<void>;
  status(): { readonly kind: string };
}

/** What a reporter is made of. */
export interface ReporterOptions {
  readonly envelope: Envelope;
  readonly outbox: Pick<Outbox, 'put'>;
  readonly link: DirectWay;
  readonly store: Store;
  readonly signer: RecordSigner;
  readonly clock: Clock;
  readonly log: Log;
}

/** What did not get through, since the start of the process. */
export interface ReportLosses {
  /** Readings not sent because the link was down or went down. */
  readonly telemetry: number;
  /** Reports that could neither be kept nor sent, or did not fit their schema. */
  readonly reports: number;
}

/** Says everything that the receiver has to say. None of its promises rejects: what goes wrong is logged and counted. */
export interface Reporter {
  /** The one answer to a command; kept until acknowledged. */
  reply(body: up.Reply['body']): Promise<void>;
  /** An alarm, its clearing, or a security event; signed, chained, kept. Repeats within a minute become one. */
  event(body: EventBody): Promise<void>;
  /** Proof of a play; signed, chained, kept. */
  receipt(body: up.Receipt['body']): Promise<void>;
  /**
   * Readings of this moment; when the link is not up they are dropped, or, with `keep`, put into the outbox. Tells
   * whether the broker has them.
   */
  telemetry(body: up.Telemetry['body'], keep?: boolean): Promise<boolean>;
  /** Retained: the receiver is there. To be called when the link has come up. */
  birth(body: Extract<up.State['body'], { online: true }>): Promise<void>;
  losses(): ReportLosses;
  /** Sends the counts of events still open, and waits for what is under way. */
  close(): Promise<void>;
}

/** Opens the reporter with the head of the chain of records. @throws what the store throws */
export async function openReporter(options: ReporterOptions): Promise<Reporter> {
  return new ChainedReporter(options, await openChain(options.store, options.signer));
}

/** Alarms after which there may be no power for another message: they go before all that waits. */
const LAST_WORDS: ReadonlySet<string> = new Set(['E_MAINS_LOST', 'E_SUPPLY_LOW', 'E_BATTERY_LOW']);

class ChainedReporter implements Reporter {
  private readonly queue: BoundedQueue = createBoundedQueue(WAITING_LIMIT, 'reports');
  private counts = NO_EVENTS;
  private cancelTimer: (() => void) | undefined;
  private closed = false;
  private lostTelemetry = 0;
  private lostReports = 0;

  constructor(
    private readonly options: ReporterOptions,
    private readonly chain: RecordChain,
  ) {}

  reply(body: up.Reply['body']): Promise<void> {
    return this.attend('reply', async () => {
      const text = this.built('reply', up.reply, { body });
      await this.keep('reply', 'reply', text);
    });
  }

  async event(body: EventBody): Promise<void> {
    const { counts, send } = countEvent(this.counts, body, this.options.clock.monotonicMs());
    this.counts = counts;
    this.cancelTimer ??= this.timerFor(dueEvents(counts, -Infinity).nextMs);
    if (send !== undefined) await this.record(send);
  }

  receipt(body: up.Receipt['body']): Promise<void> {
    return this.attend('receipt', () => this.chained('receipt', 'receipt', up.receipt, { body }));
  }

  async telemetry(body: up.Telemetry['body'], keep = false): Promise<boolean> {
    const isUp = this.options.link.status().kind === 'up';
    if (!isUp && !keep) {
      this.lostTelemetry += 1;
      return false;
    }
    try {
      const text = this.built('telemetry', up.telemetry, { body });
      if (isUp) await this.publish('telemetry', text);
      else await this.keep('telemetry', 'telemetry', text);
      return isUp;
    } catch (error) {
      this.lostTelemetry += 1;
      this.logFailure(error, 'telemetry');
      return false;
    }
  }

  birth(body: Extract<up.State['body'], { online: true }>): Promise<void> {
    return this.attend('state', async () => {
      const text = this.built('state', up.state, { body });
      await this.publish('state', text, { retain: true });
    });
  }

  losses(): ReportLosses {
    return { telemetry: this.lostTelemetry, reports: this.lostReports };
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.cancelTimer?.();
    await this.flush(Infinity);
    await this.queue.idle();
  }

  private timerFor(atMs: number | undefined): (() => void) | undefined {
    if (atMs === undefined || this.closed) return undefined;
    const { clock, log } = this.options;
    return clock.after(atMs - clock.monotonicMs(), () => {
      inBackground(this.flush(clock.monotonicMs()), log, 'counted events');
    });
  }

  private async flush(nowMs: number): Promise<void> {
    const { counts, send, nextMs } = dueEvents(this.counts, nowMs);
    this.counts = counts;
    this.cancelTimer = this.timerFor(nextMs);
    await Promise.all(send.map((event) => this.record(event)));
  }

  private record(event: CountedEvent): Promise<void> {
    const body = { ...event, detail: event.detail.slice(0, 300), fields: shortened(event.fields) };
    const kind = event.kind === 'security' ? 'security' : 'event';
    const urgent = event.kind === 'alarm' && LAST_WORDS.has(event.code);
    return this.attend('event', () => this.chained(kind, 'event', up.event, { body }, urgent));
  }

  /** Signs after all that was reported before, so that each record names the one written before it. */
  private chained(
    kind: OutboxKind,
    type: 'event' | 'receipt',
    schema: z.ZodType,
    parts: { body: object },
    urgent = false,
  ): Promise<void> {
    return this.queue.run(async () => {
      const message = JSON.parse(this.built(type, schema, { ...parts, previous: '' })) as object;
      const record = await this.chain.sign(message, type);
      await this.keep(kind, type, record.jws, [record.headChange], urgent);
      record.accept();
    });
  }

  /** The message as JSON. @throws Error where it does not fit its own schema: a fault of the caller */
  private built(type: UpKind, schema: z.ZodType, parts: { body: object; previous?: string }): string {
    const message = { type, ...this.options.envelope.next(), ...parts };
    const parsed = schema.safeParse(JSON.parse(JSON.stringify(message)));
    if (parsed.success) return JSON.stringify(parsed.data);
    const issue = parsed.error.issues[0];
    throw new Error(
      `${type} does not fit its schema at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    );
  }

  /** On the disk, or, where the disk does not take it, straight to the broker while there is one. */
  private async keep(
    kind: OutboxKind,
    type: UpKind,
    text: string,
    also: readonly StoreChange[] = [],
    urgent = false,
  ): Promise<void> {
    const topic = upTopics[type](this.options.envelope.receiver);
    try {
      await this.options.outbox.put(kind, topic, new TextEncoder().encode(text), also, urgent);
    } catch (error) {
      this.options.log.error({ code: codeOf(error), type, error: messageOf(error) }, 'a report is not kept');
      await this.publish(type, text);
    }
  }

  private publish(type: UpKind, text: string, options: { retain?: boolean } = {}): Promise<void> {
    const topic = upTopics[type](this.options.envelope.receiver);
    return this.options.link.publish(topic, new TextEncoder().encode(text), options);
  }

  /** Nothing that fails here may stop what is being reported on. */
  private async attend(type: UpKind, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.lostReports += 1;
      this.logFailure(error, type);
    }
  }

  private logFailure(error: unknown, type: UpKind): void {
    this.options.log.error({ code: codeOf(error), type, error: messageOf(error) }, 'a report is lost');
  }
}

/** Field values may come from a stranger's message; the schema takes 200 characters. */
function shortened(fields: EventBody['fields']): EventBody['fields'] {
  if (fields === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.slice(0, 200) : value,
    ]),
  );
}
