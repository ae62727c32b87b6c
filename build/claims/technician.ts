import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PoleBench, withoutPoleBench } from '../../test/faults/pole-bench.js';
import { poleFaults, POLE_FAULTS } from '../../test/faults/pole-faults.js';
import { pictures } from '../../test/faults/pole-pictures.js';
import { factoryResetScan, supportSecrets } from '../../test/faults/pole-secrets.js';
import { exitCodes, verbOutcomes } from '../../test/faults/pole-verbs.js';
import { withoutMosquitto } from '../../test/fakes/broker-mosquitto.js';
import { bundleProgram } from '../packages/bundle.js';
import type { Claim, ProveContext } from './claim.js';
import { statusSpeed } from './technician-speed.js';

const FAULTS_LEAST = 30;
const DIAGNOSE_LIMIT_MS = 60_000;
const SPEED_LIMIT = 1.5;
const ANSWER_LIMIT_MS = 60_000;

/** An empty folder of a measurement's own, within `prove-out/`. */
async function place(context: ProveContext, name: string): Promise<string> {
  const folder = join(context.out, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

function needBench(): void {
  for (const missing of [withoutPoleBench(), withoutMosquitto()])
    if (missing !== false) throw new Error(missing);
}

const faults: Claim = {
  area: 'technician',
  item: 1,
  claim: `${POLE_FAULTS.length} faults are put in, one at a time: loa diagnose names the first cause and gives the right remedy, in both languages, for every one.`,
  bound: `at least ${FAULTS_LEAST}; all named; remedy right in all; each run within ${DIAGNOSE_LIMIT_MS / 1000} s`,
  async measure(context) {
    needBench();
    const { verdicts, slowestMs } = await poleFaults(await place(context, 'pole'), (line) =>
      context.progress(line),
    );
    const of = (part: string): number => verdicts.filter((one) => one.part === part).length;
    const wrong = verdicts.filter((one) => one.named !== one.wanted || !one.remedyRight);
    return {
      measured:
        `${verdicts.length} faults (${of('real')} by the part itself, ${of('recorded')} by recorded output, ${of('told')} told as facts): ` +
        `${verdicts.length - wrong.length} right${wrong.map(({ name, named = 'nothing' }) => `; ${name}: ${named}`).join('')}; slowest ${(slowestMs / 1000).toFixed(1)} s`,
      holds: verdicts.length >= FAULTS_LEAST && wrong.length === 0 && slowestMs <= DIAGNOSE_LIMIT_MS,
      note: 'told as facts: modem, mains, supply, heat, memory, amplifier, line, missing beats, a tone that nobody hears; these parts are not on this machine',
    };
  },
};

const captures: Claim = {
  area: 'technician',
  item: 2,
  claim:
    'status, diagnose, top, why and install in both languages on a terminal of 80 × 24: no line is longer and nothing runs out at the top.',
  bound: '10 pictures; no line over 80 columns; none scrolled; no text cut but lists of codes',
  async measure(context) {
    needBench();
    const folder = await place(context, 'pictures');
    const bench = await PoleBench.open(await place(context, 'pictures-bench'));
    try {
      const found = await pictures(bench, folder);
      const widest = Math.max(...found.flatMap(({ lines }) => lines.map((line) => [...line].length)));
      const scrolled = found.filter((one) => one.scrolled > 0 || one.lines.length > 24);
      const empty = found.filter(({ lines }) => lines.join('').trim().length < 40);
      const cut = found.filter((one) => one.cut > 0);
      return {
        measured: `${found.length} pictures, widest ${widest} columns, ${scrolled.length} scrolled, ${cut.length} with a cut line, ${empty.length} empty`,
        holds: found.length === 10 && widest <= 80 && scrolled.length + empty.length + cut.length === 0,
      };
    } finally {
      await bench.close();
    }
  },
};

const support: Claim = {
  area: 'technician',
  item: 3,
  claim:
    'Keys, tokens, passphrases and a proxy account are planted in state, settings and log: none is in the support archive, which is small and lists what is inside.',
  bound: '0 found of all planted, as they are, in base64 and in hexadecimal; at most 5 MB; every file listed',
  async measure(context) {
    const { planted, found, files, bytes, listed } = await supportSecrets(await place(context, 'support'));
    return {
      measured: `${planted} pieces planted, ${found.length} found${found.length > 0 ? `: ${found.slice(0, 3).join(', ')}` : ''}; ${files} files, ${(bytes / 1_048_576).toFixed(2)} MiB, listed ${listed}`,
      holds: planted > 0 && found.length === 0 && bytes <= 5 << 20 && listed,
    };
  },
};

const reset: Claim = {
  area: 'technician',
  item: 4,
  claim:
    'After factory-reset neither the state folder nor the raw image of its file system holds a planted secret, also of files that were deleted and replaced before.',
  bound: 'all found in the raw image before; 0 after; 0 files left',
  async measure(context) {
    const found = await factoryResetScan(await place(context, 'reset'));
    return {
      measured: `${found.planted} planted, ${found.before} in the raw image before, ${found.after} after; ${found.leftInFolder} files left; ${(found.searchedBytes / 1_048_576).toFixed(0)} MiB searched`,
      holds: found.before === found.planted && found.after === 0 && found.leftInFolder === 0,
      note: 'ext4 in an image by loop mount; what flash keeps in reserve is beyond any program, and the verb says so',
    };
  },
};

const verbs: Claim = {
  area: 'technician',
  item: 5,
  claim:
    "Every verb's --json fits its schema, and none hangs with the receiver running, hung, stopped, or its socket full; exit codes are as documented.",
  bound: `all fit; each within ${ANSWER_LIMIT_MS / 1000} s; codes 0, 1, 2, 3, 4 where the document says`,
  async measure(context) {
    needBench();
    const bench = await PoleBench.open(await place(context, 'verbs'));
    try {
      const codes = await exitCodes(bench);
      const outcomes = await verbOutcomes(bench, (line) => context.progress(line));
      const misfits = outcomes.filter((one) => one.fits !== true);
      const slowest = outcomes.reduce((one, other) => (other.tookMs > one.tookMs ? other : one));
      const away = outcomes.filter(({ world, verb }) => world === 'stopped' && verb === 'status');
      const codesRight =
        JSON.stringify(Object.values(codes)) === '[0,1,2,2,4]' && away.every(({ code }) => code === 3);
      const done = outcomes.every(({ world, code }) => world !== 'running' || code === 0);
      return {
        measured:
          `${outcomes.length} runs, ${misfits.length} do not fit${misfits
            .slice(0, 4)
            .map(({ verb, world }) => `; ${verb} (${world})`)
            .join('')}; ` +
          `slowest ${slowest.verb} (${slowest.world}) ${(slowest.tookMs / 1000).toFixed(1)} s; codes ${Object.values(codes).join(' ')}, stopped ${away[0]?.code}`,
        holds: misfits.length === 0 && slowest.tookMs <= ANSWER_LIMIT_MS && codesRight && done,
      };
    } finally {
      await bench.close();
    }
  },
};

const speed: Claim = {
  area: 'technician',
  item: 5,
  claim: 'loa status, bundled as in the packages, answers in little more than the start of Node.',
  bound: `median at most ${SPEED_LIMIT} × node -e 0, run in turn on the same machine`,
  async measure(context) {
    needBench();
    const bench = await PoleBench.open(await place(context, 'speed'));
    try {
      const out = join(context.out, 'speed-bundle');
      await bundleProgram({ root: context.root, out, architecture: 'amd64', version: '0.0.0' });
      const { bareMs, statusMs, rounds } = await statusSpeed(
        join(out, 'quick.cjs'),
        bench.receiver.configPath,
      );
      const ratio = statusMs / bareMs;
      return {
        measured: `node -e 0 ${bareMs.toFixed(0)} ms, loa status ${statusMs.toFixed(0)} ms in the median of ${rounds}: ${ratio.toFixed(2)} ×`,
        holds: ratio <= SPEED_LIMIT,
      };
    } finally {
      await bench.close();
    }
  },
};

/** The must-show list of issue 10: the technician on the pole. */
export const technicianClaims: readonly Claim[] = [faults, captures, support, reset, verbs, speed];
