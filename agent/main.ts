#!/usr/bin/env -S node --max-semi-space-size=2
import { readConfig } from './config.js';
import { readRunConfig, type RunConfig } from './run-config.js';
import { codeOf, explain, LoaError, messageOf, type ErrorCode, type Language } from './core/errors.js';
import { chooseLanguage, say, type TEXTS } from './technician/texts.js';
import { EXIT, type Verb } from './technician/verb.js';
import { VERSION } from './version.js';

/** Verbs by name; each is loaded when it is used, so that a quick one stays quick. */
const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  run: async () => (await import('./technician/verbs/run.js')).runVerb,
  status: async () => (await import('./technician/verbs/status.js')).statusVerb,
  trust: async () => (await import('./technician/verbs/trust.js')).trustVerb,
  schedule: async () => (await import('./technician/verbs/schedule.js')).scheduleVerb,
  why: async () => (await import('./technician/verbs/why.js')).whyVerb,
  cache: async () => (await import('./technician/verbs/cache.js')).cacheVerb,
  report: async () => (await import('./technician/verbs/report.js')).reportVerb,
  safe: async () => (await import('./technician/verbs/safe.js')).safeVerb,
  test: async () => (await import('./technician/verbs/test.js')).testVerb,
  tone: async () => (await import('./technician/verbs/tone.js')).toneVerb,
  board: async () => (await import('./technician/verbs/board.js')).boardVerb,
  calibrate: async () => (await import('./technician/verbs/calibrate.js')).calibrateVerb,
  certificate: async () => (await import('./technician/verbs/certificate.js')).certificateVerb,
};

interface Common {
  readonly verb: string | undefined;
  readonly args: string[];
  readonly config: string | undefined;
  readonly lang: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

function commonOf(argv: readonly string[]): Common {
  const rest = [...argv];
  const flag = (name: string): boolean => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  };
  const value = (name: string): string | undefined => {
    const at = rest.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
    if (at < 0) return undefined;
    const [arg = ''] = rest.splice(at, 1);
    const given = arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : rest.splice(at, 1)[0];
    if (given === undefined || given === '') throw new LoaError('E_USAGE', `${name} wants a value`);
    return given;
  };
  const common = {
    config: value('--config') ?? process.env.LOA_CONFIG,
    lang: value('--lang'),
    json: flag('--json'),
    help: flag('--help') || flag('-h'),
    version: flag('--version'),
  };
  const [verb, ...args] = rest;
  return { ...common, verb, args };
}

async function main(argv: readonly string[]): Promise<number> {
  let language = chooseLanguage(undefined, process.env, 'vi');
  const json = argv.includes('--json');
  try {
    const common = commonOf(argv);
    language = chooseLanguage(common.lang, process.env, 'vi');
    if (common.lang !== undefined && common.lang !== language)
      throw new LoaError('E_USAGE', '--lang is vi or en');
    if (common.version) {
      process.stdout.write(`${VERSION}\n`);
      return EXIT.done;
    }
    const load = common.verb === undefined ? undefined : VERBS[common.verb];
    if (common.help || load === undefined) {
      const wrong = common.verb !== undefined && load === undefined && common.verb !== 'help';
      (wrong ? process.stderr : process.stdout).write(`${await helpText(language)}\n`);
      return wrong ? EXIT.usage : EXIT.done;
    }
    const run = await configOf(common);
    const { config } = run;
    language = chooseLanguage(common.lang, process.env, config.language);
    // It runs all the same; whoever starts it by hand is told as of any fault.
    if (run.trouble !== undefined && common.verb === 'run') {
      process.stderr.write(`${explained(run.trouble.code, run.trouble.detail, language)}\n`);
    }
    const print = (line: string): void => void process.stdout.write(`${line}\n`);
    return await (
      await load()
    ).run({ args: common.args, config, language, json: common.json, print, configPath: common.config, run });
  } catch (error) {
    const code = codeOf(error);
    if (json) {
      const { cause, remedy } = explain(code, language);
      process.stdout.write(`${JSON.stringify({ code, detail: messageOf(error), cause, remedy })}\n`);
    }
    process.stderr.write(`${explained(code, messageOf(error), language)}\n`);
    if (code === 'E_USAGE') return EXIT.usage;
    return code === 'E_NOT_RUNNING' ? EXIT.notRunning : EXIT.failed;
  }
}

/** A fault in words: what it is about, its cause and its remedy, a line each. */
function explained(code: ErrorCode, detail: string, language: Language): string {
  const { cause, remedy } = explain(code, language);
  return `${detail}\n${say('cause', language)}: ${cause}\n${say('remedy', language)}: ${remedy}`;
}

/**
 * The receiver runs, and is asked, by a configuration that can be used, whatever the file says. Who writes certificates must
 * mend the file first: they would go to another folder.
 */
async function configOf({ verb, config }: Common): Promise<RunConfig> {
  if (verb === 'certificate') return { config: readConfig(config), from: 'file' };
  const run = await readRunConfig(config, process.env);
  if (run.trouble !== undefined && verb !== 'run') {
    // Nobody runs by it either: then the file is what to mend.
    if (run.from === 'defaults') throw new LoaError(run.trouble.code, run.trouble.detail);
    process.stderr.write(`${run.trouble.detail}\n`);
  }
  return run;
}

/** A usage in lines of at most 80 columns, what continues further in. */
function wrapped(usage: string): string[] {
  const lines: string[] = [];
  let line = ' ';
  for (const word of usage.split(' ')) {
    if (line.length + 1 + word.length > 80) {
      lines.push(line);
      line = '       ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

async function helpText(language: Language): Promise<string> {
  const t = (text: keyof typeof TEXTS): string => say(text, language);
  const lines = [
    t('tagline'),
    '',
    `${t('usage')}: loa <verb> [--config FILE] [--lang vi|en] [--json]`,
    '',
    `${t('verbs')}:`,
  ];
  for (const load of Object.values(VERBS)) {
    const verb = await load();
    for (const usage of verb.usage.split(' | ')) lines.push(...wrapped(usage));
    lines.push(`      ${verb.summary[language]}`);
  }
  lines.push('', `${t('options')}:`);
  lines.push(
    `  --config FILE   ${t('optionConfig')}`,
    `  --lang vi|en    ${t('optionLang')}`,
    `  --json          ${t('optionJson')}`,
  );
  lines.push('', t('exitCodes'));
  return lines.join('\n');
}

process.exitCode = await main(process.argv.slice(2));
// All is closed by now. A socket of somebody else's library that stays open must not keep a stopped receiver alive.
setTimeout(() => process.exit(), 3_000).unref();
