import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** How a tool is run. */
export interface ToolOptions {
  readonly cwd?: string;
  /** Replaces the environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Takes each line of both outputs as it comes. */
  readonly onLine?: (line: string) => void;
  /** Kills it after so long. */
  readonly limitMs?: number;
}

const KEPT = 4_000;

/**
 * Runs a tool to its end, without a shell.
 * @returns its standard output
 * @throws Error with the end of what it said, where it fails, is missing or takes too long
 */
export async function runTool(
  command: string,
  words: readonly string[],
  { cwd, env, onLine, limitMs }: ToolOptions = {},
): Promise<string> {
  const child = spawn(command, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    ...(limitMs === undefined ? {} : { timeout: limitMs, killSignal: 'SIGKILL' }),
  });
  const output: string[] = [];
  let last = '';
  const read = (stream: NodeJS.ReadableStream, take?: (line: string) => void): Promise<unknown> => {
    const lines = createInterface({ input: stream });
    lines.on('line', (line) => {
      take?.(line);
      onLine?.(line);
      last = `${last}${line}\n`.slice(-KEPT);
    });
    return once(lines, 'close');
  };
  const ended = new Promise<string | undefined>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : `ended with ${signal ?? String(code)}`),
    );
  });
  const [failure] = await Promise.all([
    ended,
    read(child.stdout, (line) => output.push(line)),
    read(child.stderr),
  ]);
  if (failure !== undefined) {
    throw new Error(`${command} ${words.slice(0, 6).join(' ')} ${failure}:\n${last.trim()}`);
  }
  return output.join('\n');
}
