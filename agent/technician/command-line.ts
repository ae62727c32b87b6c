import { codeOf, explain, LoaError, messageOf, type ErrorCode, type Language } from '../core/errors.js';
import { folded } from './columns.js';
import { say } from './texts.js';
import { EXIT } from './verb.js';

/** A command line: the verb, what belongs to every verb, and the rest. */
export interface Common {
  readonly verb: string | undefined;
  readonly args: string[];
  readonly config: string | undefined;
  readonly lang: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/** Takes the common options out of a command line. @throws LoaError `E_USAGE` */
export function commonOf(argv: readonly string[]): Common {
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

/** A fault in words: what it is about, its cause and its remedy, each from a line of its own on. */
export function explained(code: ErrorCode, detail: string, language: Language): string {
  const { cause, remedy } = explain(code, language);
  return folded(`${detail}\n${say('cause', language)}: ${cause}\n${say('remedy', language)}: ${remedy}`);
}

/** Tells of a failure on both outputs. @returns the exit code */
export function failed(error: unknown, language: Language, json: boolean): number {
  const code = codeOf(error);
  if (json) {
    const { cause, remedy } = explain(code, language);
    process.stdout.write(`${JSON.stringify({ code, detail: messageOf(error), cause, remedy })}\n`);
  }
  process.stderr.write(`${explained(code, messageOf(error), language)}\n`);
  if (code === 'E_USAGE') return EXIT.usage;
  return code === 'E_NOT_RUNNING' ? EXIT.notRunning : EXIT.failed;
}
