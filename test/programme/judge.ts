import type { EmergencySet } from '../../protocols/messages/emergency.js';
import type { Receipt } from '../../protocols/messages/up.js';
import type { Schedule, ScheduleEntry } from '../../protocols/messages/schedule.js';
import type { GateRules } from '../../agent/sound/air-gate.js';
import type { Heard, Opened } from './virtual-air.js';

/** A schedule put in force, or taken away, at an instant of the monotonic clock. */
export interface Published {
  readonly schedule: Schedule | undefined;
  readonly fromMonotonicMs: number;
}

/** A bulletin that was taken, and how long its lease lasts. */
export interface Lease {
  readonly playId: string;
  readonly fromMonotonicMs: number;
  readonly toMonotonicMs: number;
}

/** A set of emergencies put in force at an instant of the monotonic clock. */
export interface PublishedSet {
  readonly set: EmergencySet;
  readonly fromMonotonicMs: number;
}

/** All that a judge looks at. */
export interface Evidence {
  readonly runs: readonly { readonly heard: readonly Heard[]; readonly opened: readonly Opened[] }[];
  readonly receipts: readonly Receipt['body'][];
  readonly published: readonly Published[];
  readonly sets: readonly PublishedSet[];
  readonly leases: readonly Lease[];
  readonly rules: GateRules;
}

const DAY_MS = 86_400_000;
const COUNTRY_MS = 7 * 3_600_000;

interface Time {
  readonly entry: ScheduleEntry;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * What was heard that should not have been, by rules written here a second time and simply: the permitted hours, each entry's time,
 * each occurrence at most once, each lease to its end and no further, nothing of a schedule that is not in force, each emergency
 * while it is in force and no sooner again than it says.
 */
export function broken(evidence: Evidence): string[] {
  const found: string[] = [];
  const begun = new Map<string, number>();
  for (const { heard, opened } of evidence.runs) {
    const here = new Set<string>();
    const sounded = new Map<string, number>();
    for (const one of opened) {
      const parts = heard.filter(({ playId }) => playId === one.spec.playId);
      if (one.spec.class === 'emergency') {
        found.push(...outsideEmergency(one, parts, evidence.sets, sounded));
        continue;
      }
      found.push(...outsideHours(one, parts, evidence.rules));
      const lease = evidence.leases.find(({ playId }) => playId === one.spec.playId);
      if (lease !== undefined) {
        if (parts.some(({ toMonotonicMs }) => toMonotonicMs > lease.toMonotonicMs + 1))
          found.push(`${lease.playId} was heard after its lease`);
        continue;
      }
      const time = timeOf(one, evidence.published);
      if (time === undefined) {
        found.push(
          `${one.spec.playId} was opened at ${new Date(one.atMs).toISOString()}, in no time of an entry`,
        );
        continue;
      }
      found.push(...outsideTime(one, parts, time, evidence.published));
      const key = `${time.entry.id} ${urlOf(one)} ${time.startMs}`;
      if (here.has(key)) found.push(`${key} was opened twice in one run`);
      here.add(key);
      const before = begun.get(key);
      if (before !== undefined && endedBefore(evidence, time, one)) found.push(`${key} was played again`);
      begun.set(key, one.atMs);
    }
  }
  return found;
}

function outsideHours(one: Opened, parts: readonly Heard[], rules: GateRules): string[] {
  const airClass = one.spec.class;
  if (airClass !== 'normal' && airClass !== 'priority') return [`${one.spec.playId} has no class`];
  // Whole minutes are permitted or not: look at each minute that a part touches.
  const bad = parts.find(({ fromMs, toMs }) => {
    for (let atMs = fromMs; atMs < toMs; atMs += 60_000 - (atMs % 60_000)) {
      const ofDayMs = (((atMs + COUNTRY_MS) % DAY_MS) + DAY_MS) % DAY_MS;
      if (!rules.hours[airClass].some(({ fromMs: a, toMs: b }) => a <= ofDayMs && ofDayMs < b)) return true;
    }
    return false;
  });
  return bad === undefined
    ? []
    : [`${one.spec.playId} was heard at ${new Date(bad.fromMs).toISOString()}, out of hours`];
}

/** @param sounded when each emergency last began to sound in this run, by its address; filled in here */
function outsideEmergency(
  one: Opened,
  parts: readonly Heard[],
  sets: readonly PublishedSet[],
  sounded: Map<string, number>,
): string[] {
  const url = urlOf(one);
  const inForce = sets.findLast(({ fromMonotonicMs }) => fromMonotonicMs <= one.atMonotonicMs)?.set;
  const emergency = inForce?.body.emergencies.find(
    ({ content: [first] }) => first !== undefined && 'url' in first && first.url === url,
  );
  if (inForce === undefined || emergency === undefined) return [`${url} was sounded, in force nowhere`];
  const found: string[] = [];
  const startMs = Date.parse(emergency.startsAt);
  const endMs = Date.parse(emergency.endsAt);
  const begun = Math.max(one.atMs, Date.parse(inForce.issuedAt)) >= startMs;
  if (emergency.status !== 'actual') found.push(`a ${emergency.status} was sounded`);
  if (!begun || one.atMs >= endMs) found.push(`${emergency.id} was sounded outside its time`);
  const lastMs = sounded.get(url);
  // A clock that stepped back has lost the memory: a repeat is preferred to a miss.
  if (lastMs !== undefined && lastMs <= one.atMs && one.atMs - lastMs < emergency.repeatEveryMs)
    found.push(`${emergency.id} was sounded again too soon`);
  sounded.set(url, one.atMs);
  const next = sets.find(
    ({ fromMonotonicMs, set }) => fromMonotonicMs > one.atMonotonicMs && !holds(set, emergency.id),
  );
  const lastMonotonicMs = Math.min(one.atMonotonicMs + endMs - one.atMs, next?.fromMonotonicMs ?? Infinity);
  if (parts.some(({ toMonotonicMs }) => toMonotonicMs > lastMonotonicMs + 50))
    found.push(`${emergency.id} was heard after its end or its withdrawal`);
  return found;
}

function holds({ body }: EmergencySet, id: string): boolean {
  return body.emergencies.some((one) => one.id === id);
}

function urlOf({ spec }: Opened): string {
  const [source] = spec.chain;
  return source !== undefined && 'url' in source ? source.url : '';
}

/** The time of the entry that has this sound, of the schedule in force when it was opened. */
function timeOf(one: Opened, published: readonly Published[]): Time | undefined {
  const inForce = published.findLast(({ fromMonotonicMs }) => fromMonotonicMs <= one.atMonotonicMs);
  const entry = inForce?.schedule?.body.entries.find(
    ({ source }) => 'url' in source && source.url === urlOf(one),
  );
  if (entry === undefined) return undefined;
  const today = Math.floor((one.atMs + COUNTRY_MS) / DAY_MS);
  for (const day of [today - 1, today]) {
    const weekday = new Date(day * DAY_MS).getUTCDay() || 7;
    if (entry.weekdays !== undefined && !entry.weekdays.includes(weekday)) continue;
    for (const { at, durationMs } of entry.slots) {
      const startMs = Date.parse(`1970-01-01T${at}Z`) + day * DAY_MS - COUNTRY_MS;
      if (startMs <= one.atMs && one.atMs < startMs + durationMs)
        return { entry, startMs, endMs: startMs + durationMs };
    }
  }
  return undefined;
}

function outsideTime(
  one: Opened,
  parts: readonly Heard[],
  time: Time,
  published: readonly Published[],
): string[] {
  const found: string[] = [];
  const lastsMs = time.endMs - one.atMs;
  const lateMs = one.atMs - time.startMs;
  const { policy, graceMs } = time.entry.missed;
  const onTime = lateMs <= 2_000;
  if (!onTime && policy === 'skip') found.push(`${time.entry.id} was begun ${lateMs} ms late`);
  if (!onTime && policy === 'restart' && lateMs > graceMs)
    found.push(`${time.entry.id} was begun after its grace`);
  if (policy === 'join' && !onTime && Math.abs((one.spec.offsetMs ?? 0) - lateMs) > 1)
    found.push(`${time.entry.id} was not joined where it would be`);
  const next = published.find(({ fromMonotonicMs }) => fromMonotonicMs > one.atMonotonicMs);
  const gone = next?.schedule?.body.entries.find(({ id }) => id === time.entry.id) === undefined;
  const endMonotonicMs = one.atMonotonicMs + lastsMs;
  const lastMs = next !== undefined && gone ? Math.min(endMonotonicMs, next.fromMonotonicMs) : endMonotonicMs;
  // A timer of the programme may be 50 ms late.
  if (parts.some(({ toMonotonicMs }) => toMonotonicMs > lastMs + 50))
    found.push(`${time.entry.id} was heard after its end or its withdrawal`);
  return found;
}

/** Was a receipt given for this time before it was opened again? */
function endedBefore({ receipts }: Evidence, time: Time, one: Opened): boolean {
  return receipts.some(
    ({ scheduled, playId, title }) =>
      playId !== one.spec.playId &&
      title === time.entry.title &&
      scheduled?.entry === time.entry.id &&
      Date.parse(scheduled.startsAt) === time.startMs &&
      Number(playId.replace('play-', '')) < Number(one.spec.playId.replace('play-', '')),
  );
}
