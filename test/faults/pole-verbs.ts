import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { answersDocument } from '../../agent/technician/answer-schemas.js';
import { formsOf } from '../../agent/technician/help-text.js';
import { VERB_NAMES, verbOf } from '../../agent/technician/verbs.js';
import type { PoleBench } from './pole-bench.js';
import { runVerb } from './pole-run.js';
import {
  keepAcceptance,
  SAFE_RUNS,
  verbFiles,
  verbRuns,
  WORLDS,
  type VerbRun,
  type World,
} from './pole-verb-runs.js';

/** What a run came to. */
export interface VerbOutcome {
  readonly verb: string;
  readonly world: World | 'usage';
  readonly code: number | null;
  readonly wantedCode: number;
  readonly tookMs: number;
  /** The answer is JSON and fits the schema that belongs to it here. */
  readonly fits: boolean;
  /** What does not fit, for a person. */
  readonly detail: string;
}

const CRASHES = 5;

/** The verbs and the words of theirs that no world has run: none is what is wanted. */
export async function verbsNotRun(outcomes: readonly VerbOutcome[]): Promise<string[]> {
  const all = (await allVerbs()).map((words) => words.join(' '));
  const ran = outcomes.filter(({ world }) => world !== 'usage').map(({ verb }) => `${verb} `);
  // The service itself answers nobody: it is the world in which the others are run.
  return all.filter((name) => name !== 'run' && !ran.some((verb) => verb.startsWith(`${name} `)));
}

/** Every verb with the receiver running, hung, its socket full, stopped, and in safe mode; and each with an option that there is not. */
export async function verbOutcomes(
  bench: PoleBench,
  progress: (line: string) => void,
): Promise<VerbOutcome[]> {
  await fakeJournal(bench);
  const files = await verbFiles(bench);
  const schemas = new Ajv2020({ strict: false });
  const document = JSON.parse(answersDocument()) as Record<string, object>;
  const validators = new Map(Object.entries(document).map(([name, of]) => [name, schemas.compile(of)]));
  const outcomes: VerbOutcome[] = [];
  const one = async (
    world: VerbOutcome['world'],
    of: VerbRun,
    wanted: readonly [string, number],
  ): Promise<string> => {
    const { code, stdout, stderr, tookMs } = await runVerb(bench, of.words, of);
    const misfit = misfitOf(
      of.lines === true ? stdout.trim().split('\n') : [stdout],
      validators.get(wanted[0]),
    );
    const detail = misfit === undefined ? '' : `${misfit} ${stdout.slice(0, 160)} ${stderr.slice(0, 160)}`;
    const verb = of.words.slice(0, 2).join(' ');
    outcomes.push({ verb, world, code, wantedCode: wanted[1], tookMs, fits: misfit === undefined, detail });
    const said = misfit === undefined ? '' : ` DOES NOT FIT ${wanted[0]}: ${detail}`;
    progress(
      `${world}: loa ${verb}: ${code}${code === wanted[1] ? '' : ` (wanted ${wanted[1]})`} in ${tookMs} ms${said}`,
    );
    return stdout;
  };
  const world = async (name: World, runs: readonly VerbRun[]): Promise<void> => {
    for (const of of runs) {
      const answer = await one(name, of, of.wanted(name));
      if (name === 'running' && of.words.includes('--answers') && of.words[0] === 'accept')
        await keepAcceptance(files.acceptance, answer);
    }
  };
  for (const words of await allVerbs())
    await one('usage', { words: [...words, '--no-such-option'], wanted: () => ['error', 2] }, ['error', 2]);
  const runs = new Map<World, readonly VerbRun[]>();
  for (const name of WORLDS) runs.set(name, await verbRuns(bench, files, name));
  await world('running', runs.get('running') ?? []);
  process.kill(bench.receiver.pid ?? 0, 'SIGSTOP');
  await world('hung', runs.get('hung') ?? []);
  const crowd = await fillSocket(bench.receiver.socketPath);
  await world('socket full', runs.get('socket full') ?? []);
  for (const socket of crowd) socket.destroy();
  process.kill(bench.receiver.pid ?? 0, 'SIGCONT');
  await bench.receiver.stop('SIGKILL');
  await world('stopped', runs.get('stopped') ?? []);
  for (let crash = 0; crash < CRASHES; crash += 1) {
    await bench.receiver.start();
    await bench.receiver.stop('SIGKILL');
  }
  await bench.receiver.start();
  await world('safe mode', SAFE_RUNS);
  return outcomes;
}

/** Each verb by itself, or with each word that must follow it: as its `usage` has them, a bar between two. */
async function allVerbs(): Promise<string[][]> {
  const all: string[][] = [];
  for (const name of VERB_NAMES) {
    const usage = (await verbOf(name))?.usage ?? '';
    const followed = formsOf(usage).flatMap((one) => /^[\w-]+ ([a-z]+)(?: |$)/.exec(one)?.[1] ?? []);
    all.push(...(followed.length === 0 ? [[name]] : followed.map((word) => [name, word])));
  }
  return all;
}

/** Why texts are not JSON of that schema; undefined where each is. */
function misfitOf(texts: readonly string[], validate: ValidateFunction | undefined): string | undefined {
  if (validate === undefined) return 'there is no such schema';
  for (const text of texts) {
    try {
      if (!validate(JSON.parse(text)))
        return (validate.errors ?? [])
          .map(({ instancePath, message }) => `${instancePath} ${message}`)
          .join('; ');
    } catch {
      return 'it is no JSON';
    }
  }
  return undefined;
}

/** A journal of three lines; the machine's own is not read, and not emptied by a reset. */
async function fakeJournal({ hardware }: PoleBench): Promise<void> {
  const path = join(hardware.modem.folder, 'journalctl');
  const lines = [
    '{"level":30,"time":1764000000000,"msg":"running"}',
    'no JSON',
    '{"level":40,"msg":"link down"}',
  ];
  await writeFile(path, `#!/bin/sh\ncat <<'END'\n${lines.join('\n')}\nEND\n`);
  await chmod(path, 0o755);
}

/** Connects until the socket takes no more. */
async function fillSocket(path: string): Promise<Socket[]> {
  const crowd: Socket[] = [];
  for (let i = 0; i < 2_000; i += 1) {
    const socket = connect(path);
    const failed = await once(socket, 'connect').then(
      () => false,
      () => true,
    );
    if (failed) return crowd;
    socket.on('error', () => undefined);
    crowd.push(socket);
  }
  throw new Error(`the socket took ${crowd.length} and was not full`);
}

/** The exit codes as they are documented, each provoked. */
export async function exitCodes(bench: PoleBench): Promise<Readonly<Record<string, number | null>>> {
  const of = async (...words: string[]): Promise<number | null> => (await runVerb(bench, words)).code;
  return {
    'done (volume)': await of('volume'),
    'failed (play of no command)': await of('play', bench.receiver.configPath),
    'usage (status --nonsense)': await of('status', '--nonsense'),
    'usage (no such verb)': await of('nonsense'),
    'found (diagnose, settings spoilt)': (
      await bench.diagnosed({
        configPath: await bench.otherConfig('codes', (settings) => {
          settings['broker'] = { prot: 1 };
        }),
      })
    ).code,
  };
}
