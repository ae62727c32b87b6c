/** An event as its cause tells it; how often it happened is counted here. */
export interface EventBody {
  readonly kind: 'alarm' | 'cleared' | 'security' | 'notice';
  readonly code: string;
  readonly detail: string;
  readonly fields?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** An event with how often it happened. */
export type CountedEvent = EventBody & { readonly count: number };

/** Repeats that wait for the end of their minute. Instants of the monotonic clock, milliseconds. */
export interface EventCounts {
  readonly open: ReadonlyMap<
    string,
    { readonly untilMs: number; readonly last: EventBody; readonly repeats: number }
  >;
}

/** Nothing counted. */
export const NO_EVENTS: EventCounts = { open: new Map() };

/** Repeats within so long are one event. */
export const COUNT_MS = 60_000;
/** Different events of one kind that are counted apart: 64 in all. Beyond, what is new of that kind is counted as one. */
export const COUNT_LIMIT = 16;

/**
 * Takes one event: the first of its sort is sent at once, repeats are counted. In a flood of ever new events (an attacker
 * may vary a field) the table stays bounded: beyond it all new ones of a kind share one count, and none of them is sent
 * at once. Each kind has room of its own, so that a flood of refusals does not delay an alarm.
 */
export function countEvent(
  counts: EventCounts,
  event: EventBody,
  nowMs: number,
): { counts: EventCounts; send: CountedEvent | undefined } {
  const own = JSON.stringify([event.kind, event.code, event.fields ?? {}]);
  const sameKind = [...counts.open.values()].filter(({ last }) => last.kind === event.kind);
  const full = !counts.open.has(own) && sameKind.length >= COUNT_LIMIT;
  const key = full ? event.kind : own;
  const before = counts.open.get(key);
  const untilMs = before?.untilMs ?? nowMs + COUNT_MS;
  const first = before === undefined && !full;
  const repeats = (before?.repeats ?? 0) + (first ? 0 : 1);
  const open = new Map(counts.open).set(key, { untilMs, last: event, repeats });
  return { counts: { open }, send: first ? { ...event, count: 1 } : undefined };
}

/** The counts whose minute has ended by `nowMs` (Infinity: all of them), and what is left. */
export function dueEvents(
  counts: EventCounts,
  nowMs: number,
): { counts: EventCounts; send: CountedEvent[]; nextMs: number | undefined } {
  const all = [...counts.open];
  const due = all.filter(([, { untilMs }]) => untilMs <= nowMs);
  const left = all.filter(([, { untilMs }]) => untilMs > nowMs);
  return {
    counts: { open: new Map(left) },
    send: due
      .filter(([, { repeats }]) => repeats > 0)
      .map(([, { last, repeats }]) => ({ ...last, count: repeats })),
    nextMs: left.length === 0 ? undefined : Math.min(...left.map(([, { untilMs }]) => untilMs)),
  };
}
