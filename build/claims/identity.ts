import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { killEverywhere, type KillReport } from '../../test/faults/identity-kill.js';
import { leaksIn, renewOnAir, type RenewalOnAir } from '../../test/faults/renewal-on-air.js';
import { verifyByOpenssl, type OpensslVerdict } from '../../test/faults/identity-by-openssl.js';
import type { Teardown } from '../../test/support/temporary-folder.js';
import { missingTool } from '../../test/support/external-tool.js';
import type { Claim, ProveContext } from './claim.js';

/** Runs something that clears up after itself, as a test does. */
export async function cleared<T>(run: (t: Teardown) => Promise<T>): Promise<T> {
  const closers: (() => unknown)[] = [];
  try {
    return await run({ teardown: (close) => void closers.push(close) });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function kills(context: ProveContext): Promise<readonly KillReport[]> {
  return context.once('identity-kill', async () => {
    const reports = await cleared((t) =>
      killEverywhere(t, ['power-cut', 'kill'], { tell: (line) => context.progress(line) }),
    );
    await writeFile(join(context.out, 'identity-kill.json'), JSON.stringify(reports, undefined, 2));
    return reports;
  });
}

/** A search that finds nothing must be one that can find. */
function plantedIsFound(): boolean {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const { d = '' } = privateKey.export({ format: 'jwk' });
  return leaksIn({ text: `{"d":"${d}"}`, pem, clean: 'nothing' }, [pem]).join() === 'text,pem';
}

function onAir(context: ProveContext): Promise<RenewalOnAir> {
  return context.once('renewal-on-air', () => cleared(renewOnAir));
}

/** Fewer changes of the disk than these, and the counting has missed some. */
const LEAST_EFFECTS = { enrol: 11, renew: 11, anchors: 10, trust: 4 } as const;

function killClaim(step: KillReport['step'], item: string): Claim {
  return {
    area: 'trust',
    item: 3,
    claim: `${item}: killed before each change of the disk, started again`,
    bound: 'every n, process killed and power cut: the identity loads, a broker takes it, the step ends well',
    measure: async (context) => {
      const report = (await kills(context)).find((one) => one.step === step);
      const { effects = 0, deaths = 0, faults = ['not run'] } = report ?? {};
      return {
        measured: `${effects} changes, ${deaths} deaths, ${faults.length} without a working identity${faults.length > 0 ? `: ${faults[0] ?? ''}` : ''}`,
        holds: deaths === 2 * effects && effects >= LEAST_EFFECTS[step] && faults.length === 0,
      };
    },
  };
}

/** What the device's identity promises: items 3, 4 and 5 of area trust, in part. */
export const identityClaims: readonly Claim[] = [
  killClaim('enrol', 'Enrolment'),
  killClaim('renew', 'Renewal'),
  killClaim('anchors', 'Rotation of the anchors'),
  killClaim('trust', 'Trust update'),
  {
    area: 'trust',
    item: 4,
    claim: 'Renewal on a running receiver leaves no gap in what is being played',
    bound:
      'every loud 0.25 s window above 0.98, no hole or jump, no underrun; then connected with the new certificate',
    measure: async (context) => {
      const run = await onAir(context);
      const { comparison, fingerprints } = run;
      const renewed =
        fingerprints.after !== fingerprints.before && fingerprints.connected === fingerprints.after;
      return {
        measured: `${run.secondsHeard.toFixed(1)} s heard, ${comparison.windowsMatched} of ${comparison.windowsLoud} windows, worst ${comparison.worst.toFixed(4)}, ${comparison.failures.length} failures, ${run.underruns} underruns; new certificate ${renewed ? 'in use' : 'NOT in use'}, old one ${run.previousKept ? 'kept' : 'NOT kept'}; ${run.disbelieved} records disbelieved`,
        holds:
          comparison.holds &&
          comparison.windowsLoud > 10 &&
          run.underruns === 0 &&
          renewed &&
          run.previousKept &&
          run.disbelieved === 0,
        note: 'heard through the file sink, renewal asked for on the socket',
      };
    },
  },
  {
    area: 'trust',
    item: 5,
    claim: 'OpenSSL verifies each request and each certificate made',
    bound: 'EC P-256 and RSA-2048, enrolled and renewed; by the in-process authority and by cfssl',
    measure: async () => {
      const lacks = missingTool('openssl') || missingTool('cfssl');
      if (lacks !== false) return { measured: lacks, holds: null };
      const verdicts: readonly OpensslVerdict[] = await cleared(verifyByOpenssl);
      const bad = verdicts.filter(({ verified }) => !verified);
      return {
        measured: `${verdicts.length - bad.length} of ${verdicts.length} verified${bad.map(({ what }) => `; not: ${what}`).join('')}`,
        holds: verdicts.length >= 12 && bad.length === 0,
      };
    },
  },
  {
    area: 'trust',
    item: 5,
    claim: 'The private key is in no log, report or process list',
    bound:
      'none of its numbers, in hexadecimal or base64, in any place searched; the search finds a planted one',
    measure: async (context) => {
      const run = await onAir(context);
      const planted = plantedIsFound();
      return {
        measured: `${run.leaks.length} places with a part of it; searched: ${run.searched.join(', ')}`,
        holds: run.leaks.length === 0 && planted,
      };
    },
  },
  {
    area: 'trust',
    item: 5,
    claim: 'The running receiver can write no core',
    bound: 'RLIMIT_CORE 0, soft and hard, and no mapping in coredump_filter',
    measure: async (context) => {
      const run = await onAir(context);
      return {
        measured: run.coresForbidden ? 'both so, read from /proc' : 'not so',
        holds: run.coresForbidden,
      };
    },
  },
];
