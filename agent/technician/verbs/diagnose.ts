import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { writeAtomic } from '../../core/atomic-file.js';
import { LoaError, messageOf, codeOf, type Language } from '../../core/errors.js';
import { CHAIN } from '../diagnose/chain.js';
import { firstFault, judgeAll, type Judged } from '../diagnose/check.js';
import { diagnose, type CollectOptions, type Diagnosis } from '../diagnose/collect.js';
import type { Facts } from '../diagnose/facts.js';
import { changesText, checkLine, fullText, summaryText } from '../diagnose/report-text.js';
import { toneHeard } from '../heard-question.js';
import { EXIT, type Verb, type VerbContext } from '../verb.js';

const WATCH_MS = 10_000;
/** In the state folder: the run before, for `--since`. */
const LAST_FILE = 'diagnosed.json';

const OPTIONS = {
  full: { type: 'boolean', default: false },
  watch: { type: 'boolean', default: false },
  since: { type: 'boolean', default: false },
  tone: { type: 'boolean', default: false },
  facts: { type: 'string' },
} as const;

/** `loa diagnose`: the first broken link between the mains and the ear, and what to do. It needs no running receiver. */
export const diagnoseVerb: Verb = {
  summary: {
    vi: 'tìm khâu hỏng đầu tiên và cách xử lý (không cần bộ thu đang chạy)',
    en: 'find the first broken link and its remedy (the receiver need not run)',
  },
  usage: 'diagnose [--full] [--tone] [--watch] [--since] [--facts FILE]',
  async run(context) {
    const { values } = givenOf(context.args);
    if (values.facts !== undefined) return tell(context, await judgedFile(values.facts), values.full);
    const before = await lastRun(context.config.stateFolder);
    let found = await oneRun(context, values.tone, before);
    if (values.since) {
      if (context.json) return tell(context, found, values.full);
      const lines = changesText(before ?? [], found.judged, context.language);
      lines.forEach((line) => context.print(line));
      return exitOf(found.judged);
    }
    const code = tell(context, found, values.full);
    while (values.watch) {
      await sleep(WATCH_MS);
      const next = await oneRun(context, false, found.judged);
      if (context.json) tell(context, next, values.full);
      else changesText(found.judged, next.judged, context.language).forEach((line) => context.print(line));
      found = next;
    }
    return code;
  },
};

function givenOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true });
  } catch (cause) {
    throw new LoaError('E_USAGE', messageOf(cause), { cause });
  }
}

async function oneRun(
  context: VerbContext,
  tone: boolean,
  before: readonly Judged[] | undefined,
): Promise<Diagnosis> {
  const { config, language, json } = context;
  const run = context.run ?? { config, from: 'file' };
  const options: CollectOptions = {
    run,
    ...(tone ? { tone: () => toneHeard(config.socketPath, language, !json) } : {}),
  };
  const found = await diagnose(CHAIN, options, progress(json, language));
  if (!json && process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  // Best effort: another account's folder, or a full disk, is not what was asked about.
  if (before === undefined || changesText(before, found.judged, language).length > 0)
    await writeAtomic(join(config.stateFolder, LAST_FILE), JSON.stringify(found.judged), 0o640).catch(
      () => undefined,
    );
  return found;
}

/** One line that is written over, on a terminal alone. */
function progress(json: boolean, language: Language): Parameters<typeof diagnose>[2] {
  if (json || !process.stderr.isTTY) return () => undefined;
  return (judged, { at, all }) => {
    process.stderr.write(`\r\u001b[K${`[${at}/${all}] ${checkLine(judged, language)}`.slice(0, 79)}`);
  };
}

function tell({ json, print, language }: VerbContext, found: Diagnosis, full: boolean): number {
  if (json) {
    const fault = firstFault(found.judged);
    const first = fault === undefined ? {} : { first: { check: fault.id, code: fault.verdict.code } };
    print(JSON.stringify({ ...first, tookMs: found.tookMs, checks: found.judged, facts: found.facts }));
  } else print(full ? fullText(found, language) : summaryText(found, language));
  return exitOf(found.judged);
}

function exitOf(judged: readonly Judged[]): number {
  return judged.some(({ verdict }) => verdict.kind === 'broken') ? EXIT.found : EXIT.done;
}

async function lastRun(stateFolder: string): Promise<Judged[] | undefined> {
  try {
    return JSON.parse(await readFile(join(stateFolder, LAST_FILE), 'utf8')) as Judged[];
  } catch {
    // The first run here, or another account's folder.
    return undefined;
  }
}

/** Judges what another receiver collected: `loa diagnose --json > FILE` there, `--facts FILE` here. */
async function judgedFile(path: string): Promise<Diagnosis> {
  try {
    const { facts } = JSON.parse(await readFile(path, 'utf8')) as { facts: Facts };
    return { facts, judged: judgeAll(CHAIN, facts), tookMs: 0 };
  } catch (cause) {
    throw new LoaError('E_USAGE', `${path}: ${codeOf(cause)} ${messageOf(cause)}`, { cause });
  }
}
