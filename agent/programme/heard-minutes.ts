/** What was heard of each authority's plays in one day of the country, emergencies and local sound apart. */
export interface HeardToday {
  /** UTC+7, `2026-11-23`. */
  readonly day: string;
  /** By authority, milliseconds. */
  readonly byAuthority: Readonly<Record<string, number>>;
}

/** Nothing heard on no day. */
export const NOTHING_HEARD: HeardToday = { day: '', byAuthority: {} };

/** Authorities that are counted apart; a trust document names no more that stand above one receiver. */
const AUTHORITIES = 256;

/**
 * Adds what was heard. Pure. Another day begins at nothing; only the day before counts as the same one, so that a clock that
 * steps back over midnight does not give the minutes again, and one that was years ahead does not take them for ever.
 */
export function addHeard(heard: HeardToday, day: string, authority: string, heardMs: number): HeardToday {
  const same = isSame(heard.day, day);
  const before = same ? heard.byAuthority : {};
  if (before[authority] === undefined && Object.keys(before).length >= AUTHORITIES) return heard;
  const byAuthority = { ...before, [authority]: (before[authority] ?? 0) + heardMs };
  return { day: same ? heard.day : day, byAuthority };
}

/** What was heard of an authority on a day, milliseconds. Pure. */
export function heardOf(heard: HeardToday, day: string, authority: string): number {
  return isSame(heard.day, day) ? (heard.byAuthority[authority] ?? 0) : 0;
}

function isSame(counted: string, day: string): boolean {
  const aheadDays = (Date.parse(counted) - Date.parse(day)) / 86_400_000;
  return aheadDays === 0 || aheadDays === 1;
}
