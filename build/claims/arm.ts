import { KeptLog } from '../../test/support/kept-log.js';
import { runScenarios, type RunResult } from '../../test/simulation/run.js';
import { SCENARIOS } from '../../test/simulation/scenarios/all.js';
import { join } from 'node:path';
import type { SimulatedArchitecture } from '../images/image.js';
import { nameOf, TARGETS } from '../packages/target.js';
import type { Claim, Measured, ProveContext } from './claim.js';
import { installInCleanRoot } from './package-install.js';
import { buildTwice } from './reproducible.js';
import { exposureOf } from './unit-exposure.js';

const SIMULATED = ['arm64', 'armhf'] as const;

/** The must-show list of the issue on ARM: packages, and a simulated receiver that is heard. */
export const armClaims: readonly Claim[] = [
  ...SIMULATED.map(heard),
  ...SIMULATED.map(amplifier),
  ...SIMULATED.map(start),
  memory(),
  powerCuts(),
  installs(),
  sameBytes(),
  hardening(),
];

/** One run of the scenarios for all claims about an architecture. */
async function run(context: ProveContext, architecture: SimulatedArchitecture): Promise<RunResult> {
  const names = new Set(
    architecture === 'arm64'
      ? ['enrol', 'live', 'interrupt', 'broker', 'power-cut-long', 'clock-1970']
      : ['enrol', 'live', 'interrupt'],
  );
  return context.once(`simulated ${architecture}`, () =>
    runScenarios({
      ...{ root: context.root, architecture, log: new KeptLog() },
      out: join(context.out, `simulated-${architecture}`),
      scenarios: SCENARIOS.filter(({ name }) => names.has(name)),
      tell: (line) => context.progress(`    ${line}`),
    }),
  );
}

function failedSteps({ steps }: RunResult): string {
  const failed = steps.filter(({ holds }) => !holds);
  return failed.map(({ scenario, text }) => `; ${scenario}: ${text}`).join('');
}

function heard(architecture: SimulatedArchitecture): Claim {
  return {
    ...{ area: 'arm', item: 1, long: true },
    claim: `A simulated ${architecture} receiver with our package is heard as the source sounds`,
    bound: '≥ 95 % of the 0.25 s windows above −45 dBFS correlate above 0.98 with the source at one lag',
    async measure(context): Promise<Measured> {
      const result = await run(context, architecture);
      const spans = result.figures.heard;
      const loud = spans.reduce((sum, { windowsLoud }) => sum + windowsLoud, 0);
      const matched = spans.reduce((sum, { windowsMatched }) => sum + windowsMatched, 0);
      return {
        measured: `${matched} of ${loud} windows in ${spans.length} spans${failedSteps(result)}`,
        holds: loud > 0 && spans.every((one) => one.windowsMatched >= 0.95 * one.windowsLoud),
        note: 'recorded by QEMU',
      };
    },
  };
}

function amplifier(architecture: SimulatedArchitecture): Claim {
  return {
    ...{ area: 'arm', item: 1, long: true },
    claim: `The amplifier line of a simulated ${architecture} receiver is high exactly while it plays`,
    bound:
      'high from before the first sample to after the last, no longer than its times say; line relay and supply on meanwhile, all off afterwards',
    async measure(context): Promise<Measured> {
      const result = await run(context, architecture);
      const seen = result.figures.amplifier;
      const least = (values: readonly number[]): string => `${Math.min(...values).toFixed(0)} ms`;
      const openings = seen.reduce((sum, one) => sum + one.openings, 0);
      const faults = seen.flatMap((one) => one.faults);
      return {
        measured:
          `${openings} openings in ${seen.length} recordings: at least ${least(seen.flatMap((one) => one.leadMs))} before the first sample, ` +
          `${least(seen.flatMap((one) => one.tailMs))} after the last; looked at every ${Math.max(...seen.map((one) => one.blindMs)).toFixed(0)} ms of sound at most; ` +
          `${faults.length === 0 ? 'no fault' : faults.join('; ')}${failedSteps(result)}`,
        // In `live` and in `interrupt`.
        holds: seen.length >= 2 && openings >= seen.length && faults.length === 0,
        note: 'PL061 of QEMU, read by the host; board qemu-virt',
      };
    },
  };
}

function start(architecture: SimulatedArchitecture): Claim {
  return {
    ...{ area: 'arm', item: 2, long: true },
    claim: `On a simulated ${architecture} receiver a start takes little more than Node itself`,
    bound: 'unit start to birth ≤ 8 ×, to ready ≤ 6 × a bare `node -e 0` in the same guest',
    async measure(context): Promise<Measured> {
      const { figures } = await run(context, architecture);
      const bare = figures.bareNodeMs[0] ?? NaN;
      const times = (of: (one: { readyMs: number; birthMs: number }) => number): number =>
        median(figures.starts.map(of)) / bare;
      const ready = times(({ readyMs }) => readyMs);
      const birth = times(({ birthMs }) => birthMs);
      return {
        measured: `bare node ${(bare / 1000).toFixed(1)} s; ready ${ready.toFixed(1)} ×, birth ${birth.toFixed(1)} × (median of ${figures.starts.length} starts)`,
        holds: ready <= 6 && birth <= 8,
      };
    },
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function memory(): Claim {
  return {
    ...{ area: 'arm', item: 3, long: true },
    claim: 'The receiver needs little memory while it plays, on armhf',
    bound: 'USS of all its processes ≤ 110 MB playing',
    async measure(context): Promise<Measured> {
      const { ussMb } = (await run(context, 'armhf')).figures;
      const { idle = NaN, playing = NaN } = ussMb;
      return {
        measured: `${idle.toFixed(0)} MB idle, ${playing.toFixed(0)} MB playing`,
        holds: playing <= 110,
      };
    },
  };
}

function powerCuts(): Claim {
  return {
    ...{ area: 'arm', item: 4, long: true },
    claim: 'After a power cut in the middle of a play it boots, sounds the stored emergency, and reports',
    bound: '20 of 20',
    async measure(context): Promise<Measured> {
      const result = await run(context, 'arm64');
      const { made, survived } = result.figures.cuts;
      return {
        measured: `${survived} of ${made}${failedSteps(result)}`,
        holds: made === 20 && survived === 20,
      };
    },
  };
}

function installs(): Claim {
  return {
    ...{ area: 'arm', item: 5, long: true },
    claim:
      'The packages install with apt on clean Debian roots, `loa status` answers, and purge leaves nothing',
    bound: 'every package; exit code 3 with a remedy; settings kept over a new installation; nothing left',
    async measure(context): Promise<Measured> {
      const lines: string[] = [];
      let holds = true;
      for (const target of TARGETS) {
        const one = await installInCleanRoot(context.root, target, (line) => context.progress(`    ${line}`));
        holds &&= one.status.sane && one.keepsSettings && one.left.length === 0;
        lines.push(
          `${one.target}: ${one.packageMb.toFixed(1)} MB, installed ${one.installedMb.toFixed(0)} MB; ` +
            `status ${one.status.code}; left ${one.left.length === 0 ? 'nothing' : one.left.slice(0, 5).join(' ')}`,
        );
      }
      return { measured: lines.join('\n'), holds };
    },
  };
}

function sameBytes(): Claim {
  return {
    ...{ area: 'arm', item: 5 },
    claim: 'Two builds of one commit, in two places, with two umasks and time zones, are the same bytes',
    bound: 'the same SHA-256 for each package that carries no Node',
    async measure({ root }): Promise<Measured> {
      const targets = TARGETS.filter(({ carriesNode }) => !carriesNode);
      const results = [];
      for (const target of targets) results.push({ target, ...(await buildTwice(root, target)) });
      return {
        measured: results
          .map(
            ({ target, digests }) =>
              `${nameOf(target)} ${digests.map((one) => one.slice(0, 12)).join(' = ')}`,
          )
          .join('\n'),
        holds: results.every(({ digests: [one, other] }) => one === other),
        note: 'HEAD as committed; Node is carried as it is, from an archive with a pinned digest',
      };
    },
  };
}

function hardening(): Claim {
  return {
    ...{ area: 'arm', item: 6 },
    claim: 'The units may do little on the system, and why they may do what they may is written down',
    bound: 'systemd-analyze security ≤ 3.0 each; each remaining exposure in build/packages/README.md',
    async measure({ root }): Promise<Measured> {
      const lines: string[] = [];
      let holds = true;
      for (const unit of ['loa.service', 'loa-clock.service']) {
        const { overall, remaining, unexplained } = await exposureOf(root, unit);
        holds &&= overall <= 3 && unexplained.length === 0;
        const open = unexplained.length === 0 ? '' : `; not explained: ${unexplained.join(', ')}`;
        lines.push(`${unit} ${overall.toFixed(1)}, ${remaining.length} exposures remain${open}`);
      }
      return { measured: lines.join('\n'), holds };
    },
  };
}
