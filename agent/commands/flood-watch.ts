import type { EventBody } from '../../protocols/messages/up.js';
import type { Clock } from '../core/clock.js';

/** Refusals on one subscription within {@link FLOOD_WINDOW_MS} that make a flood: an honest sender's mistakes are a handful. */
export const FLOOD_LIMIT = 300;
/** Milliseconds. */
export const FLOOD_WINDOW_MS = 60_000;
/** How long a flooded topic of commands is left, milliseconds. */
export const COMMANDS_LEFT_MS = 60_000;
/** How long one of documents is left, milliseconds: shorter, an emergency may be among them. Coming back brings what is retained. */
export const DOCUMENTS_LEFT_MS = 10_000;

interface Counted {
  readonly sinceMs: number;
  readonly refusals: number;
}

/** What the watch stands on. */
export interface FloodWatchParts {
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>;
  /** The topics wanted have changed: they are to be asked of {@link FloodWatch.without} again. */
  readonly onChange: () => void;
  readonly tell: (body: EventBody) => void;
}

/**
 * Leaves a topic on which hundreds of messages a minute are refused, reports it, and comes back. Each refusal costs time that a small
 * board does not have: the other topics must not wait for it. Holds no more entries than there are subscriptions.
 */
export class FloodWatch {
  readonly #parts: FloodWatchParts;
  readonly #counted = new Map<string, Counted>();
  readonly #left = new Map<string, () => void>();
  #wanted: readonly string[] = [];

  constructor(parts: FloodWatchParts) {
    this.#parts = parts;
  }

  /** The topics to subscribe to now, of all that are wanted. */
  without(wanted: readonly string[]): string[] {
    this.#wanted = wanted;
    for (const topic of this.#counted.keys()) if (!wanted.includes(topic)) this.#counted.delete(topic);
    return wanted.filter((topic) => !this.#left.has(topic));
  }

  /** A message on this topic was refused. */
  refused(topic: string): void {
    const filter = this.#wanted.find((one) => isWithin(topic, one));
    if (filter === undefined || this.#left.has(filter)) return;
    const nowMs = this.#parts.clock.monotonicMs();
    const before = this.#counted.get(filter);
    const isRunning = before !== undefined && nowMs - before.sinceMs < FLOOD_WINDOW_MS;
    const counted = isRunning
      ? { ...before, refusals: before.refusals + 1 }
      : { sinceMs: nowMs, refusals: 1 };
    this.#counted.set(filter, counted);
    if (counted.refusals >= FLOOD_LIMIT) this.#leave(filter);
  }

  /** Ends its timers. */
  close(): void {
    for (const cancel of this.#left.values()) cancel();
  }

  #leave(filter: string): void {
    this.#counted.delete(filter);
    const leftMs = filter.endsWith('/command') ? COMMANDS_LEFT_MS : DOCUMENTS_LEFT_MS;
    const fields = { topic: filter.slice(0, 200) };
    const back = (): void => {
      this.#left.delete(filter);
      this.#parts.tell({ kind: 'cleared', code: 'E_TOPIC_FLOODED', detail: 'subscribed to again', fields });
      this.#parts.onChange();
    };
    this.#left.set(filter, this.#parts.clock.after(leftMs, back));
    const detail = `${FLOOD_LIMIT} refusals within a minute: left for ${leftMs / 1000} s`;
    this.#parts.tell({ kind: 'alarm', code: 'E_TOPIC_FLOODED', detail, fields });
    this.#parts.onChange();
  }
}

/** Does a subscription, exact or with a trailing `+`, bring this topic? */
function isWithin(topic: string, filter: string): boolean {
  if (!filter.endsWith('/+')) return topic === filter;
  const before = filter.slice(0, -1);
  return topic.startsWith(before) && !topic.slice(before.length).includes('/');
}
