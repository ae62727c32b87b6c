import type { PlayStart } from '../../protocols/messages/play.js';
import type { Authority } from '../../protocols/trust-document.js';
import { accepted, refused, type Outcome } from '../core/errors.js';
import type { Bulletin } from './bulletin.js';

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
  if (authority.grants.some((grant) => allows(grant, bulletin, totalMs))) return accepted(undefined);
  return refused('E_AUTHORITY_GRANT', 'longer in all than the longest play granted', {
    authority: authority.id,
  });
}

/** How much of this authority may be heard in a day, by the most generous grant that allows such a play, milliseconds. Pure. */
export function dayLimitMs(
  authority: Authority,
  bulletinClass: Bulletin['class'],
  chain: Bulletin['chain'],
): number {
  const limits = authority.grants
    .filter((grant) => allows(grant, { class: bulletinClass, chain }, 0))
    .map(({ minutesADay }) => (minutesADay === undefined ? Infinity : minutesADay * 60_000));
  return Math.max(0, ...limits);
}

function allows(grant: Grant, bulletin: Pick<Bulletin, 'class' | 'chain'>, totalMs: number): boolean {
  return (
    grant.messages.includes('play.start') &&
    (bulletin.class !== 'priority' || grant.maxClass === 'priority') &&
    (grant.content === 'free' || bulletin.chain.every(({ kind }) => kind === 'stored')) &&
    totalMs <= grant.longestPlayMs
  );
}
