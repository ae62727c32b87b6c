import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PoleBench, withoutPoleBench } from '../../test/faults/pole-bench.js';
import type { PoleVerdict } from '../../test/faults/pole-fault.js';
import { poleFaults, POLE_FAULTS } from '../../test/faults/pole-faults.js';
import { pictures, PICTURES, pictureSvg, type Picture } from '../../test/faults/pole-pictures.js';
import { factoryResetScan, supportSecrets } from '../../test/faults/pole-secrets.js';
import { exitCodes, verbOutcomes, verbsNotRun } from '../../test/faults/pole-verbs.js';
import { withoutMosquitto } from '../../test/fakes/broker-mosquitto.js';
import { bundleProgram } from '../packages/bundle.js';
import type { Claim, ProveContext } from './claim.js';
import { statusSpeed } from './technician-speed.js';

const FAULTS_LEAST = 30;
/** Those that the issue names, by what they are called in the table. */
const NAMED_FAULTS = [
  ...[
    'wrong APN',
    'no SIM',
    'DNS dead',
    'clock in 1970',
    'device certificate expired',
    'server of a foreign CA',
  ],
  ...[
    'device certificate of a foreign CA',
    'access list denies',
    'port closed',
    'captive portal',
    'slow link',
  ],
  ...['disk full', 'no card', 'card muted', 'open line', 'shorted line', 'hot board', 'amplifier hot'],
  ...['mains lost', 'wrong area', 'no schedule today', 'outside permitted hours', 'card at volume 0'],
  ...['live play ended without its lease', 'decoder missing', 'kept file corrupt', 'agent stopped'],
  ...['agent looping', 'watchdog absent'],
] as const;
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

/** The table of faults beside the claim: what was put in, how, what was named. */
async function keepTable(context: ProveContext, verdicts: readonly PoleVerdict[]): Promise<void> {
  const rows = verdicts.map(
    ({ name, part, wanted, named, remedyRight, processMs }) =>
      `| ${name} | ${part} | ${wanted} | ${named ?? 'nothing'} | ${remedyRight ? 'right' : 'wrong'} | ${processMs ?? '-'} |`,
  );
  const head = ['| fault | put in | wanted | named | remedy | ms |', '|---|---|---|---|---|---|'];
  await writeFile(join(context.out, 'pole-faults.md'), `${[...head, ...rows].join('\n')}\n`);
}

const faults: Claim = {
  area: 'technician',
  item: 1,
  claim: `${POLE_FAULTS.length} faults are put in, one at a time: loa diagnose names the first cause and gives the right remedy, in both languages, for every one.`,
  bound: `at least ${FAULTS_LEAST}, the ${NAMED_FAULTS.length} that were asked for by name among them; first cause and remedy right in all; nothing named where nothing is put in; each run within ${DIAGNOSE_LIMIT_MS / 1000} s`,
  async measure(context) {
    needBench();
    const { verdicts, slowestMs, well } = await poleFaults(await place(context, 'pole'), (line) =>
      context.progress(line),
    );
    const of = (part: string): number => verdicts.filter((one) => one.part === part).length;
    const wrong = verdicts.filter((one) => one.named !== one.wanted || !one.remedyRight);
    const absent = NAMED_FAULTS.filter((name) => !verdicts.some((one) => one.name === name));
    await keepTable(context, verdicts);
    return {
      measured:
        `${verdicts.length} faults (${of('real')} by the part itself, ${of('recorded')} by recorded output, ${of('told')} told as facts): ` +
        `${verdicts.length - wrong.length} right${wrong.map(({ name, named = 'nothing' }) => `; ${name}: ${named}`).join('')}; without a fault ${well === '' ? 'nothing' : well}${absent.length === 0 ? '' : `; absent: ${absent.join(', ')}`}; slowest ${(slowestMs / 1000).toFixed(1)} s`,
      holds:
        verdicts.length >= FAULTS_LEAST &&
        wrong.length + absent.length === 0 &&
        well === '' &&
        slowestMs <= DIAGNOSE_LIMIT_MS,
      note: 'sensors and lines of the board are files that the running receiver reads; recorded: modem (busctl) and mixer (amixer); told: beats that have been missing for an hour, a tone that nobody hears',
    };
  },
};

/** Letters of Vietnamese that English does not have. */
const VIETNAMESE = /[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]/i;
/** Titles come from the commune, and are in its language. */
const TITLES = /“[^”]*”/g;

/** The guide's picture of today's screen: figures, and how long things took, aside. */
async function asInGuide(context: ProveContext, picture: Picture): Promise<boolean> {
  const plain = (text: string): string =>
    text
      .replaceAll(/, [\d.]+ ms/g, '')
      .replaceAll(/[\d.]+ (?:s|min|h)\b/g, 'T')
      .replaceAll(/[\d.]+/g, '#');
  const kept = join(
    context.root,
    'agent',
    'technician',
    'guide',
    'pictures',
    `${picture.name}-${picture.language}.svg`,
  );
  return plain(await readFile(kept, 'utf8').catch(() => '')) === plain(pictureSvg(picture));
}

const captures: Claim = {
  area: 'technician',
  item: 2,
  claim:
    'status, diagnose, top, why (of a receiver that is well, and with a fault) and install in both languages on a terminal of 80 × 24: no line is longer, nothing runs out at the top, nothing is cut; the guide has today’s pictures.',
  bound: `${PICTURES} pictures; no line over 80 columns; none scrolled, none cut; no Vietnamese word in an English one, and none without it in Vietnamese; all as in the guide`,
  async measure(context) {
    needBench();
    const folder = await place(context, 'pictures');
    const bench = await PoleBench.open(await place(context, 'pictures-bench'));
    try {
      const found = await pictures(bench, folder);
      for (const one of found)
        await writeFile(join(folder, `${one.name}-${one.language}.svg`), pictureSvg(one));
      const widest = Math.max(...found.flatMap(({ lines }) => lines.map((line) => [...line].length)));
      const scrolled = found.filter((one) => one.scrolled > 0 || one.lines.length > 24);
      const empty = found.filter(({ lines }) => lines.join('').trim().length < 40);
      const cut = found.filter((one) => one.cut > 0);
      const foreign = found.filter(
        ({ language, lines }) =>
          VIETNAMESE.test(lines.join('\n').replaceAll(TITLES, '')) !== (language === 'vi'),
      );
      const other: string[] = [];
      for (const one of found)
        if (!(await asInGuide(context, one))) other.push(`${one.name}-${one.language}`);
      return {
        measured: `${found.length} pictures, widest ${widest} columns, ${scrolled.length} scrolled, ${cut.length} with a cut line, ${empty.length} empty, ${foreign.length} in the other language, ${other.length} not as in the guide${other.length === 0 ? '' : `: ${other.join(', ')}`}`,
        holds:
          found.length === PICTURES &&
          widest <= 80 &&
          scrolled.length + empty.length + cut.length + foreign.length + other.length === 0,
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
  bound: 'all found in the raw image before; 0 after; 0 files left; the journal emptied',
  async measure(context) {
    const found = await factoryResetScan(await place(context, 'reset'));
    return {
      measured: `${found.planted} planted, ${found.before} in the raw image before, ${found.after} after; ${found.leftInFolder} files left; journal ${found.journalEmptied ? '' : 'not '}emptied; ${(found.searchedBytes / 1_048_576).toFixed(0)} MiB searched`,
      holds:
        found.before === found.planted &&
        found.after === 0 &&
        found.leftInFolder === 0 &&
        found.journalEmptied,
      note: 'ext4 in an image by loop mount; what flash keeps in reserve is beyond any program, and the verb says so',
    };
  },
};

const verbs: Claim = {
  area: 'technician',
  item: 5,
  claim:
    "Every verb's --json fits its schema, its exit code is the documented one, and none hangs: with the receiver running, hung, its socket full, stopped and in safe mode, and with an option that there is not.",
  bound: `every verb and every word of it run; all fit; all codes as documented (0, 1, 2, 3 and 4 each seen); each within ${ANSWER_LIMIT_MS / 1000} s`,
  async measure(context) {
    needBench();
    const bench = await PoleBench.open(await place(context, 'verbs'));
    try {
      const codes = await exitCodes(bench);
      const outcomes = await verbOutcomes(bench, (line) => context.progress(line));
      const wrong = outcomes.filter(({ fits, code, wantedCode }) => !fits || code !== wantedCode);
      const slowest = outcomes.reduce((one, other) => (other.tookMs > one.tookMs ? other : one));
      const notRun = await verbsNotRun(outcomes);
      const seen = [0, 1, 2, 3, 4].map((code) => outcomes.filter((one) => one.code === code).length);
      return {
        measured:
          `${outcomes.length} runs, ${wrong.length} wrong${wrong
            .slice(0, 4)
            .map(({ verb, world, code }) => `; ${verb} (${world}): ${code}`)
            .join(
              '',
            )}; ${notRun.length} verbs not run${notRun.length === 0 ? '' : `: ${notRun.join(', ')}`}; ` +
          `slowest ${slowest.verb} (${slowest.world}) ${(slowest.tookMs / 1000).toFixed(1)} s; codes 0 to 4: ${seen.join(', ')} times`,
        holds:
          wrong.length + notRun.length === 0 &&
          slowest.tookMs <= ANSWER_LIMIT_MS &&
          seen.every((times) => times > 0) &&
          JSON.stringify(Object.values(codes)) === '[0,1,2,2,4]',
        note: 'every verb but run, which is the receiver itself; calibration has no sensor here and enrolment no server: their refusals are answers of the same form',
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
