#!/usr/bin/env -S MALLOC_TRIM_THRESHOLD_=131072 node --max-semi-space-size=2
import type { RunConfig } from './run-config.js';
import { LoaError, type Language } from './core/errors.js';
import { commonOf, explained, failed, type Common } from './technician/command-line.js';
import { quickConfig } from './technician/quick-config.js';
import { chooseLanguage } from './technician/texts.js';
import { EXIT, type QuickContext } from './technician/verb.js';
import { OTHER_VERBS, QUICK_VERBS } from './technician/verbs.js';
import { VERSION } from './version.js';

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
    return failed(error, language, json);
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
