import t from 'tap';
import { oneLanguageTexts } from './both-languages.js';
import { PRODUCT_FOLDERS, readSources } from './source-tree.js';

t.test('every text for people is there in both languages', async (t) => {
  const found = oneLanguageTexts(await readSources(PRODUCT_FOLDERS));
  t.equal(found.length, 0, `in one language:\n${found.join('\n')}`);
});

const WRONG: readonly (readonly [string, string])[] = [
  ["const a = { vi: 'Bộ thu' };", 'a.ts:1 has no text in English'],
  ["const a = {\n  b: { en: 'Receiver' },\n};", 'a.ts:2 has no text in Vietnamese'],
  ["const a = { vi: '', en: 'Receiver' };", 'a.ts:1 has an empty text'],
  ["const a = { vi: 'Receiver', en: 'Receiver' };", 'a.ts:1 says the same twice: Receiver'],
];

for (const [text, told] of WRONG)
  t.test(`is told: ${text.replaceAll('\n', ' ')}`, async (t) => {
    t.same(oneLanguageTexts(new Map([['a.ts', text]])), [told]);
  });

t.test('what is made while it runs, and what is a name, is let pass', async (t) => {
  const text =
    "const a = { vi: `${b}`, en: `${b}` };\nconst c = { vi: 'SIM', en: 'SIM' };\nconst d = { view: 1 };";
  t.same(oneLanguageTexts(new Map([['a.ts', text]])), []);
});
