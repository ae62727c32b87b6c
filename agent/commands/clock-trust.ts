import { CLOCK_SKEW_MS } from '../../protocols/authorise.js';

/** How far one beat may lift the floor beyond what is known, milliseconds. */
export const LIFT_LIMIT_MS = 24 * 3_600_000;
/** A beat that answers a nonce older than this has been held back: it confirms nothing. */
export const ANSWER_LIMIT_MS = 60_000;
/** A system clock further beyond what is known than this may be years ahead, milliseconds. */
export const AHEAD_MS = 24 * 3_600_000;
/** How long after the start a beat is waited for before emergencies are judged by what is known, milliseconds. */
export const DOUBT_FROM_MS = 60_000;
/** How long they are then judged by it, milliseconds. */
export const DOUBT_FOR_MS = 24 * 3_600_000;

/** What is known of the time by what was signed. Instants of wall time and of the monotonic clock, milliseconds. */
export interface ClockTrust {
  /** It is not earlier than this; it runs on from `floorAtMs`, and never sinks. */
  readonly floorMs: number;
  /** Monotonic instant at which the floor was this. */
  readonly floorAtMs: number;
  /** Signed time that answered a nonce of this run. */
  readonly confirmed: { readonly atMs: number; readonly monotonicMs: number } | undefined;
  /** The newest time that anything signed has named, answered or not: it lifts no floor, but shows that a clock is not far ahead. */
  readonly seen: { readonly atMs: number; readonly monotonicMs: number };
  /** Monotonic instant of the start. */
  readonly startedMs: number;
  /** When the system clock was last seen to be no more than 24 h beyond what is known, in this run, and what it showed. */
  readonly plausible?: Moment;
}

/**
 * `behind`: the system clock is below the floor, or was set to it at boot, so it is wrong. `ahead`: it lies more than 24 h beyond all that is known: the
 * receiver was off for long, or the clock is wrong. `unconfirmed`: it may be right, but no beat has answered in this run.
 * `trusted`: the time is known by a signed beat.
 */
export type ClockState = 'behind' | 'ahead' | 'unconfirmed' | 'trusted';

/** Both clocks of the machine at one moment, milliseconds. */
export interface Moment {
  readonly systemMs: number;
  readonly monotonicMs: number;
  /** The system clock was below the floor and was set to it at boot, and nobody has put it right since: it tells nothing new. */
  readonly isAsSet?: boolean;
}

/** A document that came in this run and was new: when it says that it was signed, wall time, and when it came, monotonic milliseconds. */
export interface FreshDocument {
  readonly issuedMs: number;
  readonly arrivedMs: number;
}

/** What became of a beat. */
export type BeatVerdict = 'confirmed' | 'limited' | 'noted' | 'old' | 'future';

/** The start of a run: what was kept of the floor and of the newest time seen, nothing confirmed. */
export function clockAtStart(floorMs: number, monotonicMs: number, seenMs = floorMs): ClockTrust {
  const seen = { atMs: seenMs, monotonicMs };
  return { floorMs, floorAtMs: monotonicMs, confirmed: undefined, seen, startedMs: monotonicMs };
}

/** The earliest that it can be now. */
export function floorNow(trust: ClockTrust, { monotonicMs }: Moment): number {
  return trust.floorMs + Math.max(0, monotonicMs - trust.floorAtMs);
}

/** How sure the time is. Pure. */
export function clockState(trust: ClockTrust, now: Moment): ClockState {
  if (trust.confirmed !== undefined) return 'trusted';
  if (now.isAsSet === true || now.systemMs < floorNow(trust, now)) return 'behind';
  return now.systemMs > knownMs(trust, now) + AHEAD_MS ? 'ahead' : 'unconfirmed';
}

/** Remembers what the system clock shows, as long as it may be right. Pure. */
export function lookAtClock(trust: ClockTrust, now: Moment): ClockTrust {
  return clockState(trust, now) === 'unconfirmed' ? { ...trust, plausible: now } : trust;
}

/**
 * What emergencies are judged by. A repeat is preferred to a miss: with the clock far ahead, one that was in force by what is
 * known goes on for a day at most, from a minute after the start: until then a beat may tell better. A clock that was right until it was stepped in
 * this run is run on from there, at once. Pure.
 * @param fresh of an emergency that came in this run: it is at least as late as its document says, however long ago that was
 */
export function emergencyNow(trust: ClockTrust, now: Moment, fresh?: FreshDocument): number {
  const { plausible, startedMs } = trust;
  const fromMs = plausible?.monotonicMs ?? startedMs + DOUBT_FROM_MS;
  const doubtMs = now.monotonicMs - fromMs;
  if (clockState(trust, now) !== 'ahead' || doubtMs < 0) return correctedMs(trust, now);
  const byRun = plausible === undefined ? -Infinity : plausible.systemMs + doubtMs;
  const bySigned = fresh === undefined ? -Infinity : fresh.issuedMs + now.monotonicMs - fresh.arrivedMs;
  if (fresh === undefined && doubtMs >= DOUBT_FOR_MS) return correctedMs(trust, now);
  return Math.max(knownMs(trust, now), bySigned, doubtMs < DOUBT_FOR_MS ? byRun : -Infinity);
}

/**
 * The time to judge by. Pure. Once confirmed it is signed time run on by the monotonic clock; the system clock is taken
 * only where it agrees within five minutes, because it is the finer one. Before that it is the system clock, but never
 * less than the floor.
 */
export function correctedMs(trust: ClockTrust, now: Moment): number {
  const signedMs = signedNow(trust, now);
  if (signedMs === undefined) return Math.max(now.systemMs, floorNow(trust, now));
  return Math.abs(now.systemMs - signedMs) <= CLOCK_SKEW_MS ? now.systemMs : signedMs;
}

/** The system clock is known to be wrong: more than five minutes off signed time, or behind. */
export function isStepped(trust: ClockTrust, now: Moment): boolean {
  const signedMs = signedNow(trust, now);
  if (signedMs === undefined) return clockState(trust, now) === 'behind';
  return Math.abs(now.systemMs - signedMs) > CLOCK_SKEW_MS;
}

/**
 * Takes a beat whose signature and grant hold. Pure.
 *
 * One that answers a nonce of this run confirms the time, unless it lies more than 24 h beyond what is known and the system
 * clock does not agree with it (within 24 h, and only as long as nothing is confirmed): then it lifts the floor by 24 h and no more, so that a stolen
 * key of the time cannot reach 2099 in one step. One that answers nothing may only nudge confirmed time forward.
 * @param askedMonotonicMs when the nonce that it answers was made; undefined where it answers none
 */
export function takeBeat(
  trust: ClockTrust,
  beatMs: number,
  askedMonotonicMs: number | undefined,
  now: Moment,
): { readonly trust: ClockTrust; readonly verdict: BeatVerdict } {
  const lowestMs = floorNow(trust, now);
  const answers = askedMonotonicMs !== undefined && now.monotonicMs - askedMonotonicMs <= ANSWER_LIMIT_MS;
  if (!answers) return note(trust, beatMs, now);
  if (beatMs < lowestMs - CLOCK_SKEW_MS) return { trust, verdict: 'old' };
  const agrees =
    trust.confirmed === undefined &&
    now.systemMs >= lowestMs &&
    Math.abs(now.systemMs - beatMs) <= LIFT_LIMIT_MS;
  const { monotonicMs } = now;
  if (beatMs > lowestMs + LIFT_LIMIT_MS && !agrees) {
    const lifted = { ...trust, floorMs: lowestMs + LIFT_LIMIT_MS, floorAtMs: monotonicMs };
    return { trust: lifted, verdict: 'limited' };
  }
  const confirmed = { atMs: beatMs, monotonicMs };
  const floorMs = Math.max(lowestMs, beatMs);
  return { trust: { ...trust, floorMs, floorAtMs: monotonicMs, confirmed }, verdict: 'confirmed' };
}

/** A beat without our nonce may be a copy of an old one, so it is only ever a lower bound, and only a small step. */
function note(trust: ClockTrust, beatMs: number, now: Moment): ReturnType<typeof takeBeat> {
  if (beatMs > correctedMs(trust, now) + CLOCK_SKEW_MS) return { trust, verdict: 'future' };
  const { monotonicMs } = now;
  const named = { atMs: beatMs, monotonicMs };
  const seen = beatMs > knownMs(trust, now) ? named : trust.seen;
  const signedMs = signedNow(trust, now);
  if (signedMs === undefined || beatMs <= signedMs) return { trust: { ...trust, seen }, verdict: 'noted' };
  const floorMs = Math.max(floorNow(trust, now), beatMs);
  return { trust: { ...trust, seen, floorMs, floorAtMs: monotonicMs, confirmed: named }, verdict: 'noted' };
}

/** The newest time known, by the floor or by anything signed, run on. */
function knownMs(trust: ClockTrust, now: Moment): number {
  const { atMs, monotonicMs } = trust.seen;
  return Math.max(floorNow(trust, now), atMs + Math.max(0, now.monotonicMs - monotonicMs));
}

function signedNow(trust: ClockTrust, { monotonicMs }: Moment): number | undefined {
  const { confirmed } = trust;
  return confirmed === undefined ? undefined : confirmed.atMs + (monotonicMs - confirmed.monotonicMs);
}
