import t from 'tap';
import { PURE_FILES, PURE_WHEN_PRESENT, purityBreaches } from './purity.js';
import { PRODUCT_FOLDERS, readSources } from './source-tree.js';

function breachesIn(text: string): string[] {
  return purityBreaches(new Map([['agent/plan.ts', text]]), ['agent/plan.ts']);
}

t.test('the pure files use no module of node, no clock, no timer and no chance', async (t) => {
  const breaches = purityBreaches(await readSources(PRODUCT_FOLDERS), PURE_FILES, PURE_WHEN_PRESENT);
  t.equal(breaches.length, 0, `\n${breaches.join('\n')}`);
});

t.test('a file that is listed as pure and does not exist is a breach', async (t) => {
  t.match(purityBreaches(new Map(), ['agent/gone.ts']), [
    'agent/gone.ts: listed as pure, but does not exist',
  ]);
  t.same(purityBreaches(new Map(), [], ['agent/later.ts']), []);
});

const IMPURE = [
  `import { open } from 'node:fs';`,
  `import type { Stats } from 'node:fs';`,
  'const now = Date.now();',
  'export function f(at: Date): void {}',
  'setTimeout(() => {}, 1);',
  'setInterval(() => {}, 1);',
  'globalThis.setTimeout(() => {}, 1);',
  'const x = process.env;',
  'const x = Math.random();',
  'const x = performance.now();',
];

for (const text of IMPURE) {
  t.test(`not pure: ${text}`, async (t) => {
    t.equal(breachesIn(text).length, 1, breachesIn(text).join('\n'));
  });
}

t.test('a member that only has the name of a timer or clock is pure', async (t) => {
  t.same(breachesIn('interface E { process: string }\nconst f = (e: E) => ({ process: e.process });'), []);
});

t.test('a file that is to be pure once it exists is checked once it exists', async (t) => {
  const tree = new Map([['agent/later.ts', 'const now = Date.now();']]);
  t.equal(purityBreaches(tree, [], ['agent/later.ts']).length, 1);
});
