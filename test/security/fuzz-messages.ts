import { parseArgs } from 'node:util';
import { fuzzMessages } from './message-fuzz.js';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, rounds: { type: 'string' }, json: { type: 'boolean' } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const rounds = Number(values.rounds ?? 20_000);
if (!Number.isInteger(seed) || !Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write('usage: node dist/test/security/fuzz-messages.js [--seed N] [--rounds N] [--json]\n');
  process.exitCode = 64;
} else {
  process.stderr.write(`seed ${seed}\n`);
  const result = await fuzzMessages({ seed, rounds }, (line) => void process.stderr.write(`${line}\n`));
  if (values.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    for (const [name, count] of Object.entries(result.histogram))
      process.stdout.write(`${String(count).padStart(8)}  ${name}\n`);
    const { rssMb, seconds } = result;
    process.stdout.write(
      `seed ${seed}: ${rounds} inputs (${result.resigned} re-signed) in ${seconds.toFixed(1)} s, ` +
        `${result.accepted.length} accepted, ${result.crashes.length} crashes, ` +
        `RSS ${rssMb.early.toFixed(0)} to ${rssMb.late.toFixed(0)} MiB\n`,
    );
    for (const line of [...result.accepted, ...result.crashes]) process.stdout.write(`${line}\n`);
  }
  process.exitCode = result.accepted.length + result.crashes.length > 0 ? 1 : 0;
}
