import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Claim, Measured, ProveContext } from './claim.js';

const run = promisify(execFile);

/** Runs a compiled test file; its count of assertions, or what failed. */
async function assertionsOf(context: ProveContext, file: string): Promise<{ ok: number; failed: number }> {
  return context.once(`test ${file}`, async () => {
    context.progress(file);
    const path = join(context.root, 'dist', 'test', file);
    const options = { timeout: 120_000, maxBuffer: 16 << 20 };
    const text = await run(process.execPath, [path], options).then(
      ({ stdout }) => stdout,
      (error: unknown) => String((error as { stdout?: string }).stdout ?? ''),
    );
    const lines = text.split('\n');
    const failed = lines.filter((line) => /^\s*not ok /.test(line)).length;
    const ended = lines.some((line) => /^1\.\.\d+/.test(line));
    return { ok: lines.filter((line) => /^\s*ok /.test(line)).length, failed: ended ? failed : failed + 1 };
  });
}

function byTests(item: number, claim: string, files: readonly string[]): Claim {
  return {
    ...{ area: 'trust', item, claim, bound: 'no assertion fails' },
    async measure(context): Promise<Measured> {
      let ok = 0;
      let failed = 0;
      for (const file of files) {
        const found = await assertionsOf(context, file);
        ok += found.ok;
        failed += found.failed;
      }
      return { measured: `${ok} assertions hold, ${failed} fail`, holds: failed === 0 && ok > 0 };
    },
  };
}

/** Rules of the trust document, signed time and grants. */
export const trustRules: readonly Claim[] = [
  byTests(
    1,
    'Clock at 1970, stepped to 2099, issuedAt in 2099, lost journal, stale trust: the documented table, cell by cell',
    [
      'unit/commands/clock-trust.test.js',
      'unit/commands/may-accept.test.js',
      'unit/commands/intake-time.test.js',
    ],
  ),
  byTests(
    1,
    'Trust document: catching up over versions, rollback, fork, freeze, one stolen root key of three; a revoked authority silenced',
    ['unit/commands/intake-trust.test.js'],
  ),
  byTests(
    1,
    'Provinces merge, a receiver is away for 60 days over it, a swap on the pole; an unknown key costs no arithmetic; a flooded topic is left',
    [
      'unit/commands/fleet-changes.test.js',
      'unit/protocols/unknown-key.test.js',
      'unit/commands/flood-watch.test.js',
    ],
  ),
  byTests(1, 'A live source whose command names a key is asked of no other key', [
    'unit/sound/pinned-key.test.js',
  ]),
  byTests(
    1,
    "A province's guide: TLS authority by OpenSSL, root keys 2 of 3 offline, admitting, revoking, theft, run as it stands",
    ['unit/certs/province-guide.test.js'],
  ),
  byTests(
    4,
    'A token from the operator’s terminal enrols a receiver; the province’s signed renew exchanges its certificate',
    ['integration/fleet-renewal.test.js'],
  ),
  byTests(1, 'Grants: hours, minutes a day from what was heard, fleet and time of their own', [
    'unit/protocols/authorise.test.js',
    'unit/programme/heard-minutes.test.js',
    'unit/programme/programme-minutes.test.js',
  ]),
  byTests(4, 'A revocation of an authority on a running receiver takes at once and ends what it has on air', [
    'integration/receiver-trust.test.js',
  ]),
  byTests(
    4,
    "The broker's revocation list is fetched, verified, stored and asked at each handshake, without a restart",
    ['unit/certs/revocation.test.js', 'unit/certs/revocation-watch.test.js'],
  ),
];
