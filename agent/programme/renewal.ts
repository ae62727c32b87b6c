import { withinHours } from '../../protocols/authorise.js';
import type { PlayStart } from '../../protocols/messages/play.js';
import type { Authority } from '../../protocols/trust-document.js';
import { accepted, refused, type Outcome } from '../core/errors.js';
import type { ChainSource } from '../sound/messages.js';
import type { Bulletin } from './bulletin.js';
import type { Occurrence } from './day-plan.js';

type Grant = Authority['grants'][number];

/**
 * May this message renew the lease of that bulletin? Pure. Only the authority whose bulletin it is, only while it has
 * not been told to end, and never beyond the longest play that one of its grants allows, counted from the first start:
 * a chain of short leases must not make a longer play than one lease may. An emergency is renewed by its set alone.
 */
export function renewable(
  bulletin: Pick<Bulletin, 'authority' | 'class' | 'chain' | 'emergencyId' | 'closing' | 'startMs'>,
  message: PlayStart,
  authority: Authority,
): Outcome<undefined> {
  if (bulletin.authority !== authority.id || bulletin.emergencyId !== undefined)
    return refused('E_COMMAND_STOP', 'the bulletin is of another authority');
  if (bulletin.closing) return refused('E_COMMAND_STOP', 'the bulletin is ending');
  const totalMs = Date.parse(message.body.until) - bulletin.startMs;
  if (authority.grants.some((grant) => allows('play.start', grant, bulletin, totalMs)))
    return accepted(undefined);
  return refused('E_AUTHORITY_GRANT', 'longer in all than the longest play granted', {
    authority: authority.id,
  });
}

/**
 * How much of this authority may be heard in a day, by the most generous grant that allows such a play, milliseconds. Pure.
 * @param message that asks for it
 */
export function dayLimitMs(
  message: 'play.start' | 'schedule',
  authority: Authority,
  bulletinClass: Bulletin['class'],
  chain: Bulletin['chain'],
): number {
  const limits = authority.grants
    .filter((grant) => allows(message, grant, { class: bulletinClass, chain }, 0))
    .map(({ minutesADay }) => (minutesADay === undefined ? Infinity : minutesADay * 60_000));
  return Math.max(0, ...limits);
}

/**
 * May this occurrence be on air by one of its authority's grants? Pure. Hours are judged by its planned start and end, so that
 * what joins late is judged like what began on time.
 */
export function occurrenceAllowed(occurrence: Occurrence, authority: Authority): Outcome<undefined> {
  const { entry, startMs, endMs } = occurrence;
  const bulletin = { class: entry.class, chain: [entry.source] };
  const grants = authority.grants.filter((grant) => allows('schedule', grant, bulletin, endMs - startMs));
  if (grants.length === 0) return refused('E_AUTHORITY_GRANT', 'not granted', { authority: authority.id });
  if (grants.some(({ hours }) => withinHours(hours, startMs, endMs))) return accepted(undefined);
  return refused('E_AUTHORITY_HOURS', 'outside the hours granted', { authority: authority.id });
}

function allows(
  message: 'play.start' | 'schedule',
  grant: Grant,
  bulletin: Pick<Bulletin, 'class' | 'chain'>,
  totalMs: number,
): boolean {
  return (
    grant.messages.includes(message) &&
    (bulletin.class !== 'priority' || grant.maxClass === 'priority') &&
    (grant.content === 'free' || bulletin.chain.every(isStored)) &&
    totalMs <= grant.longestPlayMs
  );
}

/** Is all of it on the device? */
function isStored(source: ChainSource): boolean {
  return source.kind === 'playlist'
    ? source.items.every((item) => item.source.kind === 'stored')
    : source.kind === 'stored';
}
