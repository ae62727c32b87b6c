import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FuzzResult } from '../../test/security/message-fuzz.js';
import type { Claim, Measured, ProveContext } from './claim.js';

const ROUNDS = 200_000;
const GROWTH_MB = 64;
const LIMIT_MS = 1_200_000;

/** Runs a fuzzer in a process of its own, so that a crash is seen as one. Its output, and how it ended. */
async function runFuzzer(
  context: ProveContext,
  program: string,
  words: readonly string[],
): Promise<{ code: number | null; output: string }> {
  const path = join(context.root, 'dist', 'test', 'security', program);
  const child = spawn(process.execPath, [path, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => context.progress(`    ${text.trim()}`));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

function newSeed(): string {
  return String(Math.floor(Math.random() * 2 ** 31));
}

async function fuzzMessages(context: ProveContext): Promise<Measured> {
  const words = ['--json', '--seed', newSeed(), '--rounds', String(ROUNDS)];
  const { code, output } = await runFuzzer(context, 'fuzz-messages.js', words);
  if (output === '')
    return { measured: `the fuzzer ended with ${code ?? 'a signal'} and no result`, holds: false };
  const result = JSON.parse(output) as FuzzResult;
  await writeFile(join(context.out, 'fuzz-messages.json'), `${JSON.stringify(result, null, 2)}\n`);
  for (const [name, count] of Object.entries(result.histogram)) context.progress(`    ${count}  ${name}`);
  const { seed, rounds, resigned, accepted, crashes, rssMb, seconds } = result;
  const growth = rssMb.late - rssMb.early;
  return {
    measured:
      `${rounds} inputs, ${resigned} of them well formed and re-signed: ${accepted.length} accepted, ` +
      `${crashes.length} crashes, RSS ${growth >= 0 ? '+' : ''}${growth.toFixed(0)} MiB; seed ${seed}, ${seconds.toFixed(0)} s`,
    holds:
      code === 0 &&
      rounds === ROUNDS &&
      resigned >= ROUNDS / 2 &&
      accepted.length === 0 &&
      crashes.length === 0 &&
      growth < GROWTH_MB,
    note: 'the histogram of refusals: prove-out/fuzz-messages.json',
  };
}

async function fuzzParsers(context: ProveContext): Promise<Measured> {
  const seed = newSeed();
  const { code, output } = await runFuzzer(context, 'fuzz-parsers.js', ['--seed', seed, '--rounds', '20000']);
  await writeFile(join(context.out, 'fuzz-parsers.txt'), output);
  const last = output.trim().split('\n').at(-1) ?? '';
  return { measured: last === '' ? `no result, exit code ${code ?? 'none'}` : last, holds: code === 0 };
}

/** Items 2 and 7 of area trust: what random and hostile input does. */
export const fuzzClaims: readonly Claim[] = [
  {
    area: 'trust',
    item: 2,
    claim: 'Mutated and wrongly signed messages, trust documents and certificates are all refused',
    bound: `of ${ROUNDS} none accepted, none crashes, half re-signed, RSS grows under ${GROWTH_MB} MiB`,
    measure: fuzzMessages,
  },
  {
    area: 'trust',
    item: 7,
    claim: 'Every parser takes random and mutated input',
    bound: '20,000 inputs each: named errors only, bounded in time and memory',
    measure: fuzzParsers,
  },
];
