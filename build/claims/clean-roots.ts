import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, cp, mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { Claim, Measured, ProveContext } from './claim.js';
import { carriedConfiguration, type Carried } from './carried-configuration.js';

const run = promisify(execFile);

/** A Debian to try. `ownNode` where its own package is new enough; otherwise the machine's Node is copied in. */
interface Release {
  readonly name: string;
  readonly suite: string;
  readonly ownNode: boolean;
}

const RELEASES: readonly Release[] = [
  { name: 'Debian 12', suite: 'bookworm', ownNode: false },
  { name: 'Debian 13', suite: 'trixie', ownNode: true },
];

/** How one command ended inside a root. */
interface Ran {
  readonly exitCode: number;
  readonly seconds: number;
  readonly lastLine: string;
}

/** Item 1: a fresh clone works on a fresh machine. Needs root, mmdebstrap and a Debian mirror. */
export const cleanRoots: Claim = {
  area: 'main',
  item: 1,
  long: true,
  claim:
    'In a fresh clone inside a Debian 12 root and a Debian 13 root with only git, Node and npm: ' +
    './build/demo exits 0 and ./build/test passes',
  bound: 'both exit 0 in both roots, 0 failed, with CI=true',
  async measure(context: ProveContext): Promise<Measured> {
    if (process.getuid?.() !== 0) throw new Error('making a root needs the rights of root: run as root');
    const parts: string[] = [];
    let holds = true;
    for (const release of RELEASES) {
      const result = await tryRelease(release, context);
      parts.push(`${release.name}: demo ${told(result.demo)}; test ${told(result.test)}`);
      holds &&= [result.demo, result.test].every((ran) => ran.exitCode === 0);
      holds &&= /^[1-9]\d* passed, 0 failed, \d+ skipped$/.test(result.test.lastLine);
    }
    return { measured: parts.join('\n'), holds, note: 'HEAD as committed; full logs in prove-out/' };
  },
};

function told(ran: Ran): string {
  const line = / passed, /.test(ran.lastLine) ? ` "${ran.lastLine}"` : '';
  return `${ran.exitCode} in ${Math.round(ran.seconds)} s${line}`;
}

async function tryRelease(release: Release, context: ProveContext): Promise<{ demo: Ran; test: Ran }> {
  const base = await rootOf(release, context);
  const work = await mkdtemp(join(await cacheFolder(), 'run-'));
  try {
    await run('git', ['bundle', 'create', join(work, 'loa.bundle'), 'HEAD'], { cwd: context.root });
    const carried = await carriedConfiguration(join(work, 'carried'));
    const inside = (command: string): Promise<Ran> =>
      enter({ release, base, work, carried, command, context });
    const clone = await inside(
      'git -c advice.detachedHead=false -c init.defaultBranch=main clone -q /mnt/loa.bundle /root/loa',
    );
    if (clone.exitCode !== 0) throw new Error(`git clone in ${release.name}: exit code ${clone.exitCode}`);
    const demo = await inside('cd /root/loa && ./build/demo');
    return { demo, test: await inside('cd /root/loa && ./build/test') };
  } finally {
    // The mounts went with the name space that held them; only what was written is left here.
    await rm(work, { recursive: true, force: true });
  }
}

async function cacheFolder(): Promise<string> {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'loa', 'roots');
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Makes the root of a release, or finds the one made before from the same recipe. */
async function rootOf(release: Release, context: ProveContext): Promise<string> {
  const cache = await cacheFolder();
  const carried = await carriedConfiguration(await mkdtemp(join(cache, 'making-')));
  try {
    const packages = ['ca-certificates', 'git', ...(release.ownNode ? ['nodejs', 'npm'] : [])];
    const words = ['--mode=root', '--variant=minbase', `--include=${packages.join(',')}`, release.suite];
    const recipe = JSON.stringify([
      words,
      carried.sources(release.suite),
      release.ownNode ? '' : process.version,
    ]);
    const path = join(
      cache,
      `${release.suite}-${createHash('sha256').update(recipe).digest('hex').slice(0, 16)}`,
    );
    if (await exists(path)) return path;
    const unfinished = `${path}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    context.progress(`    making a root of ${release.name} with mmdebstrap (once; some minutes)`);
    const sources = join(carried.folder, 'sources.list');
    await writeFile(sources, `${carried.sources(release.suite).join('\n')}\n`);
    // In a mount name space of its own: what it mounts in the root can never be left there.
    await run(
      'unshare',
      [
        ...['--mount', '--propagation', 'private', 'mmdebstrap'],
        '--aptopt=APT::Install-Recommends "false"',
        `--aptopt=${carried.aptOptions}`,
        // The machine's own options are carried into each run, not kept in the root.
        '--customize-hook=rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap"',
        ...words,
        unfinished,
        sources,
      ],
      { maxBuffer: 2 ** 26 },
    );
    if (!release.ownNode) await copyNode(unfinished);
    await rename(unfinished, path);
    return path;
  } finally {
    await rm(carried.folder, { recursive: true, force: true });
  }
}

/** Copies the Node that runs this, and its npm, to /usr/local of a root. */
async function copyNode(root: string): Promise<void> {
  const node = await realpath(process.execPath);
  const npm = dirname(dirname(await realpath(join(dirname(process.execPath), 'npm'))));
  const bin = join(root, 'usr/local/bin');
  const modules = join(root, 'usr/local/lib/node_modules');
  await mkdir(modules, { recursive: true });
  await cp(node, join(bin, 'node'));
  await cp(npm, join(modules, 'npm'), { recursive: true, verbatimSymlinks: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(bin, 'npm'));
  await symlink('../lib/node_modules/npm/bin/npx-cli.js', join(bin, 'npx'));
  const { stdout } = await run('chroot', [root, '/usr/local/bin/node', '--version']);
  if (stdout.trim() !== process.version) throw new Error(`the copied Node says ${stdout.trim()}`);
}

interface Entry {
  readonly release: Release;
  readonly base: string;
  readonly work: string;
  readonly carried: Carried;
  readonly command: string;
  readonly context: ProveContext;
}

/** Runs a command inside the root, in mount and process name spaces of its own, so that nothing outlives it. */
async function enter({ release, base, work, carried, command, context }: Entry): Promise<Ran> {
  const log = createWriteStream(join(context.out, `clean-root-${release.suite}.log`), { flags: 'a' });
  const startedMs = performance.now();
  log.write(`\n$ ${command}   (${new Date().toISOString()})\n`);
  context.progress(`    [${release.name}] ${command}`);
  const child = spawn(
    'unshare',
    [
      ...['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'],
      ...['bash', join(context.root, 'build/claims/enter-root.sh'), base, work, carried.folder, command],
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], ...carried.environment, CI: 'true' },
    },
  );
  let lastLine = '';
  const read = (stream: NodeJS.ReadableStream, isOutput: boolean): Promise<unknown> => {
    const lines = createInterface({ input: stream });
    lines.on('line', (line) => {
      log.write(`${line}\n`);
      context.progress(`    [${release.name}] ${line}`);
      if (isOutput && line.trim() !== '') lastLine = line;
    });
    return once(lines, 'close');
  };
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  const [exitCode] = await Promise.all([exited, read(child.stdout, true), read(child.stderr, false)]);
  const seconds = (performance.now() - startedMs) / 1000;
  log.end(`= exit code ${exitCode} after ${seconds.toFixed(1)} s\n`);
  return { exitCode, seconds, lastLine };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
