import type { Log } from './log.js';
import { codeOf, messageOf } from './errors.js';

/** Lets a promise run on its own; a failure is logged with what it was, never lost. */
export function inBackground(work: Promise<unknown>, log: Log, what: string): void {
  work.catch((error: unknown) => log.error({ code: codeOf(error), error: messageOf(error) }, what));
}
