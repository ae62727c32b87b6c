import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { identityFiles, identityFolder } from '../../certs/identity-folder.js';
import { Stage } from '../../test/security/stage.js';
import { runTool } from '../../test/support/external-tool.js';
import { BASELINE } from '../baseline.js';
import { listenersOf } from '../listeners.js';
import { suspectsIn } from '../secrets.js';
import type { Claim, Measured, ProveContext } from './claim.js';

/** What a running receiver shows of itself while it plays. */
interface Seen {
  readonly listeners: readonly string[];
  /** True where the scan found a TCP and a UDP listener that were opened for it to find. */
  readonly scanSees: boolean;
  /** Everything that it said, by where: log, status, help, its arguments and environment. */
  readonly said: Readonly<Record<string, string>>;
  readonly keyPem: string;
}

async function look(): Promise<Seen> {
  const stage = await Stage.set();
  try {
    if (!(await stage.obeys())) throw new Error('the receiver does not play');
    const { receiver } = stage;
    const pid = receiver.pid;
    if (pid === undefined) throw new Error('the receiver does not run');
    const found = await listenersOf(pid);
    const said: Record<string, string> = {};
    for (const words of [
      ['status'],
      ['status', '--json'],
      ['tone'],
      ['--help'],
      ['certificate', 'nonsense'],
    ]) {
      const { stdout, stderr } = await receiver.loa(words);
      said[`loa ${words.join(' ')}`] = stdout + stderr;
    }
    said['log'] = receiver.written;
    for (const file of ['cmdline', 'environ']) said[file] = await readFile(`/proc/${pid}/${file}`, 'utf8');
    const keyPath = identityFiles(identityFolder(join(receiver.folder, 'state'))).key;
    return {
      listeners: found.map(({ protocol, address }) => `${protocol} ${address}`),
      scanSees: await scanSees(),
      said,
      keyPem: await readFile(keyPath, 'utf8'),
    };
  } finally {
    await stage.close();
  }
}

/** A scan that finds nothing anywhere shows nothing: it must find these two. */
async function scanSees(): Promise<boolean> {
  const tcp = createServer().listen(0, '127.0.0.1');
  const udp = createSocket('udp4').bind(0, '127.0.0.1');
  try {
    await Promise.all([once(tcp, 'listening'), once(udp, 'listening')]);
    const protocols = (await listenersOf(process.pid)).map(({ protocol }) => protocol);
    return protocols.includes('tcp') && protocols.includes('udp');
  } finally {
    tcp.close();
    udp.close();
  }
}

function seenBy(context: ProveContext): Promise<Seen> {
  return context.once('baseline-receiver', look);
}

async function noListener(context: ProveContext): Promise<Measured> {
  const { listeners, scanSees: sees } = await seenBy(context);
  if (!sees) return { measured: 'the scan does not find a listener that was opened for it', holds: null };
  return {
    measured: listeners.length === 0 ? 'none while it plays' : listeners.join(', '),
    holds: listeners.length === 0,
    note: 'with the null sink; TCP and UDP of the process and its children, read from /proc',
  };
}

async function noSecretInRepository(context: ProveContext): Promise<Measured> {
  const { exitCode, output } = await runTool(process.execPath, [
    join(context.root, 'dist', 'build', 'scan-secrets.js'),
  ]);
  return {
    measured: output.toString().trim().split('\n').slice(-3).join('; '),
    holds: exitCode > 1 ? null : exitCode === 0,
  };
}

/** Any sixteen characters of the key's text would be too many. */
async function noSecretSaid(context: ProveContext): Promise<Measured> {
  const { said, keyPem } = await seenBy(context);
  const body = keyPem
    .split('\n')
    .filter((line) => !line.startsWith('-----'))
    .join('');
  // The first 36 bytes of PKCS#8 are the same for every P-256 key; the secret begins after them.
  const pieces = Array.from({ length: Math.max(0, body.length - 64) }, (_, at) =>
    body.slice(48 + at, 64 + at),
  ).filter((piece) => piece.length === 16);
  const found = Object.entries(said).flatMap(([where, text]) => [
    ...suspectsIn(text, where).map(({ kind }) => `${kind} in ${where}`),
    ...(pieces.some((piece) => text.includes(piece)) ? [`its private key in ${where}`] : []),
  ]);
  const characters = Object.values(said).reduce((sum, text) => sum + text.length, 0);
  return {
    measured: `${Object.keys(said).length} outputs, ${characters} characters: ${found.join(', ') || 'none'}`,
    holds: pieces.length > 0 && characters > 0 && found.length === 0,
    note: `looked at: ${Object.keys(said).join(', ')}; there is no support file yet`,
  };
}

async function baselineStands(context: ProveContext): Promise<Measured> {
  const of = (state: string): string[] =>
    BASELINE.filter((row) => row.state === state).map(({ provision }) => provision);
  const told = ['shown', 'partly', 'not yet', 'not applicable'].map(
    (state) => `${state}: ${of(state).join(' ') || 'none'}`,
  );
  const silent = BASELINE.filter(({ shownBy, missing }) => shownBy.length === 0 && missing === '');
  const areas = Array.from({ length: 13 }, (_, index) => `5.${index + 1}`);
  const absent = areas.filter((area) => !BASELINE.some(({ provision }) => provision === area));
  const { exitCode } = await runTool(process.execPath, [
    join(context.root, 'dist', 'test', 'unit', 'security', 'baseline.test.js'),
  ]);
  return {
    measured: told.join('; '),
    holds: silent.length === 0 && absent.length === 0 && exitCode === 0,
    note: 'this proves that the table is complete, not that the baseline is met; the rows: `baseline` in report.json, certs/BASELINE.md',
  };
}

function claim(text: string, bound: string, measure: Claim['measure']): Claim {
  return { area: 'trust', item: 7, claim: text, bound, measure };
}

/** Item 7 of area trust: the security baseline. */
export const baselineClaims: readonly Claim[] = [
  claim(
    'The report says of every area of ETSI EN 303 645 what shows it, what is missing, or why it does not apply',
    '5.1 to 5.13, no row without either; what is named exists',
    baselineStands,
  ),
  claim('A running receiver listens on no port', 'no TCP or UDP listener', noListener),
  claim('The repository holds no secret', 'no private key, token or assigned secret', noSecretInRepository),
  claim(
    'Neither log, status, help, arguments nor environment of a receiver holds a secret',
    'no part of its private key, no key, no token',
    noSecretSaid,
  ),
];
