import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from './tool.js';

/** What is packaged: which state of the sources. */
export interface Release {
  /** Version that `loa --version` tells and that the packages have before `~debN`: `0.1.0+20261123.064200.g115a25d`; at most 40 characters, as a birth may have. */
  readonly version: string;
  /** Date of the commit, seconds since 1970: the newest date in a package (SOURCE_DATE_EPOCH of reproducible-builds.org). */
  readonly epochS: number;
}

/**
 * What the checkout is at. A commit that bears the tag of its version (`v0.1.0`) has the plain version; any other is newer than
 * that by its date. With changes that are not committed the name says so.
 * @throws where this is no git checkout
 */
export async function releaseOf(root: string): Promise<Release> {
  const git = (...words: string[]): Promise<string> => runTool('git', ['-C', root, ...words]);
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const epochS = Number(await git('log', '-1', '--format=%ct'));
  const hash = (await git('rev-parse', 'HEAD')).slice(0, 7);
  const tags = (await git('tag', '--points-at', 'HEAD')).split('\n');
  const changed = (await git('status', '--porcelain', '--untracked-files=no')) !== '';
  const stamp = new Date(epochS * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '.');
  const released = tags.includes(`v${manifest.version}`) && !changed;
  const suffix = released ? '' : `+${stamp}.g${hash}${changed ? '.dirty' : ''}`;
  return { version: `${manifest.version}${suffix}`, epochS };
}
