import { tapInOne } from './tap-in-one.js';
import { judged, totalsLine, totalsOf, type CountedFile, type CountedTest } from './tap-count.js';
import { filesOf, runCheck, runPart, TEST_PARTS, type TestPart } from './test-part.js';

const USAGE = 'usage: node dist/build/tests.js quick|all [--long]; CI=true adds the packages';

const LINTS: readonly (readonly [string, readonly string[]])[] = [
  ['eslint finds nothing', ['node_modules/eslint/bin/eslint.js', '--config', 'build/eslint.config.js', '.']],
  ['prettier finds nothing', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.']],
];

interface Plan {
  readonly lint: boolean;
  readonly parts: readonly TestPart[];
}

function planOf(words: readonly string[], ci: boolean): Plan | undefined {
  const long = words.includes('--long');
  const rest = words.filter((word) => word !== '--long');
  const { quick, integration, packages, receivers, emulated } = TEST_PARTS;
  if (rest.length !== 1) return undefined;
  if (rest[0] === 'quick') return { lint: false, parts: [quick] };
  if (rest[0] === 'all') {
    const parts: TestPart[] = [quick, integration];
    if (ci || long) parts.push(packages);
    else console.log('left out: the packages and Dockerfile.arm (CI=true or --long)');
    if (long) parts.push(receivers, emulated, TEST_PARTS.long);
    else
      console.log(
        'left out: simulated ARM receivers, unit tests under qemu-user (--long or ./build/simulate)',
      );
    return { lint: true, parts };
  }
  return undefined;
}

function tell(result: CountedFile): void {
  const { passed, failed, skipped } = totalsOf(result.tests);
  const counts = [
    `${passed} passed`,
    failed > 0 ? `${failed} failed` : '',
    skipped > 0 ? `${skipped} skipped` : '',
  ];
  console.log(
    `${failed > 0 ? 'FAIL' : 'ok  '} ${result.file} (${counts.filter((count) => count !== '').join(', ')})`,
  );
}

async function runAll(plan: Plan, strict: boolean): Promise<CountedFile[]> {
  const results: CountedFile[] = [];
  const judge = (file: CountedFile): CountedFile => ({
    file: file.file,
    tests: file.tests.map((test) => judged(test, strict)),
  });
  if (plan.lint) {
    console.log('== lint');
    for (const [name, command] of LINTS) {
      const result = await runCheck(name, command);
      tell(result);
      results.push(result);
    }
  }
  await tapInOne('.', 'dist');
  for (const part of plan.parts) {
    const files = await filesOf(part);
    console.log(`== ${part.name}: ${files.length} files`);
    results.push(...(await runPart(part, files, (file) => tell(judge(file)))).map(judge));
  }
  return results;
}

function tellEnds(results: readonly CountedFile[]): void {
  for (const { file, tests } of results) {
    for (const test of tests) {
      if (test.end.kind === 'skipped') console.log(`skipped: ${file}: ${test.name}: ${test.end.reason}`);
    }
  }
  for (const { file, tests } of results) {
    for (const test of tests) {
      if (test.end.kind === 'failed')
        console.log(`\nFAILED ${file}: ${test.name}\n${indented(test.end.why)}`);
    }
  }
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '    ');
}

const ci = process.env['CI'] === 'true';
const plan = planOf(process.argv.slice(2), ci);
if (plan === undefined) {
  console.error(USAGE);
  process.exitCode = 64;
} else {
  const results = await runAll(plan, ci);
  tellEnds(results);
  const tests: CountedTest[] = results.flatMap((result) => result.tests);
  const totals = totalsOf(tests);
  console.log(`\n${totalsLine(totals)}`);
  process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
}
