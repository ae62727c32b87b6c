import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../agent/core/errors.js';
import { BASELINE } from '../baseline.js';
import { CLAIMS, isArea } from './areas.js';
import { AREAS, type Proved } from './claim.js';
import { contextOf, exitCodeOf, prove, select, type ProveRequest, type Selection } from './proving.js';
import { holdsWord, table } from './table.js';

const USAGE = `usage: ./build/prove [AREA] [--item N] [--long] [--json]\nareas: ${AREAS.join(', ')}`;

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function requestOf(words: string[]): ProveRequest & { json: boolean } {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: { item: { type: 'string' }, long: { type: 'boolean' }, json: { type: 'boolean' } },
  });
  const [area, ...more] = positionals;
  if (more.length > 0) throw new Error('one area at a time');
  if (area !== undefined && !isArea(area)) throw new Error(`no area is named ${area}`);
  if (values.item !== undefined && !/^[1-9]\d*$/.test(values.item)) throw new Error('--item takes a number');
  return {
    ...(area === undefined ? {} : { area }),
    ...(values.item === undefined ? {} : { item: Number(values.item) }),
    long: values.long === true,
    json: values.json === true,
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

function reportOf(claims: readonly Proved[], commit: string, date: Date): object {
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
    machine: {
      platform: `${platform()} ${release()} ${arch()}`,
      processors: cpus().length,
      model: cpus()[0]?.model ?? 'unknown',
      memoryMb: Math.round(totalmem() / 2 ** 20),
    },
    node: process.version,
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
  const commit = commitOf(root);
  const selection = select(CLAIMS, request);
  tellLeftOut(selection, request);
  const context = contextOf(root, out, tell);
  const proved: Proved[] = [];
  for (const [index, claim] of selection.claims.entries()) {
    tell(`[${index + 1}/${selection.claims.length}] ${claim.area} ${claim.item}: ${claim.claim}`);
    const one = await prove(claim, context);
    tell(`    ${holdsWord(one.holds)}: ${one.measured}`);
    proved.push(one);
  }
  const report = `${JSON.stringify(reportOf(proved, commit, new Date()), null, 2)}\n`;
  await writeFile(join(out, 'report.json'), report);
  process.stdout.write(request.json ? report : `${table(proved)}\n`);
  return exitCodeOf(proved, selection);
}

try {
  process.exitCode = await main();
} catch (error) {
  tell(`${messageOf(error)}\n${USAGE}`);
  process.exitCode = 64;
}
