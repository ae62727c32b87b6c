import { availableParallelism } from 'node:os';
import { FLAWS } from '../../test/programme/flaws.js';
import { playHistories } from '../../test/programme/many-histories.js';
import { nLogN, plannerCost } from '../../test/programme/planner-cost.js';
import { simulateYear } from '../../test/programme/simulated-year.js';
import type { Claim, Measured, ProveContext } from './claim.js';

const HISTORIES = 100_000;
const QUICK_HISTORIES = 2_000;
/** Within so many histories a planted bug must show. */
const FLAWED = 1_000;
const COST_LIMIT_MS = 5;
const YEAR_LIMIT_MS = 60_000;

const KEPT =
  'never outside permitted hours, never before its time, never twice, never what is over, every lease ends; seeds printed';

async function histories(context: ProveContext, count: number): Promise<Measured> {
  const firstSeed = Math.floor(Math.random() * 1e9);
  const threads = Math.min(2, availableParallelism());
  context.progress(`${count} histories from seed ${firstSeed} on ${threads} threads`);
  const { histories, bad, found, opened, heardMs, tookMs } = await playHistories(
    { firstSeed, count },
    threads,
  );
  const first = found[0];
  return {
    measured:
      `${histories} histories, seeds ${firstSeed} to ${firstSeed + count - 1}: ${bad} broken; ${opened} plays, ` +
      `${Math.round(heardMs / 3_600_000)} h heard; ${Math.round(histories / (tookMs / 1000))} a second` +
      (first === undefined ? '' : `; seed ${first.seed}: ${first.broken[0]}`),
    holds: histories === count && bad === 0 && opened > count,
  };
}

const quickHistories: Claim = {
  area: 'programme',
  item: 1,
  claim: `Whatever happens to a receiver, nothing is heard that should not be: ${QUICK_HISTORIES} random histories.`,
  bound: KEPT,
  measure: (context) => histories(context, QUICK_HISTORIES),
};

const allHistories: Claim = {
  area: 'programme',
  item: 1,
  claim: `Whatever happens to a receiver, nothing is heard that should not be: ${HISTORIES} random histories.`,
  bound: KEPT,
  long: true,
  measure: (context) => histories(context, HISTORIES),
};

const judge: Claim = {
  area: 'programme',
  item: 1,
  claim: 'The judge of the histories finds bugs: each of those planted shows.',
  bound: `${FLAWS.length} planted bugs, each found within ${FLAWED} histories`,
  async measure() {
    const firstSeed = Math.floor(Math.random() * 1e9);
    const seen: string[] = [];
    let missed = 0;
    for (const flaw of FLAWS) {
      const { found, histories } = await playHistories(
        { firstSeed, count: FLAWED, flaw, untilFound: true },
        1,
      );
      if (found.length === 0) missed += 1;
      seen.push(`${flaw}: ${found.length === 0 ? 'not found' : `at history ${histories}`}`);
    }
    return { measured: `from seed ${firstSeed}; ${seen.join('; ')}`, holds: missed === 0 };
  },
};

const year: Claim = {
  area: 'programme',
  item: 2,
  claim:
    'A year on a virtual clock, with daily power cuts and outages of six hours: every slot is played on time, or when the mains are back, none twice.',
  bound: 'none wrong, none double, under 60 s',
  async measure() {
    const seed = Math.floor(Math.random() * 1e9);
    const found = simulateYear(seed);
    return {
      measured:
        `seed ${seed}: ${found.slots} slots, ${found.onTime} on time, ${found.joined} joined as the mains came back, ` +
        `${found.dark} without mains from start to end (told as missed), ${found.wrong.length} wrong` +
        `${found.wrong[0] === undefined ? '' : ` (${found.wrong[0]})`}, ${found.doubled} double; ${found.powerCuts} power ` +
        `cuts, ${found.outages} outages, ${found.revisions} schedules; ${(found.tookMs / 1000).toFixed(1)} s`,
      holds: found.wrong.length === 0 && found.doubled === 0 && found.tookMs < YEAR_LIMIT_MS,
      note: 'virtual clock and sink; the programme, its memory and the gate are the product’s',
    };
  },
};

const cost: Claim = {
  area: 'programme',
  item: 6,
  claim:
    'A decision of the planner costs little with 10,000 entries and ten years of exceptions, and little more with ten times as many.',
  bound: `median ≤ ${COST_LIMIT_MS} ms; from 100 to 100,000 entries growing no faster than n log n`,
  async measure() {
    // The first run pays for the compiler.
    plannerCost(1_000);
    const [few, some, many] = [
      plannerCost(100),
      plannerCost(10_000),
      plannerCost(100_000, { days: 2, decisions: 100 }),
    ];
    const grown = many.medianMs / few.medianMs;
    const planningGrown = many.planningMs / few.planningMs;
    const allowed = nLogN(100, 100_000);
    return {
      measured:
        `${some.entries} entries, ${some.exceptions} exceptions: median ${some.medianMs.toFixed(3)} ms over ` +
        `${some.decisions} decisions, the one that plans the day ${some.planningMs.toFixed(0)} ms; 100 entries ` +
        `${few.medianMs.toFixed(4)} ms, 100,000 ${many.medianMs.toFixed(2)} ms: ${grown.toFixed(0)} times (planning ` +
        `${planningGrown.toFixed(0)} times), n log n is ${allowed.toFixed(0)} times`,
      holds: some.medianMs <= COST_LIMIT_MS && grown <= allowed && planningGrown <= allowed,
    };
  },
};

/** What needs no network and no disk: the planner, its judge, a year. */
export const planClaims: readonly Claim[] = [quickHistories, allHistories, judge, year, cost];
