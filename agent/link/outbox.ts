import { createBoundedQueue } from '../core/bounded-queue.js';
import { codeOf, LoaError, messageOf } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { inBackground } from '../core/settled.js';
import { entriesOf, type Store, type StoreChange } from '../core/store.js';
import { IN_FLIGHT_LIMIT } from './attempt.js';

/** What is kept, from what is dropped last to what is dropped first. */
export type OutboxKind = 'receipt' | 'security' | 'reply' | 'event';

/** Receipts and security events, then replies, then other events. Smaller is dropped first. */
const RANK: Record<OutboxKind, number> = { receipt: 2, security: 2, reply: 1, event: 0 };
const RANKS = [0, 1, 2] as const;

/** 16 MiB: months of receipts, or a flood's first half hour. */
export const OUTBOX_LIMIT_BYTES = 16 * 1_048_576;

/** Most `put` calls under way at once; the disk is far behind when there are more. */
const PUT_LIMIT = 256;
const PREFIX = 'outbox/';

/** How full the outbox is. */
export interface OutboxFill {
  /** Messages not yet acknowledged. */
  readonly messages: number;
  readonly bytes: number;
  readonly inFlight: number;
  /** Messages dropped for want of room since the start of the process. */
  readonly dropped: Readonly<Record<OutboxKind, number>>;
}

/** Messages for the province that survive a power cut, until the broker has acknowledged them. */
export interface Outbox {
  /**
   * Keeps a message; resolves when it is on the disk. `also` is written with it, both or neither.
   * @throws LoaError `E_STORE_WRITE`; `E_INTERNAL` where too many calls wait
   */
  put(kind: OutboxKind, topic: string, payload: Uint8Array, also?: readonly StoreChange[]): Promise<void>;
  /** The link is up: everything unacknowledged is sent, oldest first. */
  resume(): void;
  /** The link is down: nothing more is sent; what was in flight counts as unsent. */
  pause(): void;
  pending(): OutboxFill;
  /** Waits for what is being written; nothing is sent or kept afterwards. */
  close(): Promise<void>;
}

/** What an outbox is made of. */
export interface OutboxOptions {
  readonly store: Store;
  readonly log: Log;
  /** Sends one message; resolves when the broker has acknowledged it (Link.publish). */
  readonly publish: (topic: string, payload: Uint8Array) => Promise<void>;
  /** Most that is kept, bytes of keys and values. */
  readonly limitBytes?: number;
}

interface Message {
  readonly kind: OutboxKind;
  readonly topic: string;
  readonly payload: Uint8Array;
}

interface Entry {
  readonly number: number;
  readonly rank: (typeof RANKS)[number];
  readonly kind: OutboxKind;
  readonly bytes: number;
  inFlight: boolean;
}

/**
 * Opens the outbox over what the store holds of it. An entry that cannot be read is taken out and logged.
 * @throws what the store throws
 */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const outbox = new StoredOutbox(options);
  await outbox.load();
  return outbox;
}

class StoredOutbox implements Outbox {
  /** By number, oldest first. Numbers only grow. */
  private readonly entries = new Map<number, Entry>();
  private readonly byRank = RANKS.map(() => new Map<number, Entry>());
  /** Acknowledged, still on the disk because deleting failed: never sent again, deleted with the next write. */
  private readonly undeleted = new Set<number>();
  private readonly dropped: Record<OutboxKind, number> = { receipt: 0, security: 0, reply: 0, event: 0 };
  private readonly writes = createBoundedQueue(PUT_LIMIT + IN_FLIGHT_LIMIT, 'outbox');
  private puts = 0;
  private bytes = 0;
  private lastNumber = 0;
  /** Number of the next message to look at for sending. */
  private cursor = 1;
  private inFlight = 0;
  private flowing = false;
  private reading = false;
  /** Counts the times the link came and went, so that an answer from before changes nothing. */
  private flow = 0;
  private closed = false;

  constructor(private readonly options: OutboxOptions) {}

  async load(): Promise<void> {
    const { store, log } = this.options;
    const unreadable: StoreChange[] = [];
    for await (const { key, value } of entriesOf(store, PREFIX)) {
      const number = Number(key.slice(PREFIX.length));
      const kind = decode(value)?.kind;
      if (!Number.isSafeInteger(number) || kind === undefined) unreadable.push({ del: key });
      else this.add(number, kind, sizeOf(key, value));
    }
    this.cursor = this.oldest();
    if (unreadable.length === 0) return;
    log.error({ code: 'E_INTERNAL', entries: unreadable.length }, 'unreadable entries of the outbox removed');
    await store.write(unreadable);
  }

  async put(
    kind: OutboxKind,
    topic: string,
    payload: Uint8Array,
    also: readonly StoreChange[] = [],
  ): Promise<void> {
    if (this.closed) throw new LoaError('E_STORE_WRITE', 'the outbox is closed');
    if (this.puts >= PUT_LIMIT) {
      throw new LoaError('E_INTERNAL', `more than ${PUT_LIMIT} messages wait to be written`);
    }
    this.puts += 1;
    try {
      await this.writes.run(() => this.keep(kind, topic, payload, also));
    } finally {
      this.puts -= 1;
    }
    this.send();
  }

  private async keep(
    kind: OutboxKind,
    topic: string,
    payload: Uint8Array,
    also: readonly StoreChange[],
  ): Promise<void> {
    const number = this.lastNumber + 1;
    const put = keyOf(number);
    const value = encode(kind, topic, payload);
    const bytes = sizeOf(put, value);
    const victims = this.victims(bytes, RANK[kind]);
    const done = [...this.undeleted];
    const message: StoreChange[] = victims === undefined ? [] : [{ put, value }];
    const removed = [...(victims ?? []).map((entry) => entry.number), ...done];
    await this.options.store.write([...message, ...also, ...removed.map((one) => ({ del: keyOf(one) }))]);
    for (const one of done) this.undeleted.delete(one);
    for (const entry of victims ?? []) this.drop(entry);
    if (victims === undefined) this.countDrop(kind);
    else this.add(number, kind, bytes);
  }

  /** What must go to make room: the oldest of the lowest rank. Undefined when the new message is itself the least. */
  private victims(bytes: number, rank: number): Entry[] | undefined {
    let excess = this.bytes + bytes - (this.options.limitBytes ?? OUTBOX_LIMIT_BYTES);
    const victims: Entry[] = [];
    for (const entries of this.byRank.slice(0, rank + 1)) {
      for (const entry of entries.values()) {
        if (excess <= 0) return victims;
        if (entry.inFlight) continue;
        victims.push(entry);
        excess -= entry.bytes;
      }
    }
    return excess <= 0 ? victims : undefined;
  }

  private drop(entry: Entry): void {
    if (this.remove(entry)) this.countDrop(entry.kind);
  }

  private countDrop(kind: OutboxKind): void {
    this.dropped[kind] += 1;
    // The first and then each hundredth: a flood must not fill the log as well.
    if (this.dropped[kind] % 100 === 1) {
      this.options.log.warn({ kind, dropped: this.dropped[kind] }, 'outbox full: messages dropped');
    }
  }

  private add(number: number, kind: OutboxKind, bytes: number): void {
    const entry: Entry = { number, kind, rank: rankOf(kind), bytes, inFlight: false };
    this.entries.set(number, entry);
    this.byRank[entry.rank]?.set(number, entry);
    this.bytes += bytes;
    this.lastNumber = Math.max(this.lastNumber, number);
  }

  /** False where it has gone already. */
  private remove(entry: Entry): boolean {
    if (!this.entries.delete(entry.number)) return false;
    this.byRank[entry.rank]?.delete(entry.number);
    this.bytes -= entry.bytes;
    return true;
  }

  private oldest(): number {
    return this.entries.keys().next().value ?? this.lastNumber + 1;
  }

  resume(): void {
    if (this.closed) return;
    this.pause();
    this.flowing = true;
    this.cursor = this.oldest();
    this.send();
  }

  pause(): void {
    this.flow += 1;
    this.flowing = false;
    this.inFlight = 0;
    for (const entry of this.entries.values()) entry.inFlight = false;
  }

  private send(): void {
    if (this.reading) return;
    this.reading = true;
    inBackground(this.sendAll(), this.options.log, 'sending from the outbox');
  }

  /** Reads one message after the other, so that they leave in order; their acknowledgements are not waited for here. */
  private async sendAll(): Promise<void> {
    try {
      while (this.flowing && this.inFlight < IN_FLIGHT_LIMIT && this.cursor <= this.lastNumber) {
        const entry = this.entries.get(this.cursor);
        this.cursor += 1;
        if (entry === undefined) continue;
        const flow = this.flow;
        entry.inFlight = true;
        this.inFlight += 1;
        const message = await this.read(entry);
        if (flow !== this.flow) continue;
        if (message === undefined) {
          this.settled(entry);
          continue;
        }
        inBackground(this.sendOne(entry, message, flow), this.options.log, 'sending from the outbox');
      }
    } finally {
      this.reading = false;
    }
  }

  private async sendOne(entry: Entry, message: Message, flow: number): Promise<void> {
    try {
      await this.options.publish(message.topic, message.payload);
      await this.forget(entry);
    } catch (error) {
      // Kept, and tried again on the next connection.
      const code = codeOf(error);
      const level = code === 'E_LINK_LOST' ? 'debug' : 'warn';
      this.options.log[level]({ code, kind: entry.kind, error: messageOf(error) }, 'not acknowledged');
    }
    if (flow !== this.flow) return;
    this.settled(entry);
    this.send();
  }

  private settled(entry: Entry): void {
    entry.inFlight = false;
    this.inFlight -= 1;
  }

  /** Undefined where it has been dropped meanwhile, or the disk does not give it: then it waits for the next connection. */
  private async read(entry: Entry): Promise<Message | undefined> {
    try {
      return decode(await this.options.store.get(keyOf(entry.number)));
    } catch (error) {
      this.options.log.error({ code: codeOf(error), error: messageOf(error) }, 'outbox not readable');
      return undefined;
    }
  }

  private async forget(entry: Entry): Promise<void> {
    this.remove(entry);
    this.undeleted.add(entry.number);
    if (this.closed) return;
    await this.writes
      .run(async () => {
        // One write deletes all that was acknowledged while the one before was at the disk.
        const done = [...this.undeleted];
        await this.options.store.write(done.map((number) => ({ del: keyOf(number) })));
        for (const number of done) this.undeleted.delete(number);
      })
      .catch((error: unknown) => {
        this.options.log.warn(
          { code: codeOf(error), error: messageOf(error) },
          'sent, but still in the outbox',
        );
      });
  }

  pending(): OutboxFill {
    return {
      messages: this.entries.size,
      bytes: this.bytes,
      inFlight: this.inFlight,
      dropped: { ...this.dropped },
    };
  }

  async close(): Promise<void> {
    this.pause();
    this.closed = true;
    await this.writes.idle();
  }
}

function rankOf(kind: OutboxKind): (typeof RANKS)[number] {
  return RANKS[RANK[kind]] ?? 0;
}

function keyOf(number: number): string {
  return `${PREFIX}${String(number).padStart(16, '0')}`;
}

function sizeOf(key: string, value: Uint8Array): number {
  return key.length + value.length;
}

/** One line of kind and topic, then the payload as it is. */
function encode(kind: OutboxKind, topic: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${kind} ${topic}\n`), payload]);
}

function decode(value: Uint8Array | undefined): Message | undefined {
  if (value === undefined) return undefined;
  const end = value.indexOf(10);
  const [kind = '', topic = ''] = Buffer.from(value.subarray(0, Math.max(end, 0)))
    .toString('utf8')
    .split(' ', 2);
  if (topic === '' || !isKind(kind)) return undefined;
  return { kind, topic, payload: value.subarray(end + 1) };
}

function isKind(text: string): text is OutboxKind {
  return Object.hasOwn(RANK, text);
}
