import type { StoredMessage } from '../../protocols/messages/desired.js';
import type { EntrySource } from '../../protocols/messages/schedule.js';
import type { ChainSource } from '../sound/messages.js';
import { planDay, type KeptSchedule } from './day-plan.js';

/** A file that will be asked for. */
export interface WantedMedia {
  readonly url: string;
  /** Lower-case hexadecimal; the same file asked for by many entries is wanted once. */
  readonly sha256: string;
  /** When it is needed first, wall time, milliseconds; 0 for an emergency's: at any moment. */
  readonly neededMs: number;
}

const DAY_MS = 86_400_000;
/** What is needed within this time is never given up for anything else, milliseconds. */
export const KEPT_AHEAD_MS = 2 * DAY_MS;
/** Numbered messages are needed so soon, as if they were: milliseconds. */
const MESSAGES_AHEAD_MS = DAY_MS;
/** Files looked ahead for at most; an emergency's come first, then by need. */
const WANTED_LIMIT = 4_096;

/**
 * The files that the days to come will ask for, in the order in which they are to be fetched: an emergency's first, then by when
 * they are needed. Pure.
 * @param emergencies what is in force, or will be, may sound from
 * @param aheadMs how far ahead to look
 * @param messages the numbered ones: they may be asked for at any time, and are kept for good, but are fetched without haste
 */
export function planMedia(
  schedules: readonly KeptSchedule[],
  emergencies: readonly ChainSource[],
  nowMs: number,
  aheadMs: number,
  messages: readonly StoredMessage[] = [],
): WantedMedia[] {
  const wanted = new Map<string, WantedMedia>();
  const want = (source: EntrySource | ChainSource, neededMs: number): void => {
    if (source.kind === 'playlist') for (const item of source.items) want(item.source, neededMs);
    if (source.kind !== 'file' || wanted.has(source.sha256) || wanted.size >= WANTED_LIMIT) return;
    wanted.set(source.sha256, { url: source.url, sha256: source.sha256, neededMs });
  };
  for (const source of emergencies) want(source, 0);
  // Sorted by start: the first that asks for a file is the one that needs it first.
  for (const { entry, startMs } of planDay(schedules, nowMs, nowMs + aheadMs).occurrences)
    want(entry.source, startMs);
  for (const { url, sha256 } of messages)
    want({ kind: 'file', url, sha256, onInterrupt: 'resume' }, nowMs + MESSAGES_AHEAD_MS);
  return [...wanted.values()].sort((one, other) => one.neededMs - other.neededMs);
}

/**
 * How long to wait before a file is asked for, milliseconds, so that the receivers of a commune do not all come at once. Pure. An
 * emergency's file and one that is needed soon wait hardly at all.
 * @param place this receiver's place in the crowd, 0 to 1, always the same
 * @param spreadMs over how long the crowd is spread
 */
export function spreadOf({ neededMs }: WantedMedia, nowMs: number, place: number, spreadMs: number): number {
  const soonMs = Math.max(0, (neededMs - nowMs) / 4);
  return Math.round(place * Math.min(spreadMs, soonMs));
}
