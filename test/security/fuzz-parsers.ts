import { parseArgs } from 'node:util';
import { fuzzParsers, type ParserResult } from './parser-fuzz.js';

const GROWTH_MB = 200;

function tell({ name, rounds, outcomes, faults, slowestMs }: ParserResult): void {
  const counts = Object.entries(outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${outcome} ${count}`);
  process.stdout.write(
    `${name}: ${rounds} inputs, slowest ${slowestMs.toFixed(0)} ms: ${counts.join(', ')}\n`,
  );
  for (const fault of faults) process.stdout.write(`    FAULT ${fault}\n`);
}

const { values } = parseArgs({ options: { seed: { type: 'string' }, rounds: { type: 'string' } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const rounds = Number(values.rounds ?? 2_000);
if (!Number.isInteger(seed) || !Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write('usage: node dist/test/security/fuzz-parsers.js [--seed N] [--rounds N]\n');
  process.exitCode = 64;
} else {
  process.stderr.write(`seed ${seed}\n`);
  const { parsers, growthMb } = await fuzzParsers({ seed, rounds, processes: true }, tell);
  const inputs = parsers.reduce((sum, one) => sum + one.rounds, 0);
  const faulty = parsers.filter(({ faults }) => faults.length > 0).map(({ name }) => name);
  process.stdout.write(
    `seed ${seed}: ${parsers.length} parsers, ${inputs} inputs, ` +
      `${faulty.length === 0 ? 'named errors only' : `FAULTS in ${faulty.join(', ')}`}, RSS ${growthMb >= 0 ? '+' : ''}${growthMb.toFixed(0)} MiB\n`,
  );
  process.exitCode = faulty.length > 0 || growthMb > GROWTH_MB ? 1 : 0;
}
