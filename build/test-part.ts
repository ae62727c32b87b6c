import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { TapCount, type CountedFile, type CountedTest } from './tap-count.js';

/** A part of the tests: which folders, how many files at a time, how long one file may take. */
export interface TestPart {
  readonly name: string;
  readonly folders: readonly string[];
  readonly jobs: number;
  readonly fileTimeoutS: number;
}

/** The parts by name. Integration and long tests run one file at a time: they measure and use the machine. */
export const TEST_PARTS = {
  quick: {
    name: 'quick',
    folders: ['test/unit', 'test/rules'],
    jobs: Math.min(4, availableParallelism()),
    fileTimeoutS: 60,
  },
  integration: { name: 'integration', folders: ['test/integration'], jobs: 1, fileTimeoutS: 300 },
  long: { name: 'long', folders: ['test/long'], jobs: 1, fileTimeoutS: 3600 },
} as const satisfies Record<string, TestPart>;

/**
 * The compiled test files of a part, found by their sources: what is left in dist/ of a source that is gone does not
 * run. Sorted.
 */
export async function filesOf(part: TestPart): Promise<string[]> {
  const found: string[] = [];
  for (const folder of part.folders) {
    const names = await readdir(folder, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return [];
      throw cause;
    });
    const tests = names.filter((name) => name.endsWith('.test.ts'));
    found.push(...tests.map((name) => join('dist', folder, name.replace(/\.ts$/, '.js'))));
  }
  return found.sort();
}

/**
 * Runs the files of a part with tap's runner and counts.
 * @param tellFile called as each file ends
 * @returns every file that was asked for; one without a result has a failed test that says so
 */
export async function runPart(
  part: TestPart,
  files: readonly string[],
  tellFile: (file: CountedFile) => void,
): Promise<CountedFile[]> {
  if (files.length === 0) return [];
  const results: CountedFile[] = [];
  const take = (result: CountedFile): void => {
    results.push(result);
    tellFile(result);
  };
  const strangers: CountedTest[] = [];
  const count = new TapCount((result) => {
    if (files.includes(result.file)) take(result);
    else strangers.push(...result.tests.map((test) => ({ ...test, name: `${result.file} ${test.name}` })));
  });
  const exitCode = await tapRun(part, files, (text) => count.write(text));
  await count.end();
  const silent = files.filter((file) => !results.some((result) => result.file === file));
  for (const file of silent) {
    take({
      file,
      tests: [failed('(the whole file)', `the runner gave no result (its exit code ${exitCode})`)],
    });
  }
  const allPassed = !results.some((result) => result.tests.some((test) => test.end.kind === 'failed'));
  if (exitCode !== 0 && allPassed)
    strangers.push(failed('(the runner)', `tap ended with exit code ${exitCode}`));
  if (strangers.length > 0) take({ file: `(part ${part.name})`, tests: strangers });
  return results;
}

function failed(name: string, why: string): CountedTest {
  return { name, end: { kind: 'failed', why } };
}

async function tapRun(
  part: TestPart,
  files: readonly string[],
  tell: (text: string) => void,
): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      'node_modules/tap/dist/esm/run.mjs',
      'run',
      '--reporter=tap',
      `--jobs=${part.jobs}`,
      `--timeout=${part.fileTimeoutS}`,
      ...files,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  child.stdout.setEncoding('utf8').on('data', tell);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Runs a checking tool; its output is the reason when it fails. */
export async function runCheck(name: string, command: readonly string[]): Promise<CountedFile> {
  const [script = '', ...options] = command;
  const child = spawn(process.execPath, [script, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (text: string): void => {
    output = `${output}${text}`.slice(-20_000);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  const test: CountedTest =
    code === 0 ? { name, end: { kind: 'passed' } } : failed(name, output.trim() || `exit code ${code}`);
  return { file: 'lint', tests: [test] };
}
