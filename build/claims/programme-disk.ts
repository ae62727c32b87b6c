import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { weekOffline } from '../../test/programme/week-offline.js';
import type { Claim } from './claim.js';

const week: Claim = {
  area: 'programme',
  item: 3,
  claim:
    'Seven days without a network, from a schedule whose files were fetched ahead: all of it is played from the cache.',
  bound:
    'every entry opened at its time, every file of it in the cache with its digest; a cut download went on, a broken file was fetched again',
  async measure({ out }) {
    const folder = join(out, 'week-offline');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const found = await weekOffline(folder);
    return {
      measured:
        `${found.due} due, ${found.opened} opened; ${found.filesAsked} files asked for, ${found.filesFromCache} from the ` +
        `cache (${found.files} files, ${(found.bytes / 1e6).toFixed(1)} MB, ${found.requests} requests, ` +
        `${found.resumed} gone on with, ${found.again} fetched again)`,
      holds:
        found.opened === found.due &&
        found.filesAsked > 0 &&
        found.filesFromCache === found.filesAsked &&
        found.resumed > 0 &&
        found.again > 0,
      note: 'virtual clock and sink; programme, cache, HTTP and folder are real',
    };
  },
};

/** What stands on the disk: the cache. */
export const diskClaims: readonly Claim[] = [week];
