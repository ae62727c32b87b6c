import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { runTool } from '../packages/tool.js';
import { cacheFolder, keep } from './cache.js';
import { debianRoot } from './debian-root.js';
import { receiverKernel } from './kernel.js';
import { RECEIVER_ROOTS } from './receiver-root.js';

/** A processor that a receiver is simulated with. */
export type SimulatedArchitecture = keyof typeof RECEIVER_ROOTS;

/** What a simulated receiver boots from. None of it is written to. */
export interface ReceiverImage {
  /** Raw disk with an ext4 file system. */
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
}

/** What an image is made from. */
export interface ImageRequest {
  /** Root of the checkout. */
  readonly root: string;
  readonly architecture: SimulatedArchitecture;
  /** Our package for Debian 13 and this architecture. */
  readonly deb: string;
  readonly tell: (line: string) => void;
}

/** Images kept for an architecture beside the one asked for; older ones are removed, unless somebody may still boot them. */
const KEPT_IMAGES = 1;
const MAY_BE_IN_USE_MS = 4 * 3_600_000;

/**
 * The disk of a simulated receiver: Debian 13 with our package installed, and the simulation's hand in it. Made once from
 * the same package, root and files; kept in the cache, outside the checkout. armhf runs on arm64's kernel.
 */
export async function receiverImage({ root, architecture, deb, tell }: ImageRequest): Promise<ReceiverImage> {
  const kernel = await receiverKernel(tell);
  const base = (await debianRoot(RECEIVER_ROOTS[architecture], tell)).path;
  const guest = join(root, 'test/simulation/guest');
  const script = join(root, 'build/images/make-image.sh');
  const inputs = {
    base,
    modules: basename(dirname(kernel.modules)),
    deb: await digest(deb),
    guest: await digests(guest),
    script: await digest(script),
  };
  const { path } = await keep({ cache: 'images', name: architecture, inputs }, async (unfinished) => {
    tell(`making the disk of a simulated ${architecture} receiver (once for this package)`);
    await dropOld(architecture);
    await mkdir(unfinished);
    const work = await mkdtemp(join(await cacheFolder('images'), 'making-'));
    try {
      await runTool('unshare', [
        ...['--mount', '--propagation', 'private', 'bash', script, base, work, deb, guest],
        ...[kernel.modules, join(unfinished, 'disk.raw')],
      ]);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  const now = new Date();
  await utimes(join(path, 'disk.raw'), now, now);
  return { disk: join(path, 'disk.raw'), kernel: kernel.kernel, initrd: kernel.initrd };
}

/** Each commit makes images anew: without this a disk would fill. */
async function dropOld(architecture: string): Promise<void> {
  const cache = await cacheFolder('images');
  const old = (await readdir(cache)).filter(
    (name) => name.startsWith(`${architecture}-`) && !name.includes('unfinished'),
  );
  const dated = await Promise.all(
    old.map(async (name) => ({ name, atMs: await usedMs(join(cache, name, 'disk.raw')) })),
  );
  dated.sort((one, other) => other.atMs - one.atMs);
  const unusedBeforeMs = Date.now() - MAY_BE_IN_USE_MS;
  for (const { name, atMs } of dated.slice(KEPT_IMAGES))
    if (atMs < unusedBeforeMs) await rm(join(cache, name), { recursive: true, force: true });
}

async function usedMs(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function digest(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

async function digests(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => `${name} ${await digest(join(folder, name))}`));
}
