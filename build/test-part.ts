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

/** Most that is kept of one file's report, characters. */
const REPORT_LIMIT = 16 << 20;

/** The parts by name. Integration and long tests run one file at a time: they measure and use the machine. */
export const TEST_PARTS = {
  quick: {
    name: 'quick',
    folders: ['test/unit', 'test/rules'],
    jobs: Math.min(4, availableParallelism()),
    fileTimeoutS: 60,
  },
  integration: { name: 'integration', folders: ['test/integration'], jobs: 1, fileTimeoutS: 300 },
  /** Packages made, and Dockerfile.arm built: minutes, ten more where the root must be made first. */
  packages: { name: 'packages', folders: ['test/packages'], jobs: 1, fileTimeoutS: 1800 },
  /** ARM receivers booted, side by side: their time waits for the machine's. Minutes each, and root's rights. */
  receivers: { name: 'receivers', folders: ['test/receivers'], jobs: 2, fileTimeoutS: 2700 },
  /** What is tried out by emulated processors without a receiver, and the long stories of one. */
  emulated: { name: 'emulated', folders: ['test/emulated'], jobs: 1, fileTimeoutS: 2700 },
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
 * Runs the files of a part and counts.
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
  const exitCode = await runFiles(part, files, (text) => count.write(text));
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
    strangers.push(failed('(the runner)', `a file ended badly: exit code ${exitCode}`));
  if (strangers.length > 0) take({ file: `(part ${part.name})`, tests: strangers });
  return results;
}

function failed(name: string, why: string): CountedTest {
  return { name, end: { kind: 'failed', why } };
}

/** Runs the files, some at a time, and tells one report in which each file is a test; the exit code is 1 if any failed. */
async function runFiles(
  part: TestPart,
  files: readonly string[],
  tell: (text: string) => void,
): Promise<number> {
  const waiting = [...files.entries()];
  let failures = 0;
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, file] = next;
      const { report, ended } = await runFile(file, part.fileTimeoutS);
      const good = ended === 'exit code 0';
      if (!good) failures += 1;
      const point = `${good ? 'ok' : 'not ok'} ${index + 1} - ${file}\n`;
      tell(`# Subtest: ${file}\n${report}${point}${good ? '' : `  ---\n  ended: ${ended}\n  ...\n`}`);
    }
  };
  tell('TAP version 14\n');
  await Promise.all(Array.from({ length: part.jobs }, worker));
  tell(`1..${files.length}\n`);
  return failures === 0 ? 0 : 1;
}

/** Runs one file by itself: the tests print TAP without a runner, and start four times as fast as under one. */
async function runFile(file: string, timeoutS: number): Promise<{ report: string; ended: string }> {
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TAP: '1', TAP_TIMEOUT: String(timeoutS) },
    // tap itself ends a test that takes too long, and says which; this is for a process that does not end.
    timeout: (timeoutS + 15) * 1000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(0, REPORT_LIMIT);
  });
  const ended = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code ?? 1}`));
  });
  const lines = output.split('\n').filter((line) => line !== '' && line !== 'TAP version 14');
  return { report: lines.map((line) => `    ${line}\n`).join(''), ended };
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
