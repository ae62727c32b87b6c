import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { carriedConfiguration, type Carried } from '../claims/carried-configuration.js';
import { cacheFolder } from './cache.js';

/** A Debian root that is written to on an overlay only, until it is closed. */
export interface OpenRoot {
  /** Runs a command of a shell in it as root, in name spaces of its own, without standard input. */
  run(command: string): Promise<{ readonly code: number; readonly output: string }>;
  /** Throws away what was written. */
  close(): Promise<void>;
}

/** What {@link openRoot} is given. */
export interface OpenRootRequest {
  /** Root of the checkout. */
  readonly root: string;
  /** The kept root. */
  readonly base: string;
  /** Files that are seen in it, read-only, as `/mnt/given/NAME`. */
  readonly given: readonly string[];
  /** True where the checkout is to be seen in it, read-only, as `/mnt/checkout`. */
  readonly checkout?: boolean;
}

const KEPT = 4 << 20;

/** Opens a kept root: see `enter-root.sh`. Package registries are reached as this machine reaches them. */
export async function openRoot({ root, base, given, checkout }: OpenRootRequest): Promise<OpenRoot> {
  const work = await mkdtemp(join(await cacheFolder('roots'), 'run-'));
  await mkdir(join(work, 'given'));
  for (const file of given) await cp(file, join(work, 'given', basename(file)), { recursive: true });
  if (checkout === true) await symlink(root, join(work, 'checkout'));
  const carried = await carriedConfiguration(join(work, 'carried'));
  return {
    run: (command) => enter({ root, base, work, carried, command }),
    close: () => rm(work, { recursive: true, force: true }),
  };
}

async function enter(entry: {
  readonly root: string;
  readonly base: string;
  readonly work: string;
  readonly carried: Carried;
  readonly command: string;
}): Promise<{ code: number; output: string }> {
  const { root, base, work, carried, command } = entry;
  const child = spawn(
    'unshare',
    [
      ...['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'],
      ...['bash', join(root, 'build/claims/enter-root.sh'), base, work, carried.folder, command],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], ...carried.environment } },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-KEPT)));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, output };
}
