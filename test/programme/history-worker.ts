/** A thread that plays histories one after the other: see many-histories.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Flaw } from './flaws.js';
import { playHistory, type HistoryOutcome } from './histories.js';

/** Which histories to play. */
export interface HistoriesAsked {
  readonly firstSeed: number;
  readonly count: number;
  readonly flaw?: Flaw;
  /** Ends at the first history in which something was heard that should not have been. */
  readonly untilFound?: boolean;
}

/** What they came to. */
export interface HistoriesPlayed {
  readonly histories: number;
  readonly opened: number;
  readonly heardMs: number;
  /** In how many something was heard that should not have been. */
  readonly bad: number;
  /** The first of these. */
  readonly found: readonly HistoryOutcome[];
}

const FOUND_LIMIT = 10;

const { firstSeed, count, flaw, untilFound = false } = workerData as HistoriesAsked;
let opened = 0;
let heardMs = 0;
let bad = 0;
let histories = 0;
const found: HistoryOutcome[] = [];
for (let seed = firstSeed; seed < firstSeed + count && !(untilFound && bad > 0); seed += 1) {
  histories += 1;
  const outcome = playHistory(seed, flaw);
  opened += outcome.opened;
  heardMs += outcome.heardMs;
  if (outcome.broken.length === 0) continue;
  bad += 1;
  if (found.length < FOUND_LIMIT) found.push(outcome);
}
const played: HistoriesPlayed = { histories, opened, heardMs, bad, found };
parentPort?.postMessage(played);
