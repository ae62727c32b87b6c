import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { POLE_RECEIVER, type PoleBench } from './pole-bench.js';
import { runVerb } from './pole-run.js';

const run = promisify(execFile);
const PASSPHRASE = 'mot-hai-ba';

/** How the receiver is while it is asked. */
export type World = 'running' | 'hung' | 'socket full' | 'stopped' | 'safe mode';

/** The worlds of every verb; safe mode is for those that say something else there. */
export const WORLDS = ['running', 'hung', 'socket full', 'stopped'] as const satisfies World[];

/** What a run must come to: the schema of its answer, and its exit code. */
export type Wanted = readonly [schema: string, code: number];

/** A verb as it is run, by its words, and what it must come to in each world. */
export interface VerbRun {
  readonly words: readonly string[];
  readonly wanted: (world: World) => Wanted;
  /** Settings of its own: another identity behind the same socket. */
  readonly configPath?: string;
  /** Standard input. */
  readonly input?: string;
  /** Its answer is one JSON value a line. */
  readonly lines?: boolean;
}

/** Asks the running receiver: without one there is no answer. */
const asks =
  (schema: string, code = 0) =>
  (world: World): Wanted =>
    world === 'running' || world === 'safe mode'
      ? [code === 0 || code === 4 ? schema : 'error', code]
      : ['error', 3];
/** Reads what is there, whatever the receiver does. */
const alone =
  (schema: string, code = 0) =>
  (): Wanted => [schema, code];

/** Words that only ask. */
const ASKING = [
  'status',
  'why',
  'alarms',
  'schedule',
  'cache',
  'trust',
  'link',
  'top',
  'stop',
  'test',
  'update',
];

/** What is made once for all worlds. */
export interface VerbFiles {
  readonly command: string;
  readonly permit: string;
  readonly acceptance: string;
  readonly answers: string;
}

/** Files that verbs are given: signed by the province, or written by a person. */
export async function verbFiles(bench: PoleBench): Promise<VerbFiles> {
  const file = (name: string): string => join(bench.folder, name);
  const { payload } = await bench.rig.province.playStart('tan-hoa', {
    target: { area: 'tan-hoa' },
    source: { kind: 'stored', name: 'siren' },
    title: 'Thử',
    forMs: 580_000,
  });
  await writeFile(file('command.jws'), payload);
  // Around midnight the day may change meanwhile.
  const days = [0, 1].map((later) =>
    new Date(Date.now() + 7 * 3_600_000 + later * 86_400_000).toISOString().slice(0, 10),
  );
  await writeFile(file('permit.jws'), await bench.rig.province.permit('province', [POLE_RECEIVER], days));
  await writeFile(file('answers.json'), JSON.stringify({ heard: true, line: false }));
  return {
    command: file('command.jws'),
    permit: file('permit.jws'),
    acceptance: file('acceptance.json'),
    answers: file('answers.json'),
  };
}

/** Every verb and every word of it, in the order in which a technician might type them. */
export async function verbRuns(
  bench: PoleBench,
  files: VerbFiles,
  world: World,
): Promise<readonly VerbRun[]> {
  const { answers, command, permit, acceptance } = files;
  return [
    ...ASKING.map((name) => ({ words: [name], wanted: asks(name) })),
    { words: ['tone', '--seconds', '0.2'], wanted: asks('tone') },
    { words: ['play', command], wanted: asks('play') },
    { words: ['permit', permit], wanted: asks('permit') },
    // Nothing to leave, and no sensor on the line: the refusal is the answer.
    { words: ['safe', 'leave'], wanted: asks('safe', 2) },
    { words: ['calibrate'], wanted: asks('calibrate', 1) },
    { words: ['calibrate', '--check'], wanted: asks('calibrate', 1) },
    { words: ['accept', '--answers', answers], wanted: asks('accept') },
    { words: ['accept', '--verify', acceptance], wanted: alone('accept verify') },
    ...['receipts', 'report', 'volume', 'man'].map((name) => ({ words: [name], wanted: alone(name) })),
    { words: ['log', '-n', '5'], wanted: alone('log'), lines: true },
    {
      words: ['diagnose'],
      wanted: (of) => ['diagnose', of === 'running' ? 0 : 4],
    },
    {
      words: ['board', 'check', bench.hardware.path],
      // Whose lines a receiver holds that does not answer, nobody can tell: they are left alone.
      wanted: (of) => (of === 'hung' || of === 'socket full' ? ['error', 3] : ['board check', 0]),
    },
    { words: ['config', 'show'], wanted: alone('config show') },
    { words: ['config', 'check'], wanted: alone('config check') },
    { words: ['config', 'set', 'logLevel', 'info'], wanted: alone('config set') },
    { words: ['certificate', 'show'], wanted: alone('certificate show') },
    { words: ['certificate', 'renew'], wanted: asks('certificate renew', 2) },
    { words: ['certificate', 'anchors'], wanted: asks('certificate anchors') },
    { words: ['support', '--output', join(bench.folder, 'support.tar.gz')], wanted: alone('support') },
    { words: ['completion', 'bash'], wanted: alone('completion') },
    { words: ['completion', 'zsh'], wanted: alone('completion') },
    ...(await identityRuns(bench, world)),
  ];
}

/** Safe mode is left once; then there is nothing to leave. */
export const SAFE_RUNS: readonly VerbRun[] = [
  { words: ['status'], wanted: asks('status') },
  { words: ['diagnose'], wanted: alone('diagnose', 4) },
  { words: ['safe', 'leave'], wanted: asks('safe') },
];

/** First set-up, every way of enrolling, and wiping: each on an identity of its own behind the same socket. */
async function identityRuns(bench: PoleBench, world: World): Promise<readonly VerbRun[]> {
  const folder = join(bench.folder, `identities-${world.replace(' ', '-')}`);
  await mkdir(folder);
  const own = async (name: string): Promise<string> => {
    const path = await bench.otherConfig(`${name}-${world.replace(' ', '-')}`, (settings) => {
      Object.assign(settings, { stateFolder: join(folder, name) });
    });
    await mkdir(join(folder, name));
    return path;
  };
  const [first, imported] = [await own('first'), await own('imported')];
  const [enrolled, installed] = [await own('enrolled'), await own('installed')];
  const { stdout } = await runVerb(bench, ['certificate', 'request', '--id', 'cum-07'], {
    configPath: first,
  });
  const { requestPem } = JSON.parse(stdout) as { requestPem: string };
  const admitted = await bench.rig.enrol({ id: 'cum-07', csrPem: requestPem, home: 'ap-1' });
  const at = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const certificate = await at('device.crt', admitted.certificatePem);
  const anchors = await at('anchors.pem', admitted.anchorsPem);
  const trust = await at('trust.json', admitted.trustText);
  const root = admitted.rootFingerprint;
  const key = join(folder, 'first', 'identity', 'device.key');
  const bundle = join(folder, 'device.p12');
  await run('openssl', [
    ...['pkcs12', '-export', '-inkey', key, '-in', certificate, '-certfile', anchors],
    ...['-out', bundle, '-passout', `pass:${PASSPHRASE}`],
  ]);
  const token = await at('token', 'not-a-token');
  const network = { host: 'mqtt.tinh.example' };
  const answers = await at(
    'install.json',
    JSON.stringify({ network, enrolment: { kind: 'request', id: 'cum-08' }, board: { sink: 'null' } }),
  );
  const est = ['--url', 'https://127.0.0.1:9', '--ca-fingerprint', '0'.repeat(64), '--token-file', token];
  return [
    {
      words: [
        ...['certificate', 'install', '--certificate', certificate, '--anchors', anchors],
        ...['--trust', trust, '--fingerprint', root],
      ],
      wanted: alone('certificate install'),
      configPath: first,
    },
    {
      words: ['certificate', 'trust', '--trust', trust, '--fingerprint', root],
      wanted: alone('certificate trust'),
      configPath: first,
    },
    {
      words: ['certificate', 'request', '--id', 'cum-07', '--replace'],
      wanted: alone('certificate request'),
      configPath: first,
    },
    {
      words: ['certificate', 'import', '--file', bundle, '--passphrase-fd', '0', '--anchors', anchors],
      wanted: alone('certificate import'),
      input: `${PASSPHRASE}\n`,
      configPath: imported,
    },
    // Nobody serves there: what a technician is told then.
    {
      words: ['certificate', 'enrol', '--id', 'cum-09', '--wait', '0', ...est],
      wanted: alone('error', 1),
      configPath: enrolled,
    },
    { words: ['install', '--answers', answers], wanted: alone('install'), configPath: installed },
    {
      words: ['factory-reset', '--yes', 'cum-07', '--quick'],
      wanted: (of) => (of === 'stopped' ? ['factory-reset', 0] : ['error', 1]),
      configPath: imported,
    },
  ];
}

/** The record that `loa accept` has left, kept for the worlds to come. */
export async function keepAcceptance(path: string, answer: string): Promise<void> {
  const { file } = JSON.parse(answer) as { file?: string };
  if (file === undefined) throw new Error('no acceptance was kept');
  await writeFile(path, await readFile(file));
}
