import { parseDownTopic } from '../../protocols/topics.js';
import type { Clock } from '../core/clock.js';
import { inflow, inflowStart, type InflowLimits, type InflowState } from '../core/inflow.js';

/** Kinds of messages that pass all others: an emergency, and what it is judged by. */
const URGENT: ReadonlySet<string> = new Set(['trust', 'assignment', 'emergency']);

/** Most that waits of one topic, and of all together: of a kind, then bytes. */
export const WAITING_LIMITS = { ofTopic: 64, messages: 256, bytes: 2 * 1_048_576 } as const;

/** So many messages in a row, each within {@link ROW_GAP_MS} of the end of the one before: more comes than a province sends. */
export const ROW_LIMIT = 32;
/** Milliseconds. */
export const ROW_GAP_MS = 20;

/** Nothing holds up what is behind it for longer than this, milliseconds: a disk may hang for seconds. */
export const HELD_MS = 50;

/** How much of what waits is looked into: the processor is left to the sound. */
export const LANE_LIMITS: InflowLimits = {
  messagesPerSecond: 50,
  messageBurst: 300,
  bytesPerSecond: 131_072,
  byteBurst: 4 * 1_048_576,
};

function isUrgent(topic: string): boolean {
  return URGENT.has(parseDownTopic(topic)?.kind ?? '');
}

/** What the lanes stand on. */
export interface LaneParts {
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>;
  /** Deals with one message. Must not reject. */
  readonly handle: (topic: string, payload: Uint8Array) => Promise<void>;
  /** A message on this topic was not looked into, as too many waited. */
  readonly onShed: (topic: string) => void;
}

interface Waiting {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Lets it be acknowledged; harmless where it was before. */
  readonly done: () => void;
}

/**
 * Between the link and the intake: emergencies, and what they are judged by, pass what waits. A broker sends in order and no more than
 * its window before it has acknowledgements; so an emergency behind ten thousand commands comes only if those are taken off the wire.
 * Ordinary messages are acknowledged when they have been dealt with, until {@link ROW_LIMIT} of them have come without a pause, or the row
 * has lasted for {@link HELD_MS}; from there on, and wherever they have to wait for their turn because too much was looked into of late, when
 * they wait here (a power cut would lose those); what does not fit is counted and let go. When nothing waits any more, it is as before. An
 * emergency that the disk has not taken after as long is acknowledged, too: it is in force, and retained at the broker.
 */
export class Lanes {
  readonly #parts: LaneParts;
  readonly #waiting: Waiting[] = [];
  readonly #ofTopic = new Map<string, number>();
  #bytes = 0;
  #busy = false;
  #row = 0;
  #rowBeganMs = -Infinity;
  /** Nothing is looked into for a while: who waits behind is acknowledged, lest the broker's window stays full. */
  #paused = false;
  #freeAtMs = -Infinity;
  #flow: InflowState;
  #cancel: () => void = () => undefined;
  #cancelHeld: () => void = () => undefined;
  #closed = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.#flow = inflowStart(parts.clock.monotonicMs(), LANE_LIMITS);
  }

  /** How many ordinary messages wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes a message as it comes in; resolves when it may be acknowledged to the broker. */
  take(topic: string, payload: Uint8Array): Promise<void> {
    const { clock, handle } = this.#parts;
    if (isUrgent(topic)) {
      const handled = handle(topic, payload);
      return parseDownTopic(topic)?.kind === 'emergency' ? this.#soon(handled) : handled;
    }
    if (this.#sheds(topic, payload.length)) return Promise.resolve();
    const nowMs = clock.monotonicMs();
    const isIdle = !this.#busy && nowMs - this.#freeAtMs > ROW_GAP_MS;
    if (isIdle) this.#rowBeganMs = nowMs;
    this.#row = isIdle ? 1 : this.#row + 1;
    return new Promise((resolve) => {
      this.#put({ topic, payload, done: resolve });
      if (this.#paused || this.#row > ROW_LIMIT || nowMs - this.#rowBeganMs > HELD_MS) resolve();
      if (!this.#busy) this.#next();
    });
  }

  /** True, and told, where an ordinary message has no room: the link need not even take it in. */
  sheds(topic: string, bytes: number): boolean {
    return this.#waiting.length > 0 && !isUrgent(topic) && this.#sheds(topic, bytes);
  }

  /** Looks into nothing more; what waits is let go. */
  close(): void {
    this.#closed = true;
    this.#cancel();
    this.#cancelHeld();
    for (const { done } of this.#waiting.splice(0)) done();
  }

  #sheds(topic: string, bytes: number): boolean {
    const fits =
      !this.#closed &&
      this.#waiting.length < WAITING_LIMITS.messages &&
      this.#bytes + bytes <= WAITING_LIMITS.bytes &&
      (this.#ofTopic.get(topic) ?? 0) < WAITING_LIMITS.ofTopic;
    if (!fits) this.#parts.onShed(topic);
    return !fits;
  }

  /** Resolves with the work, or after {@link HELD_MS}. */
  #soon(work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(HELD_MS, resolve);
      void work.finally(() => {
        cancel();
        resolve();
      });
    });
  }

  #put(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#bytes += waiting.payload.length;
    this.#ofTopic.set(waiting.topic, (this.#ofTopic.get(waiting.topic) ?? 0) + 1);
  }

  #next(): void {
    const next = this.#waiting.shift();
    this.#busy = next !== undefined && !this.#closed;
    if (next === undefined || this.#closed) return;
    const { topic, payload, done } = next;
    this.#bytes -= payload.length;
    const left = (this.#ofTopic.get(topic) ?? 1) - 1;
    if (left === 0) this.#ofTopic.delete(topic);
    else this.#ofTopic.set(topic, left);
    this.#cancelHeld = this.#parts.clock.after(HELD_MS, () => {
      done();
      for (const waiting of this.#waiting) waiting.done();
    });
    void this.#parts.handle(topic, payload).finally(() => {
      this.#cancelHeld();
      done();
      this.#freeAtMs = this.#parts.clock.monotonicMs();
      this.#afterPause(payload.length);
    });
  }

  #afterPause(bytes: number): void {
    const piece = { messages: 1, bytes };
    const { state, waitMs } = inflow(this.#flow, piece, this.#freeAtMs, LANE_LIMITS);
    this.#flow = state;
    if (waitMs === 0) {
      this.#next();
      return;
    }
    this.#paused = true;
    for (const { done } of this.#waiting) done();
    this.#cancel = this.#parts.clock.after(waitMs, () => {
      this.#paused = false;
      this.#next();
    });
  }
}
