import { readFile } from 'node:fs/promises';
import t from 'tap';
import { ERROR_TEXTS } from '../../agent/core/error-texts.js';
import { errorCard } from '../../build/error-card.js';
import { errorDocument } from '../../build/error-document.js';
import { codesUsed } from './error-codes.js';
import { PRODUCT_FOLDERS, readSources } from './source-tree.js';

const CODES: readonly string[] = Object.keys(ERROR_TEXTS);

t.test('agent/core/ERRORS.md says what the code says', async (t) => {
  const document = await readFile('agent/core/ERRORS.md', 'utf8');
  t.equal(
    document,
    errorDocument(),
    'print it again: node dist/build/print-errors.js > agent/core/ERRORS.md',
  );
});

t.test('every error has a cause and a remedy in both languages, and the document holds them', async (t) => {
  const document = errorDocument();
  for (const [code, { vi, en }] of Object.entries(ERROR_TEXTS)) {
    for (const text of [vi.cause, vi.remedy, en.cause, en.remedy]) {
      t.ok(text.trim().length > 3, `${code} says something`);
      t.ok(document.includes(text), `${code} is in the document`);
    }
    t.not(vi.cause, en.cause, `${code} is translated`);
  }
});

t.test('every error code that a source names is in the table', async (t) => {
  for (const [code, where] of codesUsed(await readSources([...PRODUCT_FOLDERS]))) {
    t.ok(CODES.includes(code), `${where} names ${code}`);
  }
});

t.test('every error code of the table is used somewhere', async (t) => {
  const used = codesUsed(await readSources(PRODUCT_FOLDERS));
  t.same(
    CODES.filter((code) => !used.has(code)),
    [],
  );
});

t.test('a code counts as used only where it is a string outside the table', async (t) => {
  const tree = new Map([
    ['agent/core/error-texts.ts', `const T = 'E_ONE';`],
    ['agent/a.ts', `// 'E_TWO'\nthrow new LoaError('E_THREE', 'x E_FOUR');`],
  ]);
  t.same([...codesUsed(tree)], [['E_THREE', 'agent/a.ts:2']]);
});

t.test('the printed card of error codes says what the code says', async (t) => {
  t.equal(
    await readFile('agent/technician/guide/error-card.html', 'utf8'),
    errorCard(),
    'print it again: node dist/build/print-error-card.js > agent/technician/guide/error-card.html',
  );
});
