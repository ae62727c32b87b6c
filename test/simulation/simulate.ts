/** The command behind `./build/simulate`: one scenario on a simulated receiver, with its console visible. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '../heard/repository-root.js';
import { KeptLog } from '../support/kept-log.js';
import { runScenarios } from './run.js';
import { enrol } from './scenarios/enrol.js';
import { SCENARIOS } from './scenarios/all.js';

const USAGE = [
  'usage: ./build/simulate [SCENARIO…] [--arch arm64|armhf] [--quiet] [--out FOLDER]',
  ...SCENARIOS.map(({ name, about }) => `  ${name.padEnd(16)}${about}`),
  'Without a scenario: all short ones, in this order.',
].join('\n');

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      arch: { type: 'string', default: 'arm64' },
      out: { type: 'string', default: 'simulate-out' },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
    allowPositionals: true,
  });
  const { arch } = values;
  const unknown = positionals.some((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (values.help || unknown || (arch !== 'arm64' && arch !== 'armhf')) {
    console.error(USAGE);
    return values.help ? 0 : 64;
  }
  const wanted = SCENARIOS.filter(({ name, long }) =>
    positionals.length === 0 ? long !== true : positionals.includes(name),
  );
  const root = repositoryRoot(import.meta.url);
  const { steps } = await runScenarios({
    ...{ root, architecture: arch, out: join(root, values.out, arch), log: new KeptLog() },
    scenarios: [enrol, ...wanted.filter((scenario) => scenario !== enrol)],
    tell: (line) => console.log(line),
    ...(values.quiet ? {} : { onConsole: (line: string) => console.log(`    | ${line}`) }),
  });
  const failed = steps.filter(({ holds }) => !holds).length;
  console.log(
    `\n${steps.length - failed} steps as they must be, ${failed} not; what is left: ${values.out}/${arch}/`,
  );
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
