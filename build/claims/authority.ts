import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  changeAuthorityOnAir,
  type AuthorityOnAir,
  type AuthorityStep,
} from '../../test/faults/authority-on-air.js';
import { missingTool } from '../../test/support/external-tool.js';
import type { Claim, Measured, ProveContext } from './claim.js';
import { cleared } from './identity.js';

function onAir(context: ProveContext): Promise<AuthorityOnAir> {
  return context.once('authority-on-air', async () => {
    const run = await cleared((t) => changeAuthorityOnAir(t, (line) => context.progress(line)));
    await writeFile(join(context.out, 'authority-on-air.json'), JSON.stringify(run, undefined, 2));
    return run;
  });
}

function measured(work: (run: AuthorityOnAir) => Measured): Claim['measure'] {
  return async (context) => {
    const lacks = missingTool('mosquitto') || missingTool('ffmpeg');
    return lacks === false ? work(await onAir(context)) : { measured: lacks, holds: null };
  };
}

function steps(about: AuthorityStep['about'], least: number): Claim['measure'] {
  return measured((run) => {
    const found = run.steps.filter((step) => step.about === about);
    const failed = found.find(({ took }) => !took);
    const took = found.filter((step) => step.took);
    const seen =
      failed === undefined ? took.map((step) => step.seen) : [`NOT: ${failed.what}: ${failed.seen}`];
    return {
      measured: `${took.length} of ${least} steps${seen.map((one) => `; ${one}`).join('')}`.slice(0, 600),
      holds: took.length === least && failed === undefined,
    };
  });
}

/** Item 4 of area trust: what the province may do to its authority under a running receiver with a bulletin on air. */
export const authorityClaims: readonly Claim[] = [
  {
    area: 'trust',
    item: 4,
    claim:
      'Rotation of the anchors, revocation and a renewal taken back leave no gap in what is being played',
    bound:
      'every loud 0.25 s window above 0.98, no hole or jump, 0 ms of silence in a bulletin that has none, no underrun, all steps done, every record believed',
    measure: measured(({ comparison, ...run }) => ({
      measured: `${run.secondsHeard.toFixed(1)} s heard, ${comparison.windowsMatched} of ${comparison.windowsLoud} windows, worst ${comparison.worst.toFixed(4)}, longest silence ${run.longestSilenceMs.toFixed(1)} ms, ${run.underruns} underruns, ${run.disbelieved} records disbelieved; ${run.steps.filter(({ took }) => took).length} steps`,
      holds:
        comparison.holds &&
        comparison.windowsMatched === comparison.windowsLoud &&
        comparison.windowsLoud > 40 &&
        run.longestSilenceMs === 0 &&
        run.underruns === 0 &&
        run.disbelieved === 0 &&
        run.steps.every(({ took }) => took),
      note: 'real mosquitto, the receiver a process of its own, heard through the file sink; silence: 10 ms and more below −50 dBFS',
    })),
  },
  {
    area: 'trust',
    item: 4,
    claim:
      'The anchors of a running receiver go from the old authority to both to the new one alone; link, renewal and media follow',
    bound:
      'added, renewed, broker re-issued, old one dropped, media of the new one heard and of the old one refused',
    measure: steps('rotation', 5),
  },
  {
    area: 'trust',
    item: 4,
    claim:
      'A revoked broker is left for one with a good certificate, and a receiver that is revoked plays on and says so',
    bound: 'both, on a running receiver, without a restart of it',
    measure: steps('revocation', 2),
  },
  {
    area: 'trust',
    item: 4,
    claim: 'A renewed pair that the broker refuses three times gives way to the old one, with an alarm',
    bound: 'the old certificate in force and connected again, without a restart',
    measure: steps('rollback', 1),
  },
];
