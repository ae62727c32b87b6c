import type { Config } from '../config.js';
import type { RunConfig } from '../run-config.js';
import { LoaError, type Language } from '../core/errors.js';
import type { Text } from './texts.js';

/** The few settings by which a running receiver is asked: read without the machinery that checks the others. */
export type QuickConfig = Pick<Config, 'socketPath' | 'stateFolder' | 'language'>;

/** What a verb is given that only asks the running receiver. */
export interface QuickContext extends Omit<VerbContext, 'config' | 'run'> {
  readonly config: QuickConfig;
}

/** What a verb is given. */
export interface VerbContext {
  /** Arguments after the verb, common options taken out. */
  readonly args: readonly string[];
  readonly config: Config;
  readonly language: Language;
  readonly json: boolean;
  /** The file that was named. */
  readonly configPath?: string | undefined;
  /** What the configuration was taken from. */
  readonly run?: RunConfig;
  /** Writes a line to standard output. */
  readonly print: (line: string) => void;
}

/** A verb that only asks the running receiver. */
export interface QuickVerb extends Omit<Verb, 'run'> {
  /** Does it. @returns the exit code. @throws LoaError */
  run(context: QuickContext): Promise<number>;
}

/** One verb of `loa`. */
export interface Verb {
  readonly summary: Text;
  /** Its arguments, for `--help`. */
  readonly usage: string;
  /** Does it. @returns the exit code. @throws LoaError */
  run(context: VerbContext): Promise<number>;
}

/** Exit codes of `loa`; `found`: a check has found a fault. */
export const EXIT = { done: 0, failed: 1, usage: 2, notRunning: 3, found: 4 } as const;

/** For a verb without arguments of its own. @throws LoaError `E_USAGE` where there are some */
export function wantNoMore(args: readonly string[]): void {
  if (args.length > 0) throw new LoaError('E_USAGE', `not understood: ${args.join(' ')}`);
}
