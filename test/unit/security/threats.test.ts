import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { repositoryRoot } from '../../heard/repository-root.js';
import { Cast } from '../../security/cast.js';
import { threatsIn, threatTable } from '../../security/threat-document.js';
import { testNameOf } from '../../security/threat.js';
import { PIECE_THREATS, THREATS, tryOnBench } from '../../security/threats.js';

const cast = await Cast.make();

for (const threat of PIECE_THREATS) {
  t.test(testNameOf(threat), async (t) => {
    const verdict = await tryOnBench(threat, cast);
    t.comment(verdict.seen);
    if (threat.open === undefined) t.ok(verdict.stopped, verdict.seen);
    else
      t.notOk(
        verdict.stopped,
        `the table says that this is open, but it was stopped (${verdict.seen}): take its "open" out`,
      );
  });
}

t.test('the table in certs/README.md is the one that the attacks print', async (t) => {
  const path = join(repositoryRoot(import.meta.url), 'certs', 'README.md');
  t.equal(threatsIn(await readFile(path, 'utf8')), threatTable());
});

/** What must be in the table whatever else is: the threats that were named when the work was given. */
const NAMED = [
  ...['foreign-ca', 'expired-certificate', 'certificate-not-yet-valid', 'other-client-id'],
  ...['revoked-authority', 'revoked-stored', 'revoked-on-air', 'neighbour-area', 'too-high-class'],
  ...['emergency-without-grant', 'commune-cancels-emergency', 'fleet-by-speaker', 'altered-body'],
  ...['replay-same-run', 'replay-after-reboot', 'replay-other-receiver', 'replay-after-rehoming'],
  ...['algorithm-none', 'algorithm-hs256', 'borrowed-kid', 'unknown-crit', 'duplicate-json-keys'],
  ...[
    'megabyte',
    'megabyte-wire',
    'older-revision',
    'older-trust',
    'trust-too-few',
    'empty-retained-payload',
  ],
  ...['clock-1970-speaks', 'clock-1970-silences', 'clock-2099-speaks', 'clock-2099-silences', 'issued-2099'],
  ...['lying-topic', 'withheld-revision', 'withheld-revocation', 'media-swapped', 'media-redirected-http'],
  'hls-segment-elsewhere',
];

t.test('every threat that had to be looked at has a row', async (t) => {
  const ids = new Set(THREATS.map(({ id }) => id));
  t.same(
    NAMED.filter((id) => !ids.has(id)),
    [],
  );
});

t.test('no two threats bear the same name', async (t) => {
  const ids = THREATS.map(({ id }) => id);
  t.equal(new Set(ids).size, ids.length);
});
