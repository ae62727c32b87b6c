import t from 'tap';
import { undocumented } from './doc-comments.js';
import { PRODUCT_FOLDERS, readSources } from './source-tree.js';

function namesIn(text: string): string[] {
  return undocumented(new Map([['a.ts', text]]));
}

t.test('every exported name of the product has a doc comment', async (t) => {
  const missing = undocumented(await readSources(PRODUCT_FOLDERS));
  t.equal(missing.length, 0, `without a doc comment:\n${missing.join('\n')}`);
});

const MISSING: readonly (readonly [string, string])[] = [
  ['export function f(): void {}', 'a.ts:1 f'],
  ['export const x = 1;', 'a.ts:1 x'],
  ['export class C {}', 'a.ts:1 C'],
  ['export interface I {}', 'a.ts:1 I'],
  ['export type T = string;', 'a.ts:1 T'],
  ['// not a doc comment\nexport const x = 1;', 'a.ts:2 x'],
  ['/** */\nexport const x = 1;', 'a.ts:2 x'],
  ['const x = 1;\nexport { x };', 'a.ts:1 x'],
  ['export default 1;', 'a.ts:1 default'],
];

for (const [text, name] of MISSING) {
  t.test(`is told: ${text.replaceAll('\n', ' ')}`, async (t) => {
    t.same(namesIn(text), [name]);
  });
}

const FINE = [
  '/** What. */\nexport const x = 1;',
  'const x = 1;',
  `import type { X } from './x.js';\nexport type { X };`,
  `export { x } from './x.js';`,
  '/** What. */\nexport function f(a: 1): void;\nexport function f(a: 2): void;\nexport function f(): void {}',
];

for (const text of FINE) {
  t.test(`needs no comment or has it: ${text.replaceAll('\n', ' ')}`, async (t) => {
    t.same(namesIn(text), []);
  });
}
