import t from 'tap';
import type { Proved } from '../../../build/claims/claim.js';
import { table, wrap } from '../../../build/claims/table.js';

const CLAIM: Proved = {
  area: 'programme',
  item: 12,
  claim: 'Một bản tin khẩn cấp cắt ngang ngay, and the bulletin comes back within 100 ms of the time line.',
  bound: 'at most 100 ms',
  measured: '43 ms (p99 of 30), /a/path/that/is/longer/than/the/column/is/wide',
  holds: true,
};

t.test('no line of the table is wider than the terminal', async (t) => {
  for (const width of [60, 80, 120]) {
    const lines = table([CLAIM, { ...CLAIM, note: 'loaded machine' }], width).split('\n');
    for (const line of lines) t.ok(line.length <= width, `${line.length} of ${width}: ${line}`);
  }
});

t.test('the table loses no word of a claim', async (t) => {
  const text = table([CLAIM]);
  for (const word of `${CLAIM.claim} ${CLAIM.bound}`.split(' ')) t.ok(text.includes(word), word);
});

t.test('the table says whether a claim holds, falls short or was not measured', async (t) => {
  const lines = (holds: boolean | null): string => table([{ ...CLAIM, holds }]).split('\n')[2] ?? '';
  t.ok(lines(true).endsWith('yes'));
  t.ok(lines(false).endsWith('NO'));
  t.ok(lines(null).endsWith('?'));
});

t.test('text is wrapped at spaces, and inside a word only when the word is too long', async (t) => {
  t.same(wrap('one two three', 7), ['one two', 'three']);
  t.same(wrap('one abcdefghij', 4), ['one', 'abcd', 'efgh', 'ij']);
  t.same(wrap('a\nb', 4), ['a', 'b']);
  t.same(wrap('', 4), ['']);
});
