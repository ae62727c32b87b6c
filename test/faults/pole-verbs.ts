import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { answersDocument } from '../../agent/technician/answer-schemas.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { POLE_RECEIVER, type PoleBench } from './pole-bench.js';

/** A verb as it is run: its words, the schema of its answer, and whether it asks the running receiver. */
interface VerbRun {
  readonly words: readonly string[];
  readonly schema: string;
  readonly asks: boolean;
}

/** What a run came to. */
export interface VerbOutcome {
  readonly verb: string;
  readonly world: string;
  readonly code: number | null;
  readonly tookMs: number;
  /** The answer is JSON and fits the schema; `undefined` where none was to come. */
  readonly fits?: boolean;
  readonly detail: string;
}

const LIMIT_MS = 65_000;

function runs(bench: PoleBench): readonly VerbRun[] {
  const file = (name: string): string => join(bench.folder, name);
  const asking = ['status', 'why', 'alarms', 'schedule', 'cache', 'trust', 'link', 'top', 'stop', 'test'];
  const alone = ['receipts', 'report', 'volume', 'man'];
  return [
    ...asking.map((name) => ({ words: [name], schema: name, asks: true })),
    { words: ['tone', '--seconds', '0.2'], schema: 'tone', asks: true },
    { words: ['play', file('command.jws')], schema: 'play', asks: true },
    { words: ['permit', file('permit.jws')], schema: 'permit', asks: true },
    ...alone.map((name) => ({ words: [name], schema: name, asks: false })),
    { words: ['diagnose'], schema: 'diagnose', asks: false },
    { words: ['config', 'show'], schema: 'config show', asks: false },
    { words: ['config', 'check'], schema: 'config check', asks: false },
    { words: ['config', 'set', 'logLevel', 'info'], schema: 'config set', asks: false },
    { words: ['certificate', 'show'], schema: 'certificate show', asks: false },
    { words: ['support', '--output', file('support.tar.gz')], schema: 'support', asks: false },
    { words: ['completion', 'bash'], schema: 'completion', asks: false },
  ];
}

/** Runs one `loa` with `--json` to its end, or kills it. */
export async function runVerb(
  bench: PoleBench,
  words: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string; tookMs: number }> {
  const main = join(repositoryRoot(import.meta.url), 'dist', 'agent', 'main.js');
  const fromMs = performance.now();
  const child = spawn(process.execPath, [main, ...words, '--json', '--config', bench.receiver.configPath], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, stdout, stderr, tookMs: Math.round(performance.now() - fromMs) };
}

/** Every verb with the receiver running, stopped, hung, and its socket full. */
export async function verbOutcomes(
  bench: PoleBench,
  progress: (line: string) => void,
): Promise<VerbOutcome[]> {
  const ajv = new Ajv2020({ strict: false });
  const schemas = JSON.parse(answersDocument()) as Record<string, object>;
  const source = { kind: 'stored', name: 'siren' } as const;
  const { payload } = await bench.rig.province.playStart('tan-hoa', {
    target: { area: 'tan-hoa' },
    source,
    title: 'Thử',
    forMs: 120_000,
  });
  await writeFile(join(bench.folder, 'command.jws'), payload);
  // Around midnight the day may change meanwhile.
  const days = [0, 1].map((later) =>
    new Date(Date.now() + 7 * 3_600_000 + later * 86_400_000).toISOString().slice(0, 10),
  );
  await writeFile(
    join(bench.folder, 'permit.jws'),
    await bench.rig.province.permit('province', [POLE_RECEIVER], days),
  );
  const outcomes: VerbOutcome[] = [];
  const all = async (world: string): Promise<void> => {
    for (const { words, schema, asks } of runs(bench)) {
      const { code, stdout, stderr, tookMs } = await runVerb(bench, words);
      const wanted = world !== 'running' && asks ? 'error' : schema;
      let fits = false;
      try {
        fits = ajv.validate(schemas[wanted] ?? {}, JSON.parse(stdout));
      } catch {
        // Nothing, or no JSON: it does not fit.
      }
      outcomes.push({
        verb: words.join(' '),
        world,
        code,
        tookMs,
        fits,
        detail: fits ? '' : `${ajv.errorsText()} ${stdout.slice(0, 160)} ${stderr.slice(0, 160)}`,
      });
      progress(
        `${world}: loa ${words.slice(0, 2).join(' ')}: ${code} in ${tookMs} ms${fits ? '' : ' DOES NOT FIT'}`,
      );
    }
  };
  await all('running');
  process.kill(bench.receiver.pid ?? 0, 'SIGSTOP');
  await all('hung');
  const crowd = await fillSocket(bench.receiver.socketPath);
  await all('socket full');
  for (const socket of crowd) socket.destroy();
  process.kill(bench.receiver.pid ?? 0, 'SIGCONT');
  await bench.receiver.stop('SIGKILL');
  await all('stopped');
  return outcomes;
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
  return crowd;
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
