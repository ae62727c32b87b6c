import type { MqttClient } from 'mqtt';
import type { Clock } from '../../agent/core/clock.js';
import type { Refusal } from '../../agent/core/errors.js';
import type { Log } from '../../agent/core/log.js';
import { inBackground } from '../../agent/core/settled.js';
import { upTopics } from '../../protocols/topics.js';
import { connectOperator, type OperatorLinkOptions } from './operator-link.js';
import type { RecordsFile } from './verify-records.js';
import { RecordChain, type ChainLink } from './record-chain.js';
import { readUp, type CertificateLookup, type UpMessage } from './up-message.js';

const KEPT_BY_KIND = 5000;
const REPEATS_KNOWN = 20_000;

/** A message of a receiver as the province heard it. */
export type Heard = UpMessage & {
  readonly receiver: string;
  readonly atMs: number;
  /** The how-manieth thing heard it is. */
  readonly order: number;
  /** It stood retained at the broker when we subscribed. */
  readonly retained: boolean;
  /** Of receipts and events: how it stands to the signed record before it. */
  readonly chain?: ChainLink;
};

/** Something heard of one kind. */
export type HeardOf<K extends Heard['kind']> = Extract<Heard, { kind: K }>;

/** Something that came up and was not believed. */
export interface Disbelieved {
  readonly topic: string;
  readonly refusal: Refusal;
}

/** What ears need. */
export interface EarsOptions extends OperatorLinkOptions {
  readonly certificateOf: CertificateLookup;
  /** As {@link Ears.onMessage}, from the very first message on. */
  readonly onHeard?: (heard: Heard) => void;
  readonly clock: Clock;
  readonly log: Log;
}

interface Waiter {
  readonly matches: (heard: Heard) => boolean;
  readonly resolve: (heard: Heard) => void;
}

/**
 * What the province hears back: everything receivers send, read, verified and kept (the newest 5000 of a kind).
 * Replies, receipts and events that come twice are taken once.
 */
export class Ears {
  /** Repeats that were dropped. */
  repeats = 0;
  readonly disbelieved: Disbelieved[] = [];
  readonly #client: MqttClient;
  readonly #options: EarsOptions;
  readonly #log: Log;
  readonly #kept: { readonly [K in Heard['kind']]: HeardOf<K>[] } = {
    state: [],
    reply: [],
    receipt: [],
    event: [],
    telemetry: [],
  };
  readonly #chains = new Map<string, RecordChain>();
  readonly #known = new Set<string>();
  readonly #listeners = new Set<(heard: Heard) => void>();
  readonly #waiters = new Set<Waiter>();
  #heard = 0;
  #turn: Promise<void> = Promise.resolve();

  private constructor(client: MqttClient, options: EarsOptions) {
    this.#client = client;
    this.#options = options;
    this.#log = options.log.child({ module: 'ears' });
    if (options.onHeard !== undefined) this.#listeners.add(options.onHeard);
  }

  /** Connects and subscribes to every up-topic of every receiver. @throws LoaError `E_LINK_CONNECT` */
  static async start(options: EarsOptions): Promise<Ears> {
    const client = await connectOperator(options);
    const ears = new Ears(client, options);
    client.on('message', (topic, payload, { retain }) => ears.#onMessage(topic, payload, retain));
    await client.subscribeAsync(
      Object.values(upTopics).map((of) => of('+')),
      { qos: 1 },
    );
    return ears;
  }

  /** Births, farewells and wills, the oldest first. */
  get states(): readonly HeardOf<'state'>[] {
    return this.#kept.state;
  }

  /** Answers to commands. */
  get replies(): readonly HeardOf<'reply'>[] {
    return this.#kept.reply;
  }

  /** Proofs of play; each signature holds. */
  get receipts(): readonly HeardOf<'receipt'>[] {
    return this.#kept.receipt;
  }

  /** Alarms and security events; each signature holds. */
  get events(): readonly HeardOf<'event'>[] {
    return this.#kept.event;
  }

  /** Receipts and events as they were signed, in the order heard, with what verifies them. */
  async records(anchors: string): Promise<RecordsFile> {
    const records = [...this.#kept.receipt, ...this.#kept.event]
      .sort((a, b) => a.order - b.order)
      .map(({ receiver, jws }) => ({ receiver, jws }));
    const certificates: Record<string, string> = {};
    for (const { receiver } of records) {
      certificates[receiver] ??= (await this.#options.certificateOf(receiver)) ?? '';
    }
    return { anchors, certificates, records };
  }

  /** Readings. */
  get telemetry(): readonly HeardOf<'telemetry'>[] {
    return this.#kept.telemetry;
  }

  /** Calls `listener` for everything heard from now on. Returns what ends it. */
  onMessage(listener: (heard: Heard) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The first thing of a kind that matches: the oldest of what is kept, otherwise the next that comes.
   * @throws Error naming `kind` when the deadline passes first
   */
  waitFor<K extends Heard['kind']>(
    kind: K,
    matches: (heard: HeardOf<K>) => boolean,
    deadlineMs: number,
  ): Promise<HeardOf<K>> {
    const isWanted = (heard: Heard): heard is HeardOf<K> =>
      heard.kind === kind && matches(heard as HeardOf<K>);
    const found = this.#kept[kind].find(isWanted);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        matches: isWanted,
        resolve: (heard) => {
          cancel();
          this.#waiters.delete(waiter);
          resolve(heard as HeardOf<K>);
        },
      };
      const cancel = this.#options.clock.after(deadlineMs, () => {
        this.#waiters.delete(waiter);
        reject(new Error(`no such ${kind} was heard within ${deadlineMs} ms`));
      });
      this.#waiters.add(waiter);
    });
  }

  /** Stops listening, when all that has come is dealt with. */
  async close(): Promise<void> {
    await this.#client.endAsync(true);
    await this.#turn;
  }

  #onMessage(topic: string, payload: Buffer, retained: boolean): void {
    // A retained state that was cleared.
    if (payload.length === 0) return;
    // In turn: the chain of hashes stands on the order.
    const work = this.#turn.then(() => this.#take(topic, payload, retained));
    inBackground(work, this.#log, 'a message could not be taken');
    // The next message must not suffer for this one, whose failure has been logged.
    this.#turn = work.catch(() => undefined);
  }

  async #take(topic: string, payload: Buffer, retained: boolean): Promise<void> {
    const read = await readUp(topic, payload, this.#options.certificateOf);
    if (!read.ok) {
      this.#log.warn({ topic, ...read.refusal }, 'not believed');
      push(this.disbelieved, { topic, refusal: read.refusal });
      return;
    }
    if (this.#isRepeat(read.value)) {
      this.repeats += 1;
      return;
    }
    const { receiver } = read.value.message;
    const chain = this.#chainOf(read.value);
    const heard: Heard = {
      ...read.value,
      receiver,
      atMs: this.#options.clock.nowMs(),
      order: (this.#heard += 1),
      retained,
      ...(chain === undefined ? {} : { chain }),
    };
    this.#keep(heard);
    for (const waiter of [...this.#waiters]) if (waiter.matches(heard)) waiter.resolve(heard);
    for (const listener of this.#listeners) listener(heard);
  }

  /** A state may well come twice (retained, or the same will again), and of readings only the newest counts. */
  #isRepeat({ kind, message }: UpMessage): boolean {
    if (kind === 'state' || kind === 'telemetry') return false;
    const identity = `${message.receiver} ${kind} ${message.boot} ${message.sequence}`;
    if (this.#known.has(identity)) return true;
    this.#known.add(identity);
    if (this.#known.size > REPEATS_KNOWN) {
      const [oldest] = this.#known;
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    return false;
  }

  #chainOf(up: UpMessage): ChainLink | undefined {
    if (up.kind !== 'receipt' && up.kind !== 'event') return undefined;
    const chain = this.#chains.get(up.message.receiver) ?? new RecordChain();
    this.#chains.set(up.message.receiver, chain);
    return chain.follow(up.hash, up.message.previous);
  }

  #keep(heard: Heard): void {
    switch (heard.kind) {
      case 'state':
        return push(this.#kept.state, heard);
      case 'reply':
        return push(this.#kept.reply, heard);
      case 'receipt':
        return push(this.#kept.receipt, heard);
      case 'event':
        return push(this.#kept.event, heard);
      case 'telemetry':
        return push(this.#kept.telemetry, heard);
    }
  }
}

function push<T>(list: T[], one: T): void {
  list.push(one);
  if (list.length > KEPT_BY_KIND) list.shift();
}
