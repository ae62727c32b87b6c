import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDeb } from '../packages/deb.js';
import { releaseOf } from '../packages/release.js';
import type { Target } from '../packages/target.js';
import { runTool } from '../packages/tool.js';

/** Two builds of one commit. */
export interface TwoBuilds {
  /** SHA-256 of each package. */
  readonly digests: readonly [string, string];
}

/**
 * Makes a package of HEAD twice, each in a clone of its own at another path, the second with another umask and time zone.
 * The packages of npm are those of this checkout: what they are is fixed by the lock file.
 */
export async function buildTwice(root: string, target: Target): Promise<TwoBuilds> {
  const folder = await mkdtemp(join(tmpdir(), 'loa-twice-'));
  const umask = process.umask();
  const zone = process.env['TZ'];
  try {
    // Named once: somebody may commit while this runs.
    const commit = await runTool('git', ['-C', root, 'rev-parse', 'HEAD']);
    const first = await buildIn(root, commit, join(folder, 'one'), target);
    process.umask(0o077);
    process.env['TZ'] = 'Asia/Ho_Chi_Minh';
    const second = await buildIn(root, commit, join(folder, 'elsewhere', 'two'), target);
    return { digests: [first, second] };
  } finally {
    process.umask(umask);
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
    await rm(folder, { recursive: true, force: true });
  }
}

async function buildIn(root: string, commit: string, place: string, target: Target): Promise<string> {
  await mkdir(place, { recursive: true });
  const clone = join(place, 'loa');
  await runTool('git', ['clone', '-q', '--no-hardlinks', root, clone]);
  await runTool('git', ['-C', clone, 'checkout', '-q', '--detach', commit.trim()]);
  await symlink(join(root, 'node_modules'), join(clone, 'node_modules'));
  const path = await makeDeb({ root: clone, out: place, release: await releaseOf(clone), target });
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
