import type { PlayStart } from '../../protocols/messages/play.js';
import type { TextSound } from '../../protocols/messages/sound-source.js';
import type { Authority } from '../../protocols/trust-document.js';
import type { ToneSource } from '../sound/messages.js';
import type { Bulletin } from './bulletin.js';
import type { Occurrence } from './day-plan.js';
import type { DueEmergency } from './emergency-desk.js';
import { dayLimitMs } from './renewal.js';

/** A bulletin as it was asked for: what does not stand in it is found out while it is open. */
export type Asked = Omit<Bulletin, 'turn' | 'closing' | 'firstSampleMs' | 'troubles' | 'heardLinks'>;

/** Both clocks at the moment of asking, milliseconds. */
export interface AskedAt {
  readonly nowMs: number;
  readonly monotonicMs: number;
}

/** Nothing of a 16-bit sample is left by it, and the mixer does not take it for a play that is not on air. */
const SILENT_DB = -200;
/** Longest silent test; it ends by itself before. */
const SILENT_MS = 60_000;

/** How long a test tone may go on after its length: it ends by itself, and must not be cut for a late block. */
const TONE_OVER_MS = 1_000;

const UNASKED = {
  commandId: undefined,
  emergencyId: undefined,
  emergencyKey: undefined,
  occurrence: undefined,
  severity: undefined,
} as const;

/** A play that a command asks for. Pure. */
export function askedByCommand(message: PlayStart, authority: Authority, at: AskedAt): Asked {
  const { body } = message;
  const chain = [body.source, ...(body.fallback ?? [])];
  return {
    ...UNASKED,
    playId: body.playId,
    commandId: message.id,
    authority: authority.id,
    level: authority.level,
    class: body.class,
    rank: body.rank,
    title: body.title,
    chain,
    gainDb: body.gainDb,
    askedMs: at.nowMs,
    issuedMs: Date.parse(message.issuedAt),
    startMs: Date.parse(body.startAt ?? message.issuedAt),
    dayLimitMs: dayLimitMs('play.start', authority, body.class, chain),
    endsMonotonicMs: leaseEndMs(message, at),
  };
}

/** The monotonic end of the lease that a command gives, milliseconds: no step of the wall clock moves it afterwards. Pure. */
export function leaseEndMs({ body }: PlayStart, { nowMs, monotonicMs }: AskedAt): number {
  return monotonicMs + Date.parse(body.until) - nowMs;
}

/** One time of a schedule's entry. Pure. */
export function askedBySchedule(
  playId: string,
  occurrence: Occurrence,
  authority: Authority,
  at: AskedAt,
): Asked {
  const { entry, startMs, endMs } = occurrence;
  return {
    ...UNASKED,
    playId,
    occurrence,
    authority: authority.id,
    level: authority.level,
    class: entry.class,
    rank: entry.rank,
    title: entry.title,
    chain: [entry.source],
    gainDb: entry.gainDb,
    askedMs: at.nowMs,
    issuedMs: startMs,
    startMs,
    dayLimitMs: dayLimitMs('schedule', authority, entry.class, [entry.source]),
    endsMonotonicMs: at.monotonicMs + endMs - at.nowMs,
  };
}

/** A sounding of an emergency. @param at with the time that emergencies are judged by. Pure. */
export function askedByEmergency(
  playId: string,
  { key, emergency, kept, chain }: DueEmergency,
  at: AskedAt,
): Asked {
  return {
    ...UNASKED,
    playId,
    emergencyId: emergency.id,
    emergencyKey: key,
    authority: kept.authority.id,
    level: kept.authority.level,
    class: 'emergency',
    rank: 0,
    severity: emergency.severity,
    title: emergency.title,
    chain,
    gainDb: 0,
    askedMs: at.nowMs,
    issuedMs: kept.issuedMs,
    startMs: at.nowMs,
    dayLimitMs: Infinity,
    endsMonotonicMs: at.monotonicMs + Date.parse(emergency.endsAt) - at.nowMs,
  };
}

/** What a technician has played: a tone, or a text that is spoken. */
export interface SoundOnTheSpot {
  readonly title: string;
  readonly source: ToneSource | TextSound;
  readonly gainDb: number;
  /** It ends after so long at the latest, milliseconds. */
  readonly lastsMs: number;
}

/** A tone for its own length. Pure. */
export function toneOnTheSpot(source: ToneSource): SoundOnTheSpot {
  const { frequencyHz, toHz, durationMs } = source;
  const title = `${frequencyHz}${toHz === undefined ? '' : `–${toHz}`} Hz`;
  return { title, source, gainDb: 0, lastsMs: durationMs + TONE_OVER_MS };
}

/** A technician's sound. Pure. */
export function askedOnTheSpot(
  playId: string,
  { title, source, gainDb, lastsMs }: SoundOnTheSpot,
  at: AskedAt,
): Asked {
  return askedHere(playId, at, { title, chain: [source], gainDb, lastsMs });
}

/** A test of the path to the sink that nobody hears: a text, and where that gives no sound a stored one. Pure. */
export function askedSilently(playId: string, at: AskedAt): Asked {
  return askedHere(playId, at, {
    title: 'path test',
    chain: [
      { kind: 'text', text: 'Thử đường truyền.', lang: 'vi' },
      { kind: 'stored', name: 'chime' },
    ],
    gainDb: SILENT_DB,
    lastsMs: SILENT_MS,
  });
}

/** What the device itself asks for, now. */
function askedHere(
  playId: string,
  at: AskedAt,
  { lastsMs, ...what }: Pick<Asked, 'title' | 'chain' | 'gainDb'> & { readonly lastsMs: number },
): Asked {
  return {
    ...UNASKED,
    ...what,
    ...{ playId, authority: 'local', level: 0, class: 'local', rank: 0 },
    ...{ askedMs: at.nowMs, issuedMs: at.nowMs, startMs: at.nowMs },
    dayLimitMs: Infinity,
    endsMonotonicMs: at.monotonicMs + lastsMs,
  };
}
