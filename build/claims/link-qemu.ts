import { join } from 'node:path';
import { runScenarios } from '../../test/simulation/run.js';
import { enrol } from '../../test/simulation/scenarios/enrol.js';
import { powerCutRecords } from '../../test/simulation/scenarios/power-cut-records.js';
import { KeptLog } from '../../test/support/kept-log.js';
import type { Claim } from './claim.js';

const CUTS = 5;

/** What of issue 6 is shown on a whole simulated receiver whose mains go. */
export const qemuClaims: readonly Claim[] = [
  {
    area: 'link',
    item: 1,
    claim: `The mains of a simulated arm64 receiver go ${CUTS} times in the middle of a play: every receipt and security event that it had kept arrives.`,
    bound: `${CUTS} of ${CUTS} come back and report; no hole in the chain of signed records`,
    long: true,
    async measure(context) {
      const { steps, figures } = await runScenarios({
        ...{ root: context.root, architecture: 'arm64', log: new KeptLog() },
        out: join(context.out, 'simulated-power-cuts'),
        scenarios: [enrol, powerCutRecords],
        tell: (line) => context.progress(`    ${line}`),
      });
      const { cuts, reports } = figures;
      const failed = steps.filter(({ holds }) => !holds).map(({ text }) => `; ${text}`);
      return {
        measured:
          `${cuts.survived} of ${cuts.made} cuts; ${reports?.chainBreaks ?? 'unknown'} holes in the chain of what was heard ` +
          `(${reports?.heard ?? 0} messages)${failed.join('')}`,
        holds:
          cuts.made === CUTS && cuts.survived === CUTS && reports?.chainBreaks === 0 && failed.length === 0,
        note: 'QEMU is killed: what its guest had not flushed is gone; the host keeps what was flushed',
      };
    },
  },
];
