import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readReferences } from '../../test/demo/references.js';
import { EXPECTED_ORDER, judge, type Verdict } from '../../test/demo/verdict.js';
import { readWav } from '../../test/heard/wav.js';
import type { Receipt } from '../../protocols/messages/up.js';
import type { Claim, Measured, ProveContext } from './claim.js';

interface DemoRun {
  readonly exitCode: number | null;
  readonly seconds: number;
  readonly verdicts: readonly Verdict[];
}

const LIMIT_MS = 240_000;

/** Runs the demo and judges the files that it left, whatever it said itself. */
async function runDemo(context: ProveContext): Promise<DemoRun> {
  const { root, out } = context;
  const folder = join(out, 'demo');
  const startMs = performance.now();
  const program = join(root, 'dist', 'test', 'demo', 'demo.js');
  const child = spawn(process.execPath, [program, '--out', folder, '--lang', 'en'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => tellLines(text, context));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const seconds = (performance.now() - startMs) / 1000;
  const references = await readReferences(folder);
  const { receipts: all } = JSON.parse(await readFile(join(folder, 'receipts.json'), 'utf8')) as {
    receipts: { receiver: string; message: Receipt }[];
  };
  const verdicts: Verdict[] = [];
  for (const [index, expected] of EXPECTED_ORDER.entries()) {
    const receiver = `cum-tan-hoa-${index + 1}`;
    const receipts = all.filter((one) => one.receiver === receiver).map((one) => one.message.body);
    const { samples } = await readWav(join(folder, `heard-${index + 1}.wav`));
    verdicts.push(judge({ receiver, heard: samples, receipts, references, expected }));
  }
  return { exitCode, seconds, verdicts };
}

function tellLines(text: string, context: ProveContext): void {
  for (const line of text.split('\n').filter(Boolean)) context.progress(line);
}

function claim(text: string, bound: string, measure: (run: DemoRun) => Measured): Claim {
  return {
    area: 'main',
    item: 2,
    claim: text,
    bound,
    measure: async (context) => measure(await context.once('demo', () => runDemo(context))),
  };
}

/** What the demo's own recordings prove: item 2 of area main. */
export const demoClaims: readonly Claim[] = [
  claim(
    'Each segment of heard-*.wav has one fixed lag against its source',
    'every window within ±1 ms of it',
    ({ verdicts }) => {
      const spans = verdicts.flatMap((verdict) => verdict.spans);
      const spread = Math.max(...spans.map(({ comparison }) => comparison.lagSpreadMs));
      const jumps = spans
        .flatMap(({ comparison }) => comparison.failures)
        .filter(({ kind }) => kind === 'jump').length;
      return {
        measured: `${spans.length} segments, spread ${spread.toFixed(2)} ms at most, ${jumps} jumps`,
        holds: spans.length > 0 && spread <= 2 && jumps === 0,
      };
    },
  ),
  claim(
    'Every 0.25 s window above −45 dBFS is the sound of its source',
    'correlation above 0.98',
    ({ verdicts }) => {
      const all = verdicts.flatMap((verdict) => verdict.spans.map(({ comparison }) => comparison));
      const sum = (of: (one: (typeof all)[number]) => number): number =>
        all.reduce((total, one) => total + of(one), 0);
      const loud = sum((one) => one.windowsLoud);
      const matched = sum((one) => one.windowsMatched);
      const worst = Math.min(...all.map((one) => one.worst));
      const failures = sum((one) => one.failures.length);
      return {
        measured: `${matched} of ${loud} windows, worst ${worst.toFixed(4)}; ${sum((one) => one.windowsInRamp)} in ramps left out; ${failures} holes, jumps or extras`,
        holds: loud > 100 && matched === loud && failures === 0,
      };
    },
  ),
  claim(
    'The order of bulletins, told by the sound alone, is right',
    EXPECTED_ORDER.map((order) => order.join(', ')).join(' | '),
    ({ verdicts }) => {
      const heard = verdicts.map(({ order }) => order.join(', ')).join(' | ');
      return {
        measured: heard,
        holds: heard === EXPECTED_ORDER.map((order) => order.join(', ')).join(' | '),
      };
    },
  ),
  claim('Silence where nothing should play', 'below −60 dBFS in every 10 ms', ({ verdicts }) => {
    const loudest = Math.max(...verdicts.map(({ quietDb }) => quietDb));
    return {
      measured: Number.isFinite(loudest) ? `${loudest.toFixed(1)} dBFS at most` : 'digital silence',
      holds: loudest < -60,
    };
  }),
  claim(
    'After the emergency the live bulletin is back on its own time line',
    'within 100 ms',
    ({ verdicts }) => {
      const rejoinMs = verdicts[0]?.rejoinMs;
      return rejoinMs === undefined
        ? { measured: 'it did not come back', holds: false }
        : { measured: `${rejoinMs.toFixed(2)} ms`, holds: rejoinMs <= 100 };
    },
  ),
  claim(
    'The demo ends well: refusals and outage reported, records signed without a gap',
    'exit code 0, under 120 s',
    ({ exitCode, seconds }) => ({
      measured: `exit code ${exitCode ?? 'none'} after ${seconds.toFixed(0)} s`,
      holds: exitCode === 0 && seconds < 120,
    }),
  ),
];
