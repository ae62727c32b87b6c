import { countEndings, type Ending, type RecordRow } from './record-rows.js';
import { evidenceOf, type Evidence, type Requirement } from './requirement.js';

/** How a row of the matrix stands by what was measured. */
export type Standing = 'shown' | 'partly' | 'fallsShort' | 'unproved' | 'standsUnread' | 'standsNot';

/** How a requirement stands: what is unread or does not apply stays so whatever was measured. Pure. */
export function standingOf(requirement: Requirement, rows: readonly RecordRow[]): Standing {
  if (requirement.kind === 'unread') return 'standsUnread';
  if (requirement.kind === 'not applicable') return 'standsNot';
  const counts = countEndings(rows.filter((row) => requirement.by.some((one) => isMeant(row, one))));
  if (counts.short > 0) return 'fallsShort';
  if (counts.holds === 0) return 'unproved';
  return counts.unmeasured + counts['not run'] > 0 ? 'partly' : 'shown';
}

/** Each part of a requirement's evidence with how its claims ended. Pure. */
export function evidenceCounts(
  requirement: Requirement,
  rows: readonly RecordRow[],
): { readonly of: Evidence; readonly counts: Readonly<Record<Ending, number>> }[] {
  return evidenceOf(requirement).map((of) => ({
    of,
    counts: countEndings(rows.filter((row) => isMeant(row, of))),
  }));
}

function isMeant(row: RecordRow, { area, item }: Evidence): boolean {
  return row.area === area && (item === undefined || row.item === item);
}
