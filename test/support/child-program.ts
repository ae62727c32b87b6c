import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Teardown } from './temporary-folder.js';
import { waitUntil } from './wait-until.js';

/** A program that runs beside the test. */
export interface ChildProgram {
  /** Everything it wrote so far, on both outputs. */
  readonly written: () => string;
  /** Waits until it has written something that matches. @throws Error with what it wrote instead */
  readonly says: (wanted: RegExp, deadlineMs?: number) => Promise<RegExpExecArray>;
  /** Sends SIGTERM and waits for its end; the exit code, or null where a signal ended it. */
  readonly stop: () => Promise<number | null>;
}

/** Starts `node SCRIPT ARGS…`; it is killed when the test ends, if it has not ended before. */
export function startNode(t: Teardown, script: string, args: readonly string[]): ChildProgram {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let written = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      written = (written + text).slice(-(1 << 20));
    });
  }
  t.teardown(() => child.kill('SIGKILL'));
  return {
    written: () => written,
    says: async (wanted, deadlineMs = 15_000) => {
      try {
        return await waitUntil(String(wanted), () => wanted.exec(written) ?? undefined, { deadlineMs });
      } catch (cause) {
        throw new Error(`it wrote: ${written}`, { cause });
      }
    },
    stop: async () => {
      child.kill('SIGTERM');
      return (await exited)[0];
    },
  };
}
