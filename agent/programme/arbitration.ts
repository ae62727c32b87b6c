import type { AirClass } from '../../protocols/messages/common.js';
import type { Emergency } from '../../protocols/messages/emergency.js';

/** What decides who is on air: a play that may be heard now. */
export interface AirClaim {
  readonly playId: string;
  readonly class: AirClass;
  /** Rank within normal and priority; larger is higher. */
  readonly rank: number;
  /** Level of the authority; larger is higher. */
  readonly level: number;
  /** Of an emergency; undefined otherwise. */
  readonly severity: Emergency['severity'] | undefined;
  /** Its place in the commune's own order of the priority class; smaller is first, 0 where there is no order. */
  readonly place?: number;
  /** When it was signed, wall time, milliseconds. */
  readonly issuedMs: number;
  /** When it was taken up here, in order: 1, 2, 3 … */
  readonly turn: number;
}

const CLASSES: readonly AirClass[] = ['local', 'normal', 'priority', 'emergency'];
const SEVERITIES: readonly Emergency['severity'][] = ['minor', 'moderate', 'severe', 'extreme'];

/**
 * Who may be heard, best first. Pure. Class first (emergency > priority > normal > local). Among emergencies: the
 * authority's level, then severity, then the newest. Otherwise: in
 * the priority class the order that the commune has decided, then rank, then the one that was there first keeps the air; a
 * higher level does not interrupt a lower one within a class.
 */
export function airOrder(claims: readonly AirClaim[]): string[] {
  return [...claims].sort(compare).map((claim) => claim.playId);
}

function compare(a: AirClaim, b: AirClaim): number {
  const byClass = CLASSES.indexOf(b.class) - CLASSES.indexOf(a.class);
  if (byClass !== 0) return byClass;
  if (a.class === 'priority') return (a.place ?? 0) - (b.place ?? 0) || b.rank - a.rank || a.turn - b.turn;
  if (a.class !== 'emergency') return b.rank - a.rank || a.turn - b.turn;
  return b.level - a.level || severityOf(b) - severityOf(a) || b.issuedMs - a.issuedMs || a.turn - b.turn;
}

function severityOf(claim: AirClaim): number {
  return claim.severity === undefined ? -1 : SEVERITIES.indexOf(claim.severity);
}
