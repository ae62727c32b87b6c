import { spawnSync } from 'node:child_process';

const ROUNDS = 25;

/** Median times of Node's bare start and of `loa status`, in turn, so that a busy moment meets both. */
export async function statusSpeed(
  program: string,
  configPath: string,
): Promise<{ readonly bareMs: number; readonly statusMs: number; readonly rounds: number }> {
  const timed = (args: readonly string[]): number => {
    const fromMs = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr.slice(0, 300)}`);
    return performance.now() - fromMs;
  };
  const bare: number[] = [];
  const status: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    bare.push(timed(['-e', '0']));
    status.push(timed(['--max-semi-space-size=2', program, 'status', '--config', configPath]));
  }
  const median = (all: readonly number[]): number =>
    [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN;
  return { bareMs: median(bare), statusMs: median(status), rounds: ROUNDS };
}
