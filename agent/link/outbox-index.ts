import { rankOf, RANKS, type OutboxKind } from './outbox-message.js';

/** What is known of a message of the outbox without reading it. */
export interface OutboxEntry {
  /** Its place in the order; the key on the disk is made of it. */
  readonly number: number;
  readonly rank: (typeof RANKS)[number];
  readonly kind: OutboxKind;
  /** Of key and value together. */
  readonly bytes: number;
  inFlight: boolean;
}

/** Which messages are in the outbox, in their order and by their class. In memory only. */
export class OutboxIndex {
  /** By number, oldest first. Numbers only grow. */
  private readonly entries = new Map<number, OutboxEntry>();
  private readonly byRank = RANKS.map(() => new Map<number, OutboxEntry>());
  private sum = 0;
  private highest = 0;

  get messages(): number {
    return this.entries.size;
  }

  /** Of all messages together. */
  get bytes(): number {
    return this.sum;
  }

  /** The highest number that there ever was. */
  get lastNumber(): number {
    return this.highest;
  }

  /** Number of the oldest message, or of the next that will be. */
  get oldest(): number {
    return this.entries.keys().next().value ?? this.highest + 1;
  }

  get(number: number): OutboxEntry | undefined {
    return this.entries.get(number);
  }

  add(number: number, kind: OutboxKind, bytes: number): void {
    const entry: OutboxEntry = { number, kind, rank: rankOf(kind), bytes, inFlight: false };
    this.entries.set(number, entry);
    this.byRank[entry.rank]?.set(number, entry);
    this.sum += bytes;
    this.highest = Math.max(this.highest, number);
  }

  /** False where it has gone already. */
  remove(entry: OutboxEntry): boolean {
    if (!this.entries.delete(entry.number)) return false;
    this.byRank[entry.rank]?.delete(entry.number);
    this.sum -= entry.bytes;
    return true;
  }

  /** Nothing is under way any more. */
  landAll(): void {
    for (const entry of this.entries.values()) entry.inFlight = false;
  }

  /**
   * What must go so that a new message of a class fits: the oldest of the lowest class that are not under way.
   * Undefined where the new message is itself the least.
   */
  victims(bytes: number, rank: number, limitBytes: number): OutboxEntry[] | undefined {
    let excess = this.sum + bytes - limitBytes;
    const victims: OutboxEntry[] = [];
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
}
