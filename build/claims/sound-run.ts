import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SoundBench, withoutSoundBench, type SoundBenchOptions } from '../../test/rig/sound-bench.js';
import { Witness } from '../../test/rig/witness.js';
import type { ProveContext } from './claim.js';

/** A folder that is gone afterwards: the record of a card is 6 MB a minute. @throws Error naming a missing tool */
export async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const missing = await withoutSoundBench();
  if (missing !== false) throw new Error(missing);
  const folder = await mkdtemp(join(tmpdir(), 'loa-sound-'));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A bench for one measurement. */
export async function withBench<T>(
  options: Omit<SoundBenchOptions, 'folder'>,
  run: (bench: SoundBench) => Promise<T>,
): Promise<T> {
  return inFolder(async (folder) => {
    const bench = await SoundBench.open({ folder, ...options });
    try {
      return await run(bench);
    } finally {
      await bench.close();
    }
  });
}

/** A bench, and a witness beside it with the buffer that the receiver's card has. */
export async function withWitness<T>(
  run: (bench: SoundBench, witness: Witness) => Promise<T>,
  options: Omit<SoundBenchOptions, 'folder'> = {},
): Promise<T> {
  return withBench(options, async (bench) => {
    const witness = await Witness.start(bench.folder, await bench.bufferMs());
    try {
      return await run(bench, witness);
    } finally {
      await witness.close();
    }
  });
}

/** Keeps every figure in `prove-out`, beside the line of the table. */
export async function keep(context: ProveContext, name: string, figures: unknown): Promise<void> {
  await writeFile(join(context.out, `sound-${name}.json`), `${JSON.stringify(figures, null, 2)}\n`);
}

/** Milliseconds without decimals. */
export function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}
