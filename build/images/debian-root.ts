import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../../test/heard/repository-root.js';
import { carriedConfiguration } from '../claims/carried-configuration.js';
import type { Architecture } from '../packages/target.js';
import { runTool } from '../packages/tool.js';
import { cacheFolder, keep, type Kept } from './cache.js';
import { allowPrograms } from './emulation.js';

/** A Debian system as a folder. */
export interface RootRecipe {
  readonly architecture: Architecture;
  readonly debian: 12 | 13;
  /** Packages beside those that every Debian has; without those that they only recommend. */
  readonly packages: readonly string[];
  /** True where the release as it first came is enough, without its updates: mirrors of some architectures lack them at times. */
  readonly withoutUpdates?: boolean;
}

const NATIVE_TOOLS = join(repositoryRoot(import.meta.url), 'build/images/native-tools.sh');
const SUITES = { 12: 'bookworm', 13: 'trixie' } as const;

/**
 * Makes a Debian root with mmdebstrap, or finds the one made before from the same recipe in the cache. It is never written
 * to: see `enter-root.sh`. Takes minutes, and for a foreign architecture ten.
 * @throws without the rights of root, mmdebstrap or a mirror
 */
export async function debianRoot(recipe: RootRecipe, tell: (line: string) => void): Promise<Kept> {
  if (process.getuid?.() !== 0) throw new Error('making a root needs the rights of root');
  await allowPrograms(recipe.architecture);
  const cache = await cacheFolder('roots');
  const carried = await carriedConfiguration(await mkdtemp(join(cache, 'making-')));
  const suite = SUITES[recipe.debian];
  try {
    const all = carried.sources(suite);
    const sources = recipe.withoutUpdates === true ? all.slice(0, 1) : all;
    return await keep(
      { cache: 'roots', name: `${suite}-${recipe.architecture}`, inputs: { recipe, sources } },
      async (unfinished) => {
        tell(
          `making a root of Debian ${recipe.debian} ${recipe.architecture} with mmdebstrap (once; minutes)`,
        );
        const list = join(carried.folder, 'sources.list');
        await writeFile(list, `${sources.join('\n')}\n`);
        // In a mount name space of its own: what it mounts in the root can never be left there.
        await runTool('unshare', [
          ...['--mount', '--propagation', 'private', 'mmdebstrap', '--mode=root', '--variant=minbase'],
          `--architectures=${recipe.architecture}`,
          '--aptopt=APT::Install-Recommends "false"',
          `--aptopt=${carried.aptOptions}`,
          '--dpkgopt=force-unsafe-io',
          `--extract-hook=bash ${NATIVE_TOOLS} in "$1"`,
          `--customize-hook=bash ${NATIVE_TOOLS} out "$1"`,
          // The machine's own options are carried into each run, not kept in the root.
          '--customize-hook=rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap" "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"',
          ...(recipe.packages.length > 0 ? [`--include=${recipe.packages.join(',')}`] : []),
          ...[suite, unfinished, list],
        ]);
      },
    );
  } finally {
    await rm(carried.folder, { recursive: true, force: true });
  }
}
