import { createBoundedQueue } from '../core/bounded-queue.js';
import type { Clock } from '../core/clock.js';
import { codeOf, LoaError, messageOf } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { inBackground } from '../core/settled.js';
import { entriesOf, type Store, type StoreChange } from '../core/store.js';
import { IN_FLIGHT_LIMIT } from './client-options.js';
import { DeadLetters } from './dead-letters.js';
import { OutboxIndex, type OutboxEntry } from './outbox-index.js';
import {
  decodeMessage,
  encodeMessage,
  keyOf,
  numberOf,
  rankOf,
  type KeptMessage,
  type OutboxKind,
} from './outbox-message.js';

export type { OutboxKind } from './outbox-message.js';

/** 16 MiB: months of receipts, or a flood's first half hour. */
export const OUTBOX_LIMIT_BYTES = 16 * 1_048_576;

/** Most `put` calls under way at once; the disk is far behind when there are more. */
const PUT_LIMIT = 256;
const PREFIX = 'outbox/';
/** What was refused for now, or could not be read, is tried again after this. */
const AGAIN_MS = 60_000;
/**
 * Reasons of a PUBACK (MQTT 5.0, 3.4.2.1) that say nothing of the message itself: unspecified, implementation specific,
 * packet id in use, quota exceeded.
 */
const FOR_NOW = [0x80, 0x83, 0x91, 0x97];

/** How full the outbox is. */
export interface OutboxFill {
  /** Messages not yet acknowledged. */
  readonly messages: number;
  readonly bytes: number;
  readonly inFlight: number;
  /** Messages dropped for want of room since the start of the process. */
  readonly dropped: Readonly<Record<OutboxKind, number>>;
  /** Refused by the broker for good since the start of the process, and kept apart. */
  readonly refused: number;
}

/** Messages for the province that survive a power cut, until the broker has acknowledged them. */
export interface Outbox {
  /**
   * Keeps a message; resolves when it is on the disk. `also` is written with it, both or neither. An `urgent` one is sent before all that waits:
   * it may be the last.
   * @throws LoaError `E_STORE_WRITE`; `E_INTERNAL` where too many calls wait
   */
  put(
    kind: OutboxKind,
    topic: string,
    payload: Uint8Array,
    also?: readonly StoreChange[],
    urgent?: boolean,
  ): Promise<void>;
  /** The link is up: everything unacknowledged is sent, oldest first. */
  resume(): void;
  /** The link is down: nothing more is sent; what was in flight counts as unsent. */
  pause(): void;
  pending(): OutboxFill;
  /** What it has done at the disk, and whether it waits for the disk now: an error is progress, a standstill is not. */
  progress(): { readonly done: number; readonly busy: boolean };
  /** Waits for what is being written; nothing is sent or kept afterwards. */
  close(): Promise<void>;
}

/** What an outbox is made of. */
export interface OutboxOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Sends one message; resolves when the broker has acknowledged it (Link.publish). */
  readonly publish: (topic: string, payload: Uint8Array) => Promise<void>;
  /** Most that is kept, bytes of keys and values. */
  readonly limitBytes?: number;
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
  private readonly index = new OutboxIndex();
  /** Acknowledged, still on the disk because deleting failed: never sent again, deleted with the next write. */
  private readonly undeleted = new Set<number>();
  private readonly dropped: Record<OutboxKind, number> = {
    ...{ receipt: 0, security: 0, reply: 0, event: 0, telemetry: 0 },
  };
  private readonly dead = new DeadLetters();
  private readonly writes = createBoundedQueue(PUT_LIMIT + IN_FLIGHT_LIMIT, 'outbox');
  private puts = 0;
  /** Work at the disk: what is under way beside `puts`, and all that has come to an end. */
  private working = 0;
  private worked = 0;
  private refused = 0;
  /** Number of the next message to look at for sending. */
  private cursor = 1;
  private inFlight = 0;
  private flowing = false;
  private reading = false;
  /** Counts the times the link came and went, so that an answer from before changes nothing. */
  private flow = 0;
  private closed = false;
  private cancelAgain: (() => void) | undefined;

  constructor(private readonly options: OutboxOptions) {}

  async load(): Promise<void> {
    const { store, log } = this.options;
    for await (const changes of DeadLetters.revival(store, PREFIX)) await store.write(changes);
    const unreadable: StoreChange[] = [];
    for await (const { key, value } of entriesOf(store, PREFIX)) {
      const number = numberOf(PREFIX, key);
      const kind = decodeMessage(value)?.kind;
      if (number === undefined || kind === undefined) unreadable.push({ del: key });
      else this.index.add(number, kind, sizeOf(key, value));
    }
    this.cursor = this.index.oldest;
    if (unreadable.length === 0) return;
    log.error({ code: 'E_INTERNAL', entries: unreadable.length }, 'unreadable entries of the outbox removed');
    await store.write(unreadable);
  }

  async put(
    kind: OutboxKind,
    topic: string,
    payload: Uint8Array,
    also: readonly StoreChange[] = [],
    urgent = false,
  ): Promise<void> {
    if (this.closed) throw new LoaError('E_STORE_WRITE', 'the outbox is closed');
    if (this.puts >= PUT_LIMIT) {
      throw new LoaError('E_INTERNAL', `more than ${PUT_LIMIT} messages wait to be written`);
    }
    this.puts += 1;
    try {
      const number = await this.writes.run(() => this.keep(kind, topic, payload, also));
      if (urgent) this.sendFirst(number, { kind, topic, payload });
    } finally {
      this.puts -= 1;
      this.worked += 1;
    }
    this.send();
  }

  private async keep(
    kind: OutboxKind,
    topic: string,
    payload: Uint8Array,
    also: readonly StoreChange[],
  ): Promise<number> {
    const number = this.index.lastNumber + 1;
    const put = keyOf(PREFIX, number);
    const value = encodeMessage({ kind, topic, payload });
    const bytes = sizeOf(put, value);
    const limitBytes = this.options.limitBytes ?? OUTBOX_LIMIT_BYTES;
    const victims = this.index.victims(bytes, rankOf(kind), limitBytes);
    const done = [...this.undeleted];
    const message: StoreChange[] = victims === undefined ? [] : [{ put, value }];
    const removed = [...(victims ?? []).map((entry) => entry.number), ...done];
    await this.options.store.write([
      ...message,
      ...also,
      ...removed.map((one) => ({ del: keyOf(PREFIX, one) })),
    ]);
    for (const one of done) this.undeleted.delete(one);
    for (const entry of victims ?? []) this.drop(entry);
    if (victims === undefined) this.countDrop(kind);
    else this.index.add(number, kind, bytes);
    return number;
  }

  /** Past the window: one more in flight than {@link IN_FLIGHT_LIMIT}, which waits for the next acknowledgement at most. */
  private sendFirst(number: number, message: KeptMessage): void {
    const entry = this.index.get(number);
    if (!this.flowing || entry === undefined || entry.inFlight) return;
    entry.inFlight = true;
    this.inFlight += 1;
    inBackground(this.sendOne(entry, message, this.flow), this.options.log, 'sending from the outbox');
  }

  private drop(entry: OutboxEntry): void {
    if (this.index.remove(entry)) this.countDrop(entry.kind);
  }

  private countDrop(kind: OutboxKind): void {
    this.dropped[kind] += 1;
    // The first and then each hundredth: a flood must not fill the log as well.
    if (this.dropped[kind] % 100 === 1) {
      this.options.log.warn({ kind, dropped: this.dropped[kind] }, 'outbox full: messages dropped');
    }
  }

  resume(): void {
    if (this.closed) return;
    this.pause();
    this.flowing = true;
    this.cursor = this.index.oldest;
    this.send();
  }

  pause(): void {
    this.cancelAgain?.();
    this.cancelAgain = undefined;
    this.flow += 1;
    this.flowing = false;
    this.inFlight = 0;
    this.index.landAll();
  }

  private send(): void {
    if (this.reading) return;
    this.reading = true;
    inBackground(this.sendAll(), this.options.log, 'sending from the outbox');
  }

  /** Reads one message after the other, so that they leave in order; their acknowledgements are not waited for here. */
  private async sendAll(): Promise<void> {
    try {
      while (this.flowing && this.inFlight < IN_FLIGHT_LIMIT && this.cursor <= this.index.lastNumber) {
        const entry = this.index.get(this.cursor);
        this.cursor += 1;
        if (entry === undefined || entry.inFlight) continue;
        const flow = this.flow;
        entry.inFlight = true;
        this.inFlight += 1;
        const message = await this.counted(this.read(entry));
        if (flow !== this.flow) continue;
        if (message === undefined) {
          this.settled(entry);
          this.again();
          continue;
        }
        inBackground(this.sendOne(entry, message, flow), this.options.log, 'sending from the outbox');
      }
    } finally {
      this.reading = false;
    }
  }

  private async sendOne(entry: OutboxEntry, message: KeptMessage, flow: number): Promise<void> {
    try {
      await this.options.publish(message.topic, message.payload);
      await this.forget(entry);
    } catch (error) {
      await this.failed(entry, message, error);
    }
    if (flow !== this.flow) return;
    this.settled(entry);
    this.send();
  }

  /** Kept, and tried again: on the next connection, after a minute, or, refused for good, by the next process. */
  private async failed(entry: OutboxEntry, message: KeptMessage, error: unknown): Promise<void> {
    const { log } = this.options;
    const code = codeOf(error);
    if (code === 'E_LINK_LOST') {
      log.debug({ code, kind: entry.kind, error: messageOf(error) }, 'not acknowledged');
      return;
    }
    log.warn({ code, kind: entry.kind, error: messageOf(error) }, 'not acknowledged');
    const reason = error instanceof LoaError ? error.fields['reason'] : undefined;
    if (code === 'E_LINK_REFUSED' && typeof reason === 'number' && !FOR_NOW.includes(reason))
      await this.bury(entry, message);
    else this.again();
  }

  private async bury(entry: OutboxEntry, message: KeptMessage): Promise<void> {
    const { store, log } = this.options;
    try {
      await this.counted(
        this.writes.run(async () => {
          if (this.closed || this.index.get(entry.number) === undefined) return;
          const { changes, accept } = this.dead.bury(entry.number, encodeMessage(message));
          await store.write([...changes, { del: keyOf(PREFIX, entry.number) }]);
          this.index.remove(entry);
          this.refused += 1;
          const gone = accept();
          if (gone > 0) log.warn({ gone }, 'too many refused messages: the oldest are dropped');
        }),
      );
    } catch (error) {
      log.error({ code: codeOf(error), error: messageOf(error) }, 'a refused message is not put aside');
    }
  }

  /** In a minute, everything that is not under way is looked at again. */
  private again(): void {
    if (this.closed || !this.flowing || this.cancelAgain !== undefined) return;
    this.cancelAgain = this.options.clock.after(AGAIN_MS, () => {
      this.cancelAgain = undefined;
      this.cursor = this.index.oldest;
      this.send();
    });
  }

  private settled(entry: OutboxEntry): void {
    entry.inFlight = false;
    this.inFlight -= 1;
  }

  /** Undefined where it has been dropped meanwhile, or the disk does not give it: then it waits for the next connection. */
  private async read(entry: OutboxEntry): Promise<KeptMessage | undefined> {
    try {
      return decodeMessage(await this.options.store.get(keyOf(PREFIX, entry.number)));
    } catch (error) {
      this.options.log.error({ code: codeOf(error), error: messageOf(error) }, 'outbox not readable');
      return undefined;
    }
  }

  private async forget(entry: OutboxEntry): Promise<void> {
    this.index.remove(entry);
    this.undeleted.add(entry.number);
    if (this.closed) return;
    const deleted = this.writes.run(async () => {
      // One write deletes all that was acknowledged while the one before was at the disk.
      const done = [...this.undeleted];
      await this.options.store.write(done.map((number) => ({ del: keyOf(PREFIX, number) })));
      for (const number of done) this.undeleted.delete(number);
    });
    await this.counted(deleted).catch((error: unknown) => {
      this.options.log.warn(
        { code: codeOf(error), error: messageOf(error) },
        'sent, but still in the outbox',
      );
    });
  }

  private async counted<T>(work: Promise<T>): Promise<T> {
    this.working += 1;
    try {
      return await work;
    } finally {
      this.working -= 1;
      this.worked += 1;
    }
  }

  progress(): { done: number; busy: boolean } {
    return { done: this.worked, busy: this.puts + this.working > 0 };
  }

  pending(): OutboxFill {
    return {
      messages: this.index.messages,
      bytes: this.index.bytes,
      inFlight: this.inFlight,
      dropped: { ...this.dropped },
      refused: this.refused,
    };
  }

  async close(): Promise<void> {
    this.pause();
    this.closed = true;
    await this.writes.idle();
  }
}

function sizeOf(key: string, value: Uint8Array): number {
  return key.length + value.length;
}
