import { accepted, refused, type Outcome } from '../agent/core/errors.js';
import type { RingKey } from './key-ring.js';
import type { Assignment } from './messages/assignment.js';
import type { DownMessage } from './messages/catalogue.js';
import type { EntrySource, Schedule } from './messages/schedule.js';
import type { MessageSource, SoundSource } from './messages/sound-source.js';
import type { Authority } from './trust-document.js';

/** How far in the future a sender's clock may be, milliseconds. */
export const CLOCK_SKEW_MS = 5 * 60_000;
const LIVE_LIFE_MS = 10 * 60_000;
const OTHER_LIFE_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** UTC+7, all of the country, no summer time. */
export const COUNTRY_OFFSET_MS = 7 * 3_600_000;

/** What the receiver knows of itself when it judges a message. */
export interface Standing {
  readonly receiver: string;
  /** Undefined until the province has assigned the receiver: then only an assignment is accepted. */
  readonly assignment: Assignment | undefined;
  readonly nowMs: number;
  /**
   * The instant at which the validity of the key is judged, where it is not `nowMs`: what was taken before is not dropped for a
   * clock that may be years ahead. A revocation is always judged by `nowMs`.
   */
  readonly keyMs?: number;
  /** What was heard today (UTC+7) of an authority's plays, emergencies apart; nothing where it is left out. */
  readonly heardTodayMs?: (authorityId: string) => number;
}

type Grant = Authority['grants'][number];
type Check = Outcome<undefined>;
const fine: Check = accepted(undefined);

/**
 * May this authority say this here and now? Pure. The signature has been verified; replay is the journal's.
 * Whatever the target, the authority's area must contain the receiver's home area.
 */
export function authorise(message: DownMessage, key: RingKey, standing: Standing): Check {
  const { authority } = key;
  const grants = authority.grants.filter((one) => one.messages.includes(message.type));
  const checks: (() => Check)[] = [
    () => inValidity(key, standing),
    () => (grants.length === 0 ? refused('E_AUTHORITY_GRANT', `${message.type} is not granted`) : fine),
    () => inArea(message, authority, standing),
    () => inTime(message, standing.nowMs),
    () => forThisReceiver(message, standing),
    () => inPlayTime(message, standing.nowMs),
    () => withinOneOf(message, grants, standing),
  ];
  for (const check of checks) {
    const result = check();
    if (!result.ok) return refused(result.refusal.code, result.refusal.detail, { authority: authority.id });
  }
  return fine;
}

/** Is the key within its validity and not revoked? Pure. */
export function inValidity(key: RingKey, { nowMs, keyMs = nowMs }: Pick<Standing, 'nowMs' | 'keyMs'>): Check {
  if (key.revokedSinceMs !== undefined && key.revokedSinceMs <= nowMs) {
    return refused('E_AUTHORITY_REVOKED', 'revoked');
  }
  if (keyMs < key.notBeforeMs || keyMs > key.notAfterMs) {
    return refused('E_AUTHORITY_REVOKED', 'key out of its validity');
  }
  return fine;
}

function inArea(message: DownMessage, authority: Authority, standing: Standing): Check {
  // A first assignment brings the areas it is judged by. A later one is judged by those in force too: who does not
  // stand above a receiver must not take it over.
  const judgedBy = [standing.assignment, message.type === 'assignment' ? message : undefined];
  return standsAbove(
    authority,
    judgedBy.filter((one) => one !== undefined),
  );
}

/** Does the authority's area contain the receiver by each of these assignments, and is there one? Pure. */
export function standsAbove(authority: Authority, assignments: readonly Assignment[]): Check {
  if (assignments.length === 0) return refused('E_AUTHORITY_AREA', 'not assigned yet');
  for (const { body } of assignments) {
    if (!body.areas.includes(body.home)) return refused('E_MESSAGE_SCHEMA', 'home is not in areas');
    if (!body.areas.includes(authority.homeArea)) {
      return refused('E_AUTHORITY_AREA', `${authority.homeArea} does not contain this receiver`);
    }
  }
  return fine;
}

function inTime(message: DownMessage, nowMs: number): Check {
  const issuedAt = issuedAtOf(message);
  const issuedMs = Date.parse(issuedAt);
  if (issuedMs > nowMs + CLOCK_SKEW_MS) return refused('E_COMMAND_TIME', `issued in the future: ${issuedAt}`);
  if (!('expiresAt' in message)) return fine;
  const expiresMs = Date.parse(message.expiresAt);
  if (expiresMs <= nowMs) return refused('E_COMMAND_EXPIRED', `expired at ${message.expiresAt}`);
  const live =
    message.type === 'play.start' &&
    sourcesOf(message).some(({ kind }) => kind === 'live' || kind === 'capture');
  if (expiresMs - issuedMs > (live ? LIVE_LIFE_MS : OTHER_LIFE_MS))
    return refused('E_COMMAND_TIME', 'too long a life');
  if (message.notBefore !== undefined && Date.parse(message.notBefore) > nowMs + CLOCK_SKEW_MS) {
    return refused('E_COMMAND_TIME', `not before ${message.notBefore}`);
  }
  return fine;
}

/** When a message says that it was signed, RFC 3339. */
export function issuedAtOf(message: DownMessage): string {
  return message.type === 'beat' ? message.at : message.issuedAt;
}

function forThisReceiver(message: DownMessage, standing: Standing): Check {
  const place = 'target' in message ? message.target : message.slot;
  const assignment = standing.assignment?.body;
  if ('receiver' in place) {
    if (place.receiver !== standing.receiver) return refused('E_COMMAND_TARGET', `for ${place.receiver}`);
    if ('epoch' in place && Number(place.epoch) !== standing.assignment?.epoch) {
      return refused('E_COMMAND_TARGET', `for epoch ${Number(place.epoch)} of the assignment`);
    }
    return fine;
  }
  const member =
    'area' in place ? assignment?.areas.includes(place.area) : assignment?.groups.includes(place.group);
  return member === true ? fine : refused('E_COMMAND_TARGET', 'for another area or group');
}

function inPlayTime(message: DownMessage, nowMs: number): Check {
  if (message.type !== 'play.start') return fine;
  const { startAt, until } = message.body;
  const untilMs = Date.parse(until);
  if (untilMs <= nowMs) return refused('E_COMMAND_EXPIRED', `its lease ended at ${until}`);
  if (startAt === undefined) return fine;
  if (Date.parse(startAt) >= untilMs) return refused('E_COMMAND_TIME', 'starts after it ends');
  if (Date.parse(startAt) > Date.parse(message.expiresAt)) {
    return refused('E_COMMAND_TIME', `starts at ${startAt}, when the command has expired`);
  }
  return fine;
}

/** Grants are alternatives: what one of them allows is allowed; two halves never add up. */
function withinOneOf(message: DownMessage, grants: readonly Grant[], standing: Standing): Check {
  const results = grants.map((grant) => withinGrant(message, grant, standing));
  return results.find((result) => result.ok) ?? results[0] ?? fine;
}

function withinGrant(message: DownMessage, grant: Grant, standing: Standing): Check {
  if (
    grant.content === 'stored' &&
    sourcesOf(message).some(({ kind }) => kind !== 'stored' && kind !== 'message')
  ) {
    return refused('E_AUTHORITY_GRANT', 'only stored sounds are granted, no stream, file, text or line in');
  }
  // A CAP document is free text as well.
  if (grant.content === 'stored' && hasCap(message))
    return refused('E_AUTHORITY_GRANT', 'only stored sounds are granted, no CAP document');
  if (message.type === 'schedule') return entriesWithin(message, grant);
  if (message.type !== 'play.start') return fine;
  const { body, issuedAt } = message;
  if (body.class === 'priority' && grant.maxClass !== 'priority') {
    return refused('E_AUTHORITY_GRANT', 'class priority is not granted');
  }
  // From the sender's own instants, so that a difference of clocks neither lengthens nor refuses a play.
  const lengthMs = Date.parse(body.until) - Date.parse(body.startAt ?? issuedAt);
  if (lengthMs > grant.longestPlayMs) {
    return refused('E_AUTHORITY_GRANT', 'longer than the longest play granted');
  }
  const startMs = body.startAt === undefined ? standing.nowMs : Date.parse(body.startAt);
  if (!withinHours(grant.hours, startMs, Date.parse(body.until))) {
    return refused('E_AUTHORITY_HOURS', 'outside the hours granted');
  }
  const heardMs = standing.heardTodayMs?.(message.authority) ?? 0;
  if (grant.minutesADay !== undefined && heardMs >= grant.minutesADay * MINUTE_MS) {
    return refused('E_AUTHORITY_MINUTES', `the ${grant.minutesADay} minutes of this day are used up`);
  }
  return fine;
}

/** The hours and minutes of a grant are judged when an entry is due; what no time could change is judged at once. */
function entriesWithin(message: Schedule, grant: Grant): Check {
  for (const { id, slots, ...entry } of message.body.entries) {
    if (entry.class === 'priority' && grant.maxClass !== 'priority')
      return refused('E_AUTHORITY_GRANT', `class priority is not granted (entry ${id})`);
    if (slots.some(({ durationMs }) => durationMs > grant.longestPlayMs))
      return refused('E_AUTHORITY_GRANT', `longer than the longest play granted (entry ${id})`);
  }
  return fine;
}

/** Does one span of hours hold all of it? None given is the whole day. A play over midnight is in no span. */
export function withinHours(hours: Grant['hours'], startMs: number, endMs: number): boolean {
  if (hours === undefined) return true;
  const dayMs = Math.floor((startMs + COUNTRY_OFFSET_MS) / DAY_MS) * DAY_MS - COUNTRY_OFFSET_MS;
  return hours.some(
    ({ from, to }) => startMs >= dayMs + timeOfDayMs(from) && endMs <= dayMs + timeOfDayMs(to),
  );
}

function timeOfDayMs(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return (hour * 60 + minute) * MINUTE_MS;
}

/** The sounds that an entry of a schedule is made of. */
export function piecesOf(source: EntrySource): readonly SoundSource[] {
  return source.kind === 'playlist' ? source.items.map((item) => item.source) : [source];
}

function hasCap(message: DownMessage): boolean {
  return message.type === 'emergency.set' && message.body.emergencies.some(({ cap }) => cap !== undefined);
}

function sourcesOf(message: DownMessage): readonly (SoundSource | MessageSource)[] {
  if (message.type === 'play.start') return [message.body.source, ...(message.body.fallback ?? [])];
  if (message.type === 'schedule') return message.body.entries.flatMap(({ source }) => piecesOf(source));
  if (message.type === 'emergency.set') return message.body.emergencies.flatMap(({ content }) => content);
  return [];
}
