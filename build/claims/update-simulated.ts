import { join } from 'node:path';
import { runScenarios } from '../../test/simulation/run.js';
import { enrol } from '../../test/simulation/scenarios/enrol.js';
import { update } from '../../test/simulation/scenarios/update.js';
import { KeptLog } from '../../test/support/kept-log.js';
import type { Claim } from './claim.js';

/** What of updates is shown on a whole simulated receiver. */
export const simulatedUpdateClaims: readonly Claim[] = [
  {
    ...{ area: 'update', item: 2, long: true },
    claim:
      'A simulated arm64 receiver takes a good program and goes back from a bad one; an emergency is heard during the download and during the trial.',
    bound:
      'the good one kept after its trial, the bad one back and told; each emergency whole: ≥ 95 % of its windows above −45 dBFS correlate above 0.98 with the source',
    async measure(context) {
      const { steps, figures } = await runScenarios({
        ...{ root: context.root, architecture: 'arm64', log: new KeptLog() },
        out: join(context.out, 'simulated-update'),
        scenarios: [enrol, update],
        tell: (line) => context.progress(`    ${line}`),
      });
      const own = steps.filter(({ scenario }) => scenario === update.name);
      return {
        measured: steps
          .filter(({ scenario, holds }) => scenario === update.name || !holds)
          .map(({ title, text, holds }) => `${holds ? '' : 'NOT: '}${title}: ${text}`)
          .join('\n'),
        holds:
          steps.every(({ holds }) => holds) &&
          own.length === update.steps.length &&
          figures.heard.length >= update.steps.length,
        note: 'launcher, systemd and slots as the package has them; a trial of 90 s instead of 15 min',
      };
    },
  },
];
