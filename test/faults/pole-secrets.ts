import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../heard/repository-root.js';
import { searchRaw } from '../../agent/technician/wipe.js';

const run = promisify(execFile);
const DISK_MB = 96;

/** What was planted and found again. */
export interface SupportFound {
  readonly planted: number;
  readonly found: readonly string[];
  readonly files: number;
  readonly bytes: number;
  readonly listed: boolean;
}

/** A folder with a device's own key and certificate, made by the product's verb and a province in one process. */
export interface Enrolled {
  readonly folder: string;
  readonly configPath: string;
  readonly stateFolder: string;
}

async function loa(
  words: readonly string[],
  configPath: string,
  path = '',
): Promise<{ stdout: string; code: number }> {
  const main = join(repositoryRoot(import.meta.url), 'dist', 'agent', 'main.js');
  const env = { ...process.env, PATH: `${path}:${process.env['PATH'] ?? ''}` };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...words, '--config', configPath],
      { env, timeout: 300_000, maxBuffer: 16 << 20 },
      (error, stdout) => resolve({ stdout, code: error === null ? 0 : Number(error.code ?? 1) }),
    );
  });
}

/** A device with a key, in a state folder that exists. */
async function device(folder: string, stateFolder: string, proxy: string): Promise<Enrolled> {
  const configPath = join(folder, 'loa.json');
  await writeFile(
    configPath,
    JSON.stringify({
      stateFolder,
      socketPath: join(folder, 'loa.sock'),
      broker: { host: 'localhost', port: 1, proxy },
    }),
  );
  const { code } = await loa(['certificate', 'request', '--id', 'cum-09'], configPath);
  if (code !== 0) throw new Error('no key was made');
  return { folder, configPath, stateFolder };
}

/** Plants keys, tokens and passphrases where a receiver has, logs or copies them; makes the archive; searches what is in it. */
export async function supportSecrets(folder: string): Promise<SupportFound> {
  const secret = (): string => randomBytes(18).toString('base64url');
  const [token, password, passphrase, bearer, proxyPassword] = [
    secret(),
    secret(),
    secret(),
    secret(),
    secret(),
  ];
  const stateFolder = join(folder, 'state');
  await mkdir(stateFolder, { recursive: true });
  const { configPath } = await device(folder, stateFolder, `http://loa:${proxyPassword}@127.0.0.1:1`);
  const key = await deviceKey(stateFolder);
  const old = (
    await run('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1'])
  ).stdout;
  const rsa = (await run('openssl', ['genrsa', '-traditional', '2048'])).stdout;
  await mkdir(join(stateFolder, 'identity', 'old'), { recursive: true });
  await writeFile(join(stateFolder, 'identity', 'old', 'device.key'), old, { mode: 0o600 });
  const lines = [
    `{"level":30,"time":1764000000000,"msg":"enrol","token":"${token}"}`,
    `curl -H "Authorization: Bearer ${bearer}" https://est.example`,
    `passphrase=${passphrase} was wrong`,
    `{"level":50,"msg":"bad","err":{"detail":"mật khẩu: ${password}"}}`,
    `connect http://loa:${proxyPassword}@127.0.0.1:1 failed`,
    `Proxy-Authorization: Basic ${Buffer.from(`loa:${proxyPassword}`).toString('base64')}`,
    ...key.split('\n'),
    JSON.stringify({ level: 20, msg: 'dump', pem: rsa }),
    `loa certificate enrol --token ${token}`,
    ...Array.from(
      { length: 60_000 },
      (_, i) => `{"level":30,"msg":"line ${i} ${randomBytes(20).toString('hex')}"}`,
    ),
    `password: "${password}"`,
  ];
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(folder, 'journal'), lines.join('\n'));
  await writeFile(join(bin, 'journalctl'), `#!/bin/sh\ncat ${join(folder, 'journal')}\n`);
  await chmod(join(bin, 'journalctl'), 0o755);
  const output = join(folder, 'support.tar.gz');
  const { stdout } = await loa(['support', '--output', output, '--json'], configPath, bin);
  const { bytes, contents } = JSON.parse(stdout) as { bytes: number; contents: string[] };
  const out = join(folder, 'out');
  await mkdir(out);
  await run('tar', ['-xzf', output, '-C', out]);
  const planted = [
    token,
    password,
    passphrase,
    bearer,
    proxyPassword,
    ...linesOf(key),
    ...linesOf(old),
    ...linesOf(rsa),
  ];
  const needles = planted.flatMap((one) => [
    one,
    Buffer.from(one).toString('base64').replace(/=+$/, ''),
    Buffer.from(one).toString('hex'),
  ]);
  const found: string[] = [];
  const names = (await readdir(out, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  for (const one of names) {
    const text = await readFile(join(one.parentPath, one.name), 'utf8');
    for (const needle of needles)
      if (text.includes(needle)) found.push(`${one.name}: ${needle.slice(0, 8)}…`);
  }
  const list = await readFile(join(out, 'CONTENTS.txt'), 'utf8');
  const listed =
    contents.every((name) => name === 'CONTENTS.txt' || list.includes(name)) &&
    contents.length === names.length;
  return { planted: planted.length, found, files: names.length, bytes, listed };
}

async function deviceKey(stateFolder: string): Promise<string> {
  const names = await readdir(join(stateFolder, 'identity'), { recursive: true });
  const name = names.find((one) => one.endsWith('.key'));
  if (name === undefined) throw new Error(`no key in ${names.join(' ')}`);
  return readFile(join(stateFolder, 'identity', name), 'utf8');
}

/** Lines of a key that are a secret: not its head, and not the short rest. */
function linesOf(pem: string): string[] {
  return pem.split('\n').filter((line) => line.length >= 16 && !line.startsWith('-----'));
}

/** What a reset left behind. */
export interface ResetFound {
  readonly on: 'loop' | 'folder';
  readonly planted: number;
  /** In the raw image before: all, or the search proves nothing. */
  readonly before: number;
  readonly after: number;
  readonly leftInFolder: number;
  /** The journal was asked to forget. */
  readonly journalEmptied: boolean;
  readonly searchedBytes: number;
  readonly said: string;
}

/** A receiver's state on an ext4 of its own in an image; secrets planted, replaced and deleted; reset; the raw image searched. */
export async function factoryResetScan(folder: string): Promise<ResetFound> {
  const image = join(folder, 'disk.img');
  const stateFolder = join(folder, 'state');
  await mkdir(stateFolder, { recursive: true });
  await run('truncate', ['-s', `${DISK_MB}M`, image]);
  await run('mkfs.ext4', ['-q', '-F', image]);
  await run('mount', ['-o', 'loop', image, stateFolder]);
  try {
    const { configPath } = await device(folder, stateFolder, '');
    await rm(join(stateFolder, 'lost+found'), { recursive: true });
    const planted = [...linesOf(await deviceKey(stateFolder))];
    const plant = async (name: string, text = randomBytes(32).toString('hex')): Promise<void> => {
      planted.push(text);
      await mkdir(join(stateFolder, name, '..'), { recursive: true });
      await writeFile(join(stateFolder, name), `${'.'.repeat(5_000)}${text}`, { mode: 0o600 });
    };
    for (const name of [
      'media/kept',
      'as-run/2026-11-22.json',
      'store/000003.log',
      'documents/x.jws',
      'trust.json',
      'loa.json.good',
    ])
      await plant(name);
    // What was deleted and replaced before lies in free blocks.
    await plant('old-key');
    await run('sync', []);
    await rm(join(stateFolder, 'old-key'));
    await plant('replaced');
    await run('sync', []);
    await plant('replaced.new');
    await run('mv', [join(stateFolder, 'replaced.new'), join(stateFolder, 'replaced')]);
    await run('sync', []);
    const needles = planted.map((text) => Buffer.from(text));
    const before = await searchRaw(image, needles);
    // The journal of this machine is nobody's to empty: what is asked of it is written down.
    const bin = join(folder, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'journalctl'), `#!/bin/sh\necho "$*" >> ${join(folder, 'journal-asked')}\n`);
    await chmod(join(bin, 'journalctl'), 0o755);
    const { stdout } = await loa(['factory-reset', '--yes', 'none', '--json'], configPath, bin);
    const asked = await readFile(join(folder, 'journal-asked'), 'utf8').catch(() => '');
    const left = await readdir(stateFolder);
    await run('umount', [stateFolder]);
    const after = await searchRaw(image, needles);
    return {
      on: 'loop',
      planted: planted.length,
      before: before.found,
      after: after.found,
      leftInFolder: left.length,
      journalEmptied: asked.includes('--vacuum-time'),
      searchedBytes: after.bytes,
      said: stdout.trim().slice(0, 300),
    };
  } finally {
    await run('umount', ['-l', stateFolder]).catch(() => undefined);
  }
}
