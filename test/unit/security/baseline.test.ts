import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { baselineDocument } from '../../../build/baseline-document.js';
import { BASELINE } from '../../../build/baseline.js';
import { repositoryRoot } from '../../heard/repository-root.js';

const root = repositoryRoot(import.meta.url);

t.test('certs/BASELINE.md is what the baseline prints', async (t) => {
  t.equal(await readFile(join(root, 'certs', 'BASELINE.md'), 'utf8'), baselineDocument());
});

t.test('the baseline holds 5.1 to 5.13, each once', async (t) => {
  const provisions = BASELINE.map(({ provision }) => provision).filter((provision) =>
    provision.startsWith('5.'),
  );
  t.same(
    provisions,
    Array.from({ length: 13 }, (_, index) => `5.${index + 1}`),
  );
});

t.test('every row has something that shows it, or says what is missing', async (t) => {
  for (const { provision, state, shownBy, missing } of BASELINE) {
    if (state === 'shown' || state === 'partly') t.ok(shownBy.length > 0, provision);
    t.equal(missing === '', state === 'shown', provision);
  }
});

t.test('what shows a row exists', async (t) => {
  for (const one of BASELINE.flatMap(({ shownBy }) => shownBy)) {
    const script = /^node dist\/(\S+)\.js/.exec(one)?.[1];
    const path = script === undefined ? (one.split(' ', 1)[0] ?? one) : `${script}.ts`;
    await t.resolves(access(join(root, path)), one);
  }
});
