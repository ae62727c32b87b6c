import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { archive } from '../../../agent/technician/archive.js';
import { isClean, redacted } from '../../../agent/technician/redaction.js';
import { searchRaw, wipeFolder } from '../../../agent/technician/wipe.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

t.test('an archive is read by tar, whatever the size of its files', async (t) => {
  const folder = await temporaryFolder(t);
  const files = [0, 1, 511, 512, 513, 70_000].map((size) => ({
    name: `a/${size}.txt`,
    content: 'x'.repeat(size),
  }));
  writeFileSync(
    join(folder, 'a.tar.gz'),
    archive([...files, { name: 'tiếng-việt.txt', content: 'đường loa' }], Date.now()),
  );
  mkdirSync(join(folder, 'out'));
  execFileSync('tar', ['-xzf', join(folder, 'a.tar.gz'), '-C', join(folder, 'out')]);
  for (const { name, content } of files)
    t.equal(await readFile(join(folder, 'out', name), 'utf8'), content, name);
  t.equal(await readFile(join(folder, 'out', 'tiếng-việt.txt'), 'utf8'), 'đường loa');
  t.throws(() => archive([{ name: 'n'.repeat(101), content: '' }], 0), RangeError);
});

const CASES: readonly (readonly [string, string])[] = [
  ['token=abc123def', 'abc123def'],
  ['{"token":"abc123def","x":1}', 'abc123def'],
  ['"brokerPassword" : "a b\\"c"', 'a b'],
  ['mật khẩu: bimat', 'bimat'],
  ['Authorization: Bearer abc.def-ghi', 'abc.def'],
  ['see basic dXNlcjpwYXNz now', 'dXNlcjpwYXNz'],
  ['http://user:pass@proxy:1', 'user:pass'],
  ['loa x --token abcdef', 'abcdef'],
  ['-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY-----', 'MHcCAQ'],
  ['"pem":"-----BEGIN PRIVATE KEY-----\\nMHcCAQ', 'MHcCAQ'],
  [`"d":"${'k'.repeat(43)}"`, 'kkkk'],
];

for (const [text, secret] of CASES) {
  t.test(`a secret is known by its looks: ${text.slice(0, 40).replaceAll('\n', ' ')}`, async (t) => {
    t.notMatch(redacted(text, []), secret);
    t.match(redacted(text, []), 'removed');
  });
}

t.test('a known secret goes in every form in which it travels, and each line of it', async (t) => {
  const key = `-----BEGIN X-----\n${'A'.repeat(40)}\n${'B'.repeat(40)}\n-----END X-----`;
  for (const form of [
    'A'.repeat(40),
    Buffer.from('B'.repeat(40)).toString('base64'),
    Buffer.from('A'.repeat(40)).toString('hex'),
  ]) {
    const clean = redacted(`seen ${form}, then`, [key]);
    t.notMatch(clean, form);
    t.ok(isClean(clean, [key]));
    t.notOk(isClean(`seen ${form}`, [key]));
  }
});

t.test('what is no secret stays as it is', async (t) => {
  const text = '{"level":30,"msg":"connected","sha256":"00ff","receiver":"cum-01"}';
  t.equal(redacted(text, []), text);
});

t.test('a wiped folder is empty, and what could not be wiped is named', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'identity'));
  await writeFile(join(folder, 'identity', 'device.key'), 'secret', { mode: 0o400 });
  await writeFile(join(folder, 'empty'), '');
  t.match(await wipeFolder(folder), { files: 2, bytes: 6, left: [] });
  t.same(await readdir(folder), []);
});

t.test('a secret that lies across two pieces of a device is found', async (t) => {
  const path = join(await temporaryFolder(t), 'image');
  const bytes = Buffer.alloc(9 << 20);
  bytes.write('needle-of-a-key', (4 << 20) - 5);
  await writeFile(path, bytes);
  t.same(await searchRaw(path, [Buffer.from('needle-of-a-key'), Buffer.from('absent')]), {
    bytes: bytes.length,
    found: 1,
  });
});
