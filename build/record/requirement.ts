import type { Area } from '../claims/claim.js';

/** A text in both languages. */
export interface Both {
  readonly vi: string;
  readonly en: string;
}

/**
 * How a requirement is known. `read`: in a public source; `second-hand`: as told by another; `background`: common knowledge of the
 * trade; `unread`: nobody of the project has seen the wording.
 */
export type Knowledge = 'read' | 'second-hand' | 'background' | 'unread';

/** Claims by area, and by item where not all of the area is meant. */
export interface Evidence {
  readonly area: Area;
  readonly item?: number;
}

/** One row of the compliance matrix. */
export type Requirement = {
  /** C1 to C12, with a letter where a requirement has parts of different standing. */
  readonly id: string;
  /** What is asked for, in our words: never the wording of the regulation. */
  readonly asks: Both;
  readonly known: Knowledge;
} & (
  | { readonly kind: 'addressed'; readonly by: readonly Evidence[]; readonly note?: Both }
  | { readonly kind: 'not applicable'; readonly because: Both }
  | {
      readonly kind: 'unread';
      /** What has to be read before anybody may speak of conformity. */
      readonly mustRead: Both;
      /** What the product does meanwhile by good practice; no conformity follows from it. */
      readonly practice: readonly Evidence[];
    }
);

/** Numbers of the requirements of which each needs a row at least. */
export const REQUIREMENTS_UP_TO = 12;

/** Words that would claim conformity: they have no place in a row of any kind. */
const CLAIMING =
  /phù hợp quy chuẩn|hợp quy|tuân thủ đầy đủ|đạt chuẩn|\bconform(?:s|ing)? to\b|\bcomplies\b|\bcompliant\b|\bcertified\b/i;

/** What is wrong with a matrix, one line each; nothing where it claims no more than is known. Pure. */
export function matrixFaults(
  rows: readonly Requirement[],
  claims: readonly { readonly area: string; readonly item: number }[],
): string[] {
  const faults: string[] = [];
  for (let n = 1; n <= REQUIREMENTS_UP_TO; n += 1)
    if (!rows.some(({ id }) => numberOf(id) === n)) faults.push(`C${n} has no row`);
  if (new Set(rows.map(({ id }) => id)).size !== rows.length) faults.push('an id stands twice');
  for (const row of rows) faults.push(...rowFaults(row, claims).map((fault) => `${row.id}: ${fault}`));
  return faults;
}

function rowFaults(
  row: Requirement,
  claims: readonly { readonly area: string; readonly item: number }[],
): string[] {
  const faults: string[] = [];
  if (row.kind === 'addressed') {
    if (row.known !== 'read') faults.push(`addressed, but known as ${row.known} only`);
    if (row.by.length === 0) faults.push('addressed by no claim');
  }
  if (row.kind === 'unread' && !told(row.mustRead)) faults.push('does not say what has to be read');
  if (row.kind === 'unread' && row.known === 'read') faults.push('unread, but known as read');
  if (row.kind === 'not applicable' && !told(row.because)) faults.push('does not say why it does not apply');
  for (const { area, item } of evidenceOf(row))
    if (!claims.some((claim) => claim.area === area && (item === undefined || claim.item === item)))
      faults.push(`names ${area}${item === undefined ? '' : ` ${item}`}, which no claim has`);
  const texts = textsOf(row);
  if (texts.some((text) => !told(text))) faults.push('lacks a language');
  if (texts.some(({ vi, en }) => CLAIMING.test(vi) || CLAIMING.test(en))) faults.push('claims conformity');
  return faults;
}

/** The claims that a row names. Pure. */
export function evidenceOf(row: Requirement): readonly Evidence[] {
  if (row.kind === 'addressed') return row.by;
  return row.kind === 'unread' ? row.practice : [];
}

function textsOf(row: Requirement): Both[] {
  if (row.kind === 'unread') return [row.asks, row.mustRead];
  if (row.kind === 'not applicable') return [row.asks, row.because];
  return row.note === undefined ? [row.asks] : [row.asks, row.note];
}

function told({ vi, en }: Both): boolean {
  return vi.trim() !== '' && en.trim() !== '' && vi !== en;
}

function numberOf(id: string): number {
  return Number(/^C(\d+)/.exec(id)?.[1] ?? 0);
}
