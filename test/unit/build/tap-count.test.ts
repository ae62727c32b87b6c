import t from 'tap';
import { judged, TapCount, totalsLine, totalsOf, type CountedFile } from '../../../build/tap-count.js';

async function counted(report: string): Promise<CountedFile[]> {
  const files: CountedFile[] = [];
  const count = new TapCount((file) => files.push(file));
  // In pieces, as a pipe gives it.
  for (const piece of report.match(/[^]{1,17}/g) ?? []) count.write(piece);
  await count.end();
  return files;
}

const MIXED = `TAP version 14
1..1
# Subtest: dist/test/unit/a.test.js
    # Subtest: holds
        ok 1 - one
        # Subtest: inner
            ok 1 - two
            1..1
        ok 2 - inner # time=1ms
        1..2
    ok 1 - holds # time=2ms
    # Subtest: breaks
        # Subtest: inner
            not ok 1 - numbers
              ---
              diff: |
                -2
                +1
              ...
            1..1
        not ok 1 - inner # time=1ms
        1..1
    not ok 2 - breaks # time=2ms
    ok 3 - card # SKIP missing tool: gcc
    ok 4 - silent # SKIP
    # Subtest: partly
        ok 1 - one
        ok 2 - missing tool: aplay # SKIP
        1..2
    ok 5 - partly # time=1ms
    ok 6 - not written # TODO later
    ok 7 - missing tool: icecast2 # SKIP
    ok 8 - an assertion outside a test
    1..8
not ok 1 - dist/test/unit/a.test.js # time=9ms
`;

t.test('each direct child of a file is one test, however much is in it', async (t) => {
  const [file] = await counted(MIXED);
  t.equal(file?.file, 'dist/test/unit/a.test.js');
  t.same(
    file?.tests.map(({ name, end }) => [name, end.kind]),
    [
      ['holds', 'passed'],
      ['breaks', 'failed'],
      ['card', 'skipped'],
      ['silent', 'skipped'],
      ['partly', 'skipped'],
      ['not written', 'skipped'],
      ['missing tool: icecast2', 'skipped'],
      ['an assertion outside a test', 'passed'],
    ],
  );
  t.equal(totalsLine(totalsOf(file?.tests ?? [])), '2 passed, 1 failed, 5 skipped');
});

t.test('a failure is told with the innermost assertion and what it found', async (t) => {
  const [file] = await counted(MIXED);
  const end = file?.tests[1]?.end;
  t.equal(end?.kind === 'failed' && end.why, 'inner > numbers\ndiff:\n  -2\n  +1');
});

t.test('a skip inside a test that passed is a skip of that test, with its reason', async (t) => {
  const [file] = await counted(MIXED);
  t.same(file?.tests[4]?.end, { kind: 'skipped', reason: 'missing tool: aplay' });
});

t.test('a skip without a reason is a failure', async (t) => {
  const [file] = await counted(MIXED);
  const ends = (file?.tests ?? []).map((test) => judged(test, false).end.kind);
  t.same(ends, ['passed', 'failed', 'skipped', 'failed', 'skipped', 'skipped', 'skipped', 'passed']);
});

t.test('a skip for a missing tool is a failure where everything must run', async (t) => {
  const [file] = await counted(MIXED);
  const ends = (file?.tests ?? []).map((test) => judged(test, true).end.kind);
  t.same(ends, ['passed', 'failed', 'failed', 'failed', 'failed', 'skipped', 'failed', 'passed']);
});

const WHOLE_FILES: readonly (readonly [string, string, string])[] = [
  [
    'a file that dies before its first test has failed',
    '# Subtest: f.js\n    1..0 # no tests found\nnot ok 1 - f.js\n  ---\n  exitCode: 3\n  ...\n1..1\n',
    '0 passed, 1 failed, 0 skipped',
  ],
  [
    'a file that dies after tests that passed has failed',
    '# Subtest: f.js\n    ok 1 - one\n    1..1\nnot ok 1 - f.js\n  ---\n  signal: SIGSEGV\n  ...\n1..1\n',
    '1 passed, 1 failed, 0 skipped',
  ],
  [
    'a file without a test has failed',
    '# Subtest: f.js\n    1..0 # no tests found\nok 1 - f.js # SKIP no tests found\n1..1\n',
    '0 passed, 1 failed, 0 skipped',
  ],
  [
    'a file that skips itself with a reason is one skip',
    '# Subtest: f.js\n    1..0 # missing tool: x\nok 1 - f.js # SKIP missing tool: x\n1..1\n',
    '0 passed, 0 failed, 1 skipped',
  ],
  [
    'a file with a failed test counts that test, not the file again',
    '# Subtest: f.js\n    not ok 1 - one\n    1..1\nnot ok 1 - f.js\n1..1\n',
    '0 passed, 1 failed, 0 skipped',
  ],
];

for (const [name, report, line] of WHOLE_FILES) {
  t.test(name, async (t) => {
    const files = await counted(`TAP version 14\n${report}`);
    t.equal(files.length, 1);
    t.equal(totalsLine(totalsOf(files.flatMap((file) => file.tests))), line);
  });
}

t.test('a report that is cut off tells only the files that it closed', async (t) => {
  const files = await counted('TAP version 14\n# Subtest: f.js\n    ok 1 - one\n');
  t.notOk(files.some((file) => file.tests.some((test) => test.end.kind === 'passed')));
});
