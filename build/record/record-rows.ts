import type { Area, Claim } from '../claims/claim.js';
import { keyOf, type KeptResult } from './kept-results.js';

/** Why a claim has no figure. */
export type NotRun =
  /** Measured with `--long` alone, and no run was. */
  | 'long'
  /** No run has measured it. */
  | 'never'
  /** It was measured against another bound than it has now. */
  | 'bound';

/** A claim of the record: what a run found, or why there is nothing. */
export interface RecordRow {
  /** `area item.n`, n counting the claims of the item: the same in every language. */
  readonly id: string;
  readonly area: Area;
  readonly item: number;
  readonly claim: string;
  readonly bound: string;
  readonly long: boolean;
  readonly result: KeptResult | undefined;
  readonly notRun: NotRun | undefined;
}

/** How a row ends. */
export type Ending = 'holds' | 'short' | 'unmeasured' | 'not run';

/** The claims of every area as rows, in the order of their items. What was kept of a claim that is no more is left out. Pure. */
export function rowsOf(
  all: Readonly<Record<Area, readonly Claim[]>>,
  kept: readonly KeptResult[],
): RecordRow[] {
  const results = new Map(kept.map((one) => [keyOf(one), one]));
  return (Object.keys(all) as Area[]).flatMap((area) => {
    const counts = new Map<number, number>();
    return [...all[area]]
      .sort((one, other) => one.item - other.item)
      .map((claim): RecordRow => {
        const n = (counts.get(claim.item) ?? 0) + 1;
        counts.set(claim.item, n);
        const result = results.get(keyOf(claim));
        const same = result?.bound === claim.bound ? result : undefined;
        return {
          ...{ id: `${area} ${claim.item}.${n}`, area, item: claim.item, claim: claim.claim },
          ...{ bound: claim.bound, long: claim.long === true, result: same },
          notRun:
            same !== undefined
              ? undefined
              : result !== undefined
                ? 'bound'
                : claim.long === true
                  ? 'long'
                  : 'never',
        };
      });
  });
}

/** How a row ends. Pure. */
export function endingOf({ result }: RecordRow): Ending {
  if (result === undefined) return 'not run';
  if (result.holds === null) return 'unmeasured';
  return result.holds ? 'holds' : 'short';
}

/** Rows by their ending. Pure. */
export function countEndings(rows: readonly RecordRow[]): Readonly<Record<Ending, number>> {
  const counts = { holds: 0, short: 0, unmeasured: 0, 'not run': 0 };
  for (const row of rows) counts[endingOf(row)] += 1;
  return counts;
}

/** Rows that were measured by the same commit on the same machine. */
export interface RunGroup {
  readonly commit: string;
  readonly machine: KeptResult['machine'];
  readonly node: string;
  readonly claims: number;
  /** RFC 3339: of the oldest and the newest figure. */
  readonly from: string;
  readonly to: string;
}

/** What was measured where, the newest first: a reader sees at once whether the figures are of one program. Pure. */
export function runGroupsOf(rows: readonly RecordRow[]): RunGroup[] {
  const groups = new Map<string, RunGroup>();
  for (const { result } of rows) {
    if (result === undefined) continue;
    const { commit, machine, node, date } = result;
    const key = JSON.stringify([commit, machine, node]);
    const known = groups.get(key) ?? { commit, machine, node, claims: 0, from: date, to: date };
    groups.set(key, {
      ...known,
      claims: known.claims + 1,
      from: date < known.from ? date : known.from,
      to: date > known.to ? date : known.to,
    });
  }
  return [...groups.values()].sort((a, b) => (a.to < b.to ? 1 : -1));
}
