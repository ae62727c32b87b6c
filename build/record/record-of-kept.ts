import { join } from 'node:path';
import { VERSION } from '../../agent/version.js';
import { BASELINE } from '../baseline.js';
import type { Area, Claim } from '../claims/claim.js';
import { readResults, type RunFacts } from './kept-results.js';
import { makeRecord, type MadeRecord } from './make-record.js';
import { chartsOf } from './record-artefacts.js';
import type { RecordParts } from './record-page.js';
import { countEndings, rowsOf, runGroupsOf, type Ending } from './record-rows.js';
import { REQUIREMENTS } from './requirements.js';

/** Within `prove-out/`: what every run has measured, a file for each claim. */
export const RESULTS_FOLDER = 'results';

/** All claims, by area. */
export type AllClaims = Readonly<Record<Area, readonly Claim[]>>;

/** The record of all that runs have kept in `prove-out/`, each row with the run that it is of. @param out `prove-out/` */
export async function partsOfKept(
  claims: AllClaims,
  out: string,
  run: Pick<RunFacts, 'commit' | 'machine'>,
): Promise<RecordParts> {
  const rows = rowsOf(claims, await readResults(join(out, RESULTS_FOLDER)));
  return {
    ...{ rows, requirements: REQUIREMENTS, baseline: BASELINE, charts: await chartsOf(out, rows) },
    ...{ version: VERSION, commit: run.commit, machine: run.machine, madeMs: Date.now() },
  };
}

/** Makes it in a folder. */
export async function recordOfKept(
  claims: AllClaims,
  out: string,
  folder: string,
  run: Pick<RunFacts, 'commit' | 'machine'>,
): Promise<{
  readonly made: MadeRecord;
  readonly counts: Readonly<Record<Ending, number>>;
  readonly runs: number;
}> {
  const parts = await partsOfKept(claims, out, run);
  return {
    made: await makeRecord(parts, folder),
    counts: countEndings(parts.rows),
    runs: runGroupsOf(parts.rows).length,
  };
}
