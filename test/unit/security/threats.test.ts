import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { repositoryRoot } from '../../heard/repository-root.js';
import { Cast } from '../../security/cast.js';
import { threatDocument } from '../../security/threat-document.js';
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

t.test('certs/THREATS.md is what the table prints', async (t) => {
  const path = join(repositoryRoot(import.meta.url), 'certs', 'THREATS.md');
  t.equal(await readFile(path, 'utf8'), threatDocument());
});

t.test('no two threats bear the same name', async (t) => {
  const ids = THREATS.map(({ id }) => id);
  t.equal(new Set(ids).size, ids.length);
});
