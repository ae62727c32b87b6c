import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { repositoryRoot } from '../heard/repository-root.js';
import type { PoleBench } from './pole-bench.js';

/** Beyond it a verb hangs. */
const LIMIT_MS = 65_000;

/** Runs one `loa` with `--json` to its end, or kills it. */
export async function runVerb(
  bench: PoleBench,
  words: readonly string[],
  {
    configPath = bench.receiver.configPath,
    input = '',
  }: { configPath?: string | undefined; input?: string | undefined } = {},
): Promise<{ code: number | null; stdout: string; stderr: string; tookMs: number }> {
  const main = join(repositoryRoot(import.meta.url), 'dist', 'agent', 'main.js');
  const fromMs = performance.now();
  const child = spawn(process.execPath, [main, ...words, '--json', '--config', configPath], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...bench.hardware.env },
  });
  // A verb that reads nothing may have ended before.
  child.stdin.on('error', () => undefined).end(input);
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, stdout, stderr, tookMs: Math.round(performance.now() - fromMs) };
}
