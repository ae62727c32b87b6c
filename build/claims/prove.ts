import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../agent/core/errors.js';
import { BASELINE } from '../baseline.js';
import { keepResult, type RunFacts } from '../record/kept-results.js';
import { machineHere } from '../record/machine-here.js';
import { recordOfKept, RESULTS_FOLDER } from '../record/record-of-kept.js';
import { CLAIMS, isArea } from './areas.js';
import { AREAS, type Proved } from './claim.js';
import { contextOf, exitCodeOf, prove, select, type ProveRequest, type Selection } from './proving.js';
import { holdsWord, table } from './table.js';

const USAGE = `usage: ./build/prove [AREA] [--item N] [--long] [--json] [--report [--kept]]\nareas: ${AREAS.join(', ')}`;

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What the command was asked for. */
interface Request extends ProveRequest {
  readonly json: boolean;
  /** Makes the acceptance record afterwards. */
  readonly report: boolean;
  /** Measures nothing: the record is made of what earlier runs have kept. */
  readonly kept: boolean;
}

function requestOf(words: string[]): Request {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      item: { type: 'string' },
      ...{ long: { type: 'boolean' }, json: { type: 'boolean' } },
      ...{ report: { type: 'boolean' }, kept: { type: 'boolean' } },
    },
  });
  const [area, ...more] = positionals;
  if (more.length > 0) throw new Error('one area at a time');
  if (area !== undefined && !isArea(area)) throw new Error(`no area is named ${area}`);
  if (values.item !== undefined && !/^[1-9]\d*$/.test(values.item)) throw new Error('--item takes a number');
  if (values.kept === true && values.report !== true) throw new Error('--kept goes with --report');
  return {
    ...(area === undefined ? {} : { area }),
    ...(values.item === undefined ? {} : { item: Number(values.item) }),
    long: values.long === true,
    json: values.json === true,
    ...{ report: values.report === true, kept: values.kept === true },
  };
}

function commitOf(root: string): string {
  const git = (...words: string[]): string =>
    execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  try {
    return `${git('rev-parse', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes'}`;
  } catch (error) {
    return `unknown: ${messageOf(error)}`;
  }
}

function reportOf(claims: readonly Proved[], { commit, machine, node }: RunFacts, date: Date): object {
  return {
    claims: claims.map(({ area, item, claim, bound, measured, holds }) => ({
      area,
      item,
      claim,
      bound,
      measured,
      holds,
    })),
    notes: claims.flatMap(({ area, item, note }) => (note === undefined ? [] : [{ area, item, note }])),
    baseline: BASELINE,
    machine,
    node,
    commit,
    date: date.toISOString(),
  };
}

function tellLeftOut(selection: Selection, request: ProveRequest): void {
  if (selection.leftOut.length > 0) {
    const items = selection.leftOut.map((claim) => `${claim.area} ${claim.item}`);
    tell(`left out, because they need --long: ${items.join(', ')}`);
  }
  if (selection.empty.length > 0) tell(`no claims yet in: ${selection.empty.join(', ')}`);
  if (selection.claims.length === 0 && selection.leftOut.length === 0 && request.item !== undefined) {
    tell(`no claim has the item ${request.item}`);
  }
}

async function main(): Promise<number> {
  const request = requestOf(process.argv.slice(2));
  const root = process.cwd();
  const out = resolve(root, 'prove-out');
  await mkdir(out, { recursive: true });
  const run: RunFacts = {
    ...{ runBegan: new Date().toISOString(), commit: commitOf(root) },
    ...{ node: process.version, machine: machineHere() },
  };
  if (request.kept) return tellRecord(out, run);
  const selection = select(CLAIMS, request);
  tellLeftOut(selection, request);
  const context = contextOf(root, out, tell);
  const proved: Proved[] = [];
  for (const [index, claim] of selection.claims.entries()) {
    tell(`[${index + 1}/${selection.claims.length}] ${claim.area} ${claim.item}: ${claim.claim}`);
    const one = await prove(claim, context);
    tell(`    ${holdsWord(one.holds)}: ${one.measured}`);
    proved.push(one);
    await keepResult(join(out, RESULTS_FOLDER), one, run, new Date());
  }
  const report = `${JSON.stringify(reportOf(proved, run, new Date()), null, 2)}\n`;
  await writeFile(join(out, 'report.json'), report);
  process.stdout.write(request.json ? report : `${table(proved)}\n`);
  if (request.report) await tellRecord(out, run);
  return exitCodeOf(proved, selection);
}

/** Makes the acceptance record of all that was kept, and says where it is. @returns 2 where a PDF is wanting */
async function tellRecord(out: string, run: RunFacts): Promise<0 | 2> {
  const { made, counts, runs } = await recordOfKept(CLAIMS, out, join(out, 'report'), run);
  const { holds, short, unmeasured, 'not run': notRun } = counts;
  tell(`${holds} hold, ${short} fall short, ${unmeasured} not measured, ${notRun} not run; ${runs} runs`);
  for (const path of [...made.pages, ...made.pdfs]) tell(`made: ${path}`);
  for (const trouble of made.troubles) tell(`not made: ${trouble}`);
  return made.troubles.length === 0 ? 0 : 2;
}

try {
  process.exitCode = await main();
} catch (error) {
  tell(`${messageOf(error)}\n${USAGE}`);
  process.exitCode = 64;
}
