import { Parser, type Result } from 'tap-parser';

/** How one test ended. `failed` and `skipped` carry why. */
export type TestEnd =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'skipped'; readonly reason: string };

/** One counted test: a direct child of a test file (how tests are counted: build/README.md). */
export interface CountedTest {
  readonly name: string;
  readonly end: TestEnd;
}

/** What one test file gave. */
export interface CountedFile {
  readonly file: string;
  readonly tests: readonly CountedTest[];
}

/** `passed`, `failed` and `skipped` tests. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Seen {
  readonly failures: string[];
  readonly skips: string[];
}

/**
 * Reads a report in which each test file is a test (TAP 14, subtests) and tells each test file when it has ended.
 * @param tellFile called once for each file that the report closes, in its order
 */
export class TapCount {
  readonly #parser = new Parser();
  readonly #closed: Promise<void>;

  constructor(tellFile: (file: CountedFile) => void) {
    let tests: CountedTest[] = [];
    this.#closed = new Promise((done) => this.#parser.once('complete', () => done()));
    this.#parser.on('child', (file: Parser) => {
      const own: CountedTest[] = [];
      tests = own;
      forEachPoint(file, (point, seen) => own.push({ name: nameOf(point), end: endOf(point, seen) }));
    });
    this.#parser.on('assert', (point: Result) => {
      tellFile({ file: point.name, tests: [...tests, ...endOfFile(point, tests)] });
      tests = [];
    });
  }

  /** Takes the next piece of the report. */
  write(text: string): void {
    this.#parser.write(text);
  }

  /** Ends the report; resolves when everything in it was told. */
  async end(): Promise<void> {
    this.#parser.end();
    await this.#closed;
  }
}

/** Calls `tell` for each point of `parser` with what failed and was skipped below it. */
function forEachPoint(parser: Parser, tell: (point: Result, below: Seen) => void): void {
  let child: Seen | undefined;
  parser.on('child', (below: Parser) => {
    child = watch(below);
  });
  parser.on('assert', (point: Result) => {
    tell(point, child ?? { failures: [], skips: [] });
    child = undefined;
  });
}

function watch(parser: Parser): Seen {
  const seen: Seen = { failures: [], skips: [] };
  forEachPoint(parser, (point, below) => {
    seen.skips.push(...below.skips);
    const skip = skipOf(point);
    // `t.skip('why')` gives its reason as the name of the point.
    if (skip !== undefined) seen.skips.push(skip === '' ? point.name : skip);
    else if (!point.ok && below.failures.length === 0) seen.failures.push(diagnosisOf(point));
    else seen.failures.push(...below.failures.map((failure) => `${nameOf(point)} > ${failure}`));
  });
  return seen;
}

function nameOf(point: Result): string {
  return point.name === '' ? `(test ${point.id} without a name)` : point.name;
}

const MISSING_TOOL = 'missing tool:';

function skipOf(point: Result): string | undefined {
  if (point.skip !== false) {
    if (typeof point.skip === 'string' && point.skip.trim() !== '') return point.skip.trim();
    return point.name.startsWith(MISSING_TOOL) ? point.name : '';
  }
  if (point.todo === false) return undefined;
  return point.todo === true ? '' : `todo: ${point.todo.trim()}`;
}

function endOf(point: Result, below: Seen): TestEnd {
  const skip = skipOf(point);
  if (skip !== undefined) return { kind: 'skipped', reason: skip };
  if (!point.ok) return { kind: 'failed', why: below.failures.join('\n') || diagnosisOf(point) };
  // A test that passed with a part of it skipped has not shown what its name says.
  const [first] = below.skips;
  return first === undefined ? { kind: 'passed' } : { kind: 'skipped', reason: first };
}

/** What the closing point of a file adds to its tests: a file may die, hang, or hold no test at all. */
function endOfFile(point: Result, tests: readonly CountedTest[]): CountedTest[] {
  const name = '(the whole file)';
  const skip = skipOf(point);
  if (skip === 'no tests found') return [{ name, end: { kind: 'failed', why: 'no tests found' } }];
  if (skip !== undefined && tests.length === 0) return [{ name, end: { kind: 'skipped', reason: skip } }];
  if (!point.ok && !tests.some((test) => test.end.kind === 'failed')) {
    return [{ name, end: { kind: 'failed', why: `the file died: ${diagnosisOf(point)}` } }];
  }
  if (tests.length === 0) return [{ name, end: { kind: 'failed', why: 'no tests found' } }];
  return [];
}

const TOLD = [
  'message',
  'diff',
  'found',
  'wanted',
  'exitCode',
  'signal',
  'expired',
  'tapCaught',
  'stack',
  'source',
];

function diagnosisOf(point: Result): string {
  const facts: Record<string, unknown> =
    typeof point.diag === 'object' && point.diag !== null ? (point.diag as Record<string, unknown>) : {};
  const lines = TOLD.filter((key) => facts[key] !== undefined && facts[key] !== null).map((key) => {
    const fact = facts[key];
    const text = typeof fact === 'string' ? fact.trimEnd() : JSON.stringify(fact);
    return text.includes('\n') ? `${key}:\n${text.replace(/^/gm, '  ')}` : `${key}: ${text}`;
  });
  return [nameOf(point), ...lines].join('\n');
}

/**
 * Applies the house's rules for skips: a reason is needed, and where everything must run (`CI=true`) a missing tool is a
 * failure.
 * @param strict true where a missing tool is a failure
 */
export function judged(test: CountedTest, strict: boolean): CountedTest {
  if (test.end.kind !== 'skipped') return test;
  const { reason } = test.end;
  if (reason === '' || reason === 'todo:') {
    return { name: test.name, end: { kind: 'failed', why: 'skipped without a reason' } };
  }
  if (strict && reason.startsWith(MISSING_TOOL)) {
    return { name: test.name, end: { kind: 'failed', why: `skipped where CI=true: ${reason}` } };
  }
  return test;
}

/** Adds up tests by how they ended. */
export function totalsOf(tests: readonly CountedTest[]): Totals {
  const count = (kind: TestEnd['kind']): number => tests.filter((test) => test.end.kind === kind).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

/** The last line of `./build/test`. */
export function totalsLine(totals: Totals): string {
  return `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`;
}
