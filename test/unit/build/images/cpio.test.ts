import t from 'tap';
import { cpioOf } from '../../../../build/images/cpio.js';

const ENTRIES = [
  { path: 'folder', mode: 0o040755 },
  { path: 'folder/odd', mode: 0o100755, content: Buffer.from('seven b') },
  { path: 'console', mode: 0o020600, device: [5, 1] as const },
];

t.test('an entry is its head, its name and its content, each up to a multiple of four', async (t) => {
  const archive = cpioOf(ENTRIES);
  t.equal(archive.length % 4, 0);
  t.equal(archive.subarray(0, 6).toString(), '070701');
  const field = (from: number, index: number): number =>
    Number.parseInt(archive.subarray(from + 6 + 8 * index, from + 14 + 8 * index).toString(), 16);
  // Head 110, name 7 with its end: 117, so 120.
  t.equal(field(0, 1), 0o040755);
  t.equal(field(0, 11), 'folder'.length + 1);
  const second = 120;
  t.equal(archive.subarray(second, second + 6).toString(), '070701');
  t.equal(field(second, 6), 7);
  const content = second + 124;
  t.equal(archive.subarray(content, content + 7).toString(), 'seven b');
  const third = content + 8;
  t.equal(field(third, 9), 5);
  t.equal(field(third, 10), 1);
  t.match(archive.toString('latin1'), /TRAILER!!!\0*$/);
});
