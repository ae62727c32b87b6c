#!/usr/bin/env -S node --max-semi-space-size=2
import type { RunConfig } from './run-config.js';
import { codeOf, explain, LoaError, messageOf, type ErrorCode, type Language } from './core/errors.js';
import { quickConfig } from './technician/quick-config.js';
import { chooseLanguage, say } from './technician/texts.js';
import { EXIT, type QuickContext } from './technician/verb.js';
import { OTHER_VERBS, QUICK_VERBS } from './technician/verbs.js';
import { VERSION } from './version.js';

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
    const known =
      common.verb !== undefined &&
      [QUICK_VERBS, OTHER_VERBS].some((all) => Object.hasOwn(all, common.verb ?? ''));
    if (common.help || !known) {
      const wrong = common.verb !== undefined && !known && common.verb !== 'help';
      const { helpText } = await import('./technician/help-text.js');
      (wrong ? process.stderr : process.stdout).write(`${await helpText(language)}\n`);
      return wrong ? EXIT.usage : EXIT.done;
    }
    return await runVerb(common, (spoken) => {
      language = spoken;
    });
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

/** Runs one that there is. @param onLanguage told of the language once the settings are known */
async function runVerb(
  common: Common,
  onLanguage: (language: Language) => void,
  long = false,
): Promise<number> {
  const { verb = '', args, json, config: configPath } = common;
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const quick = Object.hasOwn(QUICK_VERBS, verb) ? QUICK_VERBS[verb] : undefined;
  const settings = quick === undefined || long ? undefined : quickConfig(configPath);
  const run = settings === undefined ? await configOf(common) : undefined;
  const config = settings ?? run?.config;
  if (config === undefined) throw new LoaError('E_CONFIG_READ', 'no settings');
  const language = chooseLanguage(common.lang, process.env, config.language);
  onLanguage(language);
  const context: QuickContext = { args, config, language, json, print, configPath };
  if (quick !== undefined) {
    try {
      return await (await quick()).run(context);
    } catch (error) {
      // Nobody answers by the few settings that were read: the long way says what is wrong with the file, or finds the last good one.
      if (settings === undefined || !(error instanceof LoaError) || error.code !== 'E_NOT_RUNNING')
        throw error;
      // It is there and silent: what was asked may be done yet, and must not be asked twice.
      if (error.fields['reason'] === 'silent') throw error;
      return runVerb(common, onLanguage, true);
    }
  }
  if (run === undefined) throw new LoaError('E_CONFIG_READ', 'no settings');
  // It runs all the same; whoever starts it by hand is told as of any fault.
  if (run.trouble !== undefined && verb === 'run') {
    process.stderr.write(`${explained(run.trouble.code, run.trouble.detail, language)}\n`);
  }
  const load = OTHER_VERBS[verb];
  if (load === undefined) throw new LoaError('E_USAGE', verb);
  return (await load()).run({ ...context, config: run.config, run });
}

/** A fault in words: what it is about, its cause and its remedy, a line each. */
function explained(code: ErrorCode, detail: string, language: Language): string {
  const { cause, remedy } = explain(code, language);
  return `${detail}\n${say('cause', language)}: ${cause}\n${say('remedy', language)}: ${remedy}`;
}

/** Verbs that are for a file that is not well, or that say themselves what is wrong with it. */
const TOLERANT: readonly string[] = ['run', 'diagnose', 'config', 'support', 'install', 'factory-reset'];

/**
 * The receiver runs, and is asked, by a configuration that can be used, whatever the file says. Who writes certificates must
 * mend the file first: they would go to another folder.
 */
async function configOf({ verb, config }: Common): Promise<RunConfig> {
  const { readRunConfig } = await import('./run-config.js');
  if (verb === 'certificate') {
    const { readConfig } = await import('./config.js');
    return { config: readConfig(config), from: 'file' };
  }
  const run = await readRunConfig(config, process.env);
  if (run.trouble !== undefined && !TOLERANT.includes(verb ?? '')) {
    // Nobody runs by it either: then the file is what to mend.
    if (run.from === 'defaults') throw new LoaError(run.trouble.code, run.trouble.detail);
    process.stderr.write(`${run.trouble.detail}\n`);
  }
  return run;
}

process.exitCode = await main(process.argv.slice(2));
// All is closed by now. A socket of somebody else's library that stays open must not keep a stopped receiver alive.
setTimeout(() => process.exit(), 3_000).unref();
