import { homedir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../../agent/core/clock.js';
import { codeOf, explain, messageOf } from '../../agent/core/errors.js';
import { Arguments, USAGE, type Verb } from './operator-arguments.js';
import { cap } from './operator-cap.js';
import { messages } from './operator-messages.js';
import { start } from './operator-start.js';
import { assign, permit, renew, retire, revoke, token, trust, verify } from './operator-trust.js';
import { cancel, emergency, enrol, mirror, play, stop, watch, type Desk } from './operator-verbs.js';
import { ProvinceFolder } from './province-folder.js';

const VERBS: Readonly<Record<Verb, (desk: Desk) => Promise<void>>> = {
  start,
  enrol,
  play,
  stop,
  emergency,
  cap,
  messages,
  cancel,
  mirror,
  assign,
  renew,
  token,
  retire,
  permit,
  revoke,
  trust,
  verify,
  watch,
};

/** The operator's tool: `npm run source -- VERB …`. Exit code 0, 1 for a failure, 2 for a wrong command line. */
async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 0 || argv[0] === '--help' || argv[0] === 'help') {
    process.stdout.write(USAGE);
    return argv.length === 0 ? 2 : 0;
  }
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupt.abort());
  try {
    const args = new Arguments(argv);
    const path =
      args.text('dir') ?? process.env['LOA_PROVINCE'] ?? join(homedir(), '.local/state/loa-province');
    await VERBS[args.verb]({
      args,
      folder: await ProvinceFolder.open(path, systemClock),
      clock: systemClock,
      log: pino({ level: process.env['LOA_LOG'] ?? 'error' }, pino.destination(2)),
      signal: interrupt.signal,
      say: (line) => void process.stdout.write(`${line}\n`),
    });
    return 0;
  } catch (error) {
    const code = codeOf(error);
    process.stderr.write(`${messageOf(error)}\n`);
    if (code === 'E_USAGE') process.stderr.write(`\n${USAGE}`);
    else process.stderr.write(`${explain(code, 'en').remedy}\n`);
    return code === 'E_USAGE' ? 2 : 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
