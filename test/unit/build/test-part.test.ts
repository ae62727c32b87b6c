import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { totalsOf, type CountedFile } from '../../../build/tap-count.js';
import { filesOf, runCheck, runPart, type TestPart } from '../../../build/test-part.js';

const PART: TestPart = { name: 'made up', folders: [], jobs: 1, fileTimeoutS: 30 };

t.test('the files of a part are found by their sources', async (t) => {
  const folder = t.testdir({ deep: { 'b.test.ts': '', 'b.ts': '' }, 'a.test.ts': '', 'gone.test.js': '' });
  const files = await filesOf({ ...PART, folders: [folder, join(folder, 'absent')] });
  t.same(files, [join('dist', folder, 'a.test.js'), join('dist', folder, 'deep/b.test.js')]);
});

t.test('the runner counts files that hold, break and die, and one that does not exist', async (t) => {
  // Inside the checkout, so that they find the tap package.
  const folder = join('dist', 'test-part-files', String(process.pid));
  await mkdir(folder, { recursive: true });
  t.teardown(async () => (await import('node:fs/promises')).rm(folder, { recursive: true, force: true }));
  const texts = {
    'a.test.js': `import t from 'tap';\nt.test('holds', async (t) => { t.ok(true); });`,
    'b.test.js': `import t from 'tap';\nt.test('breaks', async (t) => { t.ok(false); });`,
    'c.test.js': `import t from 'tap';\nt.test('dies', async (t) => { t.ok(true); process.exit(3); });`,
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
  const files = [...Object.keys(texts), 'd.test.js'].map((name) => join(folder, name));
  const told: CountedFile[] = [];
  const results = await runPart(PART, files, (file) => told.push(file));
  t.same(told, results, 'each is told as it ends');
  const totals = new Map(results.map(({ file, tests }) => [file.slice(folder.length + 1), totalsOf(tests)]));
  t.same(totals.get('a.test.js'), { passed: 1, failed: 0, skipped: 0 });
  t.same(totals.get('b.test.js'), { passed: 0, failed: 1, skipped: 0 });
  t.equal(totals.get('c.test.js')?.failed, 1);
  t.equal(totals.get('d.test.js')?.failed, 1);
});

t.test('a part without files gives nothing', async (t) => {
  t.same(await runPart(PART, [], () => t.fail('nothing to tell')), []);
});

t.test('a check that fails is a failed test with its output', async (t) => {
  const folder = t.testdir({
    'good.js': '',
    'bad.js': `console.log('line 3 is wrong'); process.exitCode = 1;`,
  });
  t.match((await runCheck('good', [join(folder, 'good.js')])).tests, [{ end: { kind: 'passed' } }]);
  t.match((await runCheck('bad', [join(folder, 'bad.js')])).tests, [
    { end: { kind: 'failed', why: 'line 3 is wrong' } },
  ]);
});
