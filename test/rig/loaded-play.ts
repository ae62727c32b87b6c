import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot } from '../heard/repository-root.js';
import { longestHoleMs } from '../heard/transitions.js';
import { monotonicMs } from './card-record.js';
import { encoded, toneInput } from './paced-sound.js';
import { SoundBench } from './sound-bench.js';
import { Witness } from './witness.js';

/** What a play under load showed. */
export interface LoadedPlay {
  readonly seconds: number;
  /** Underruns of the receiver's card and of the witness's beside it. */
  readonly underruns: number;
  readonly witnessUnderruns: number;
  /** Late timers of the witness. */
  readonly witnessStalls: number;
  /** The receiver's buffer from the first to the last, milliseconds, by what its card was asked for. */
  readonly buffersMs: readonly number[];
  readonly witnessBufferMs: number;
  /** How the main thread's turn of a request to it changed: the load was there. */
  readonly statusMs: number;
  /** The longest silence in what was heard, milliseconds. */
  readonly holeMs: number;
}

const HOLE_WINDOW_MS = 60_000;

/** What makes the receiver's main thread busy for 40 % of the time, as its environment. */
export function busyMainEnv(): NodeJS.ProcessEnv {
  const hook = pathToFileURL(join(repositoryRoot(import.meta.url), 'dist', 'test', 'rig', 'busy-main.js'));
  return { NODE_OPTIONS: `--import ${hook.href}` };
}

/** Keeps one core busy. Returns what ends it. */
export function busyCore(): () => Promise<void> {
  const program = join(repositoryRoot(import.meta.url), 'dist', 'test', 'rig', 'busy-core.js');
  const child = spawn(process.execPath, [program], { stdio: 'ignore' });
  return async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
}

/** Plays a file with a busy core and a busy main thread; a bare writer with the same buffer is the witness beside it. */
export async function loadedPlay(
  folder: string,
  seconds: number,
  progress: (line: string) => void = () => undefined,
): Promise<LoadedPlay> {
  const bench = await SoundBench.open({ folder, env: busyMainEnv() });
  let witness: Witness | undefined;
  let calm: (() => Promise<void>) | undefined;
  try {
    const witnessBufferMs = await bench.bufferMs();
    const tone = await encoded(toneInput(600, seconds + 30), [
      '-c:a',
      'libmp3lame',
      '-b:a',
      '64k',
      '-f',
      'mp3',
    ]);
    const { sentMs } = await bench.play(bench.file('tone.mp3', tone), { forMs: (seconds + 60) * 1000 });
    const fromMs = (await bench.record.firstSound(sentMs, 15_000)) + 1_000;
    witness = await Witness.start(folder, witnessBufferMs);
    await sleep(2_000);
    calm = busyCore();
    const startMs = monotonicMs();
    await sleep(2_000);
    const askedMs = monotonicMs();
    for (let n = 0; n < 20; n += 1) await bench.receiver.status();
    const statusMs = (monotonicMs() - askedMs) / 20;
    while (monotonicMs() - startMs < seconds * 1000) {
      await sleep(Math.min(60_000, seconds * 1000));
      const so = (await bench.record.underruns(startMs, monotonicMs())).length;
      const its = (await witness.record.underruns(startMs, monotonicMs())).length;
      progress(`${Math.round((monotonicMs() - startMs) / 1000)} s: underruns ${so}, witness ${its}`);
    }
    const endMs = startMs + seconds * 1000;
    return {
      ...{ seconds, witnessBufferMs, statusMs },
      underruns: (await bench.record.underruns(startMs, endMs)).length,
      witnessUnderruns: (await witness.record.underruns(startMs, endMs)).length,
      witnessStalls: witness.stalls.filter(({ atMs }) => atMs > startMs).length,
      buffersMs: await bench.record.buffersMs(),
      holeMs: await longestHole(bench, Math.max(fromMs, startMs), endMs),
    };
  } finally {
    await calm?.();
    await witness?.close();
    await bench.close();
  }
}

async function longestHole(bench: SoundBench, fromMs: number, toMs: number): Promise<number> {
  let longest = 0;
  for (let at = fromMs; at < toMs; at += HOLE_WINDOW_MS) {
    const { samples, rateHz } = await bench.record.between(at, Math.min(toMs, at + HOLE_WINDOW_MS + 1_000));
    longest = Math.max(longest, longestHoleMs(samples, rateHz));
  }
  return longest;
}
