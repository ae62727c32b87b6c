import type { DayPlan, Occurrence } from './day-plan.js';

/** What became of an occurrence here: `begun` may have been cut off, `done` is never taken up again. */
export type OccurrenceState = 'begun' | 'done';

/** What became of past occurrences, by their key. Kept across restarts. */
export type OccurrenceMemory = ReadonlyMap<string, OccurrenceState>;

/** Why an occurrence is not played. */
export type MissedReason = 'late' | 'over';

/** An occurrence that is to be on air now. */
export interface DueOccurrence {
  readonly occurrence: Occurrence;
  /** How far into it to begin, milliseconds; 0 is its beginning. */
  readonly offsetMs: number;
}

/** What is to be done now. */
export interface Decision {
  /** To be on air now, whether or not they are already. */
  readonly due: readonly DueOccurrence[];
  /** To be written down as not played, and never taken up. */
  readonly missed: readonly { readonly occurrence: Occurrence; readonly reason: MissedReason }[];
  /** When the next one begins or one of these is over, wall time in milliseconds; at most the end of the plan. */
  readonly lookAgainMs: number;
}

/** A start within this of its time is on time, milliseconds: a timer and a wake-up take some. */
export const ON_TIME_MS = 2_000;

/**
 * What is on air by the schedule now. Pure. An occurrence is taken up between its start and its end and at no other time: whatever
 * the clock did, nothing begins early and nothing is caught up on. One whose start was missed follows its policy.
 * @param seen what is on air by an earlier decision goes on whatever its policy; `sinceMs` is when was looked last: what has
 * passed unseen since then is told as missed
 */
export function decide(
  plan: DayPlan,
  memory: OccurrenceMemory,
  nowMs: number,
  seen: { readonly onAir: ReadonlySet<string>; readonly sinceMs: number },
): Decision {
  const due: DueOccurrence[] = [];
  const missed: { occurrence: Occurrence; reason: MissedReason }[] = [];
  let lookAgainMs = plan.toMs;
  const end = firstAfter(plan.occurrences, nowMs);
  const next = plan.occurrences[end];
  if (next !== undefined) lookAgainMs = Math.min(lookAgainMs, next.startMs);
  const first = firstEndingAfter(plan.endsBy, Math.min(nowMs, seen.sinceMs));
  for (let i = first; i < end; i += 1) {
    const occurrence = plan.occurrences[i] as Occurrence;
    const state = memory.get(occurrence.key);
    if (state === 'done') continue;
    if (occurrence.endMs <= nowMs) {
      if (occurrence.startMs > seen.sinceMs && state === undefined)
        missed.push({ occurrence, reason: 'over' });
      continue;
    }
    const offsetMs = seen.onAir.has(occurrence.key) ? 0 : offsetOf(occurrence, nowMs);
    if (offsetMs === undefined) missed.push({ occurrence, reason: 'late' });
    else {
      due.push({ occurrence, offsetMs });
      lookAgainMs = Math.min(lookAgainMs, occurrence.endMs);
    }
  }
  return { due, missed, lookAgainMs };
}

/** Index of the first occurrence that starts after an instant. */
function firstAfter(occurrences: readonly Occurrence[], nowMs: number): number {
  return firstWhere(occurrences.length, (i) => (occurrences[i] as Occurrence).startMs > nowMs);
}

/** Index of the first occurrence that was not over at an instant; those before it were told long ago. */
function firstEndingAfter(endsBy: Float64Array, atMs: number): number {
  return firstWhere(endsBy.length, (i) => (endsBy[i] as number) > atMs);
}

/** The first index for which it holds, of a row in which it holds from there on. */
function firstWhere(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function offsetOf({ entry, startMs }: Occurrence, nowMs: number): number | undefined {
  const lateMs = nowMs - startMs;
  if (lateMs <= ON_TIME_MS) return 0;
  switch (entry.missed.policy) {
    case 'join':
      return lateMs;
    case 'restart':
      return lateMs <= entry.missed.graceMs ? 0 : undefined;
    case 'skip':
      return undefined;
  }
}
