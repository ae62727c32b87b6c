import { setTimeout as sleep } from 'node:timers/promises';
import { encoded, pacedSound, toneInput } from './paced-sound.js';
import { treeUse, type TreeUse } from './process-tree.js';
import type { SoundBench, Sent } from './sound-bench.js';
import type { PlayRequest } from '../source-system/province.js';

/** What many interruptions and changes of source left. */
export interface Leftovers {
  readonly cycles: number;
  /** Emergencies and plays of which the receipts claim sound. */
  readonly heard: number;
  readonly before: TreeUse;
  readonly after: TreeUse;
  /** USS of the process tree while it went on, once every hundred cycles, MB. */
  readonly ussMb: readonly number[];
}

const WARM_UP = 100;
const CALM_MS = 5_000;
const SAMPLE_EVERY = 100;

/**
 * Interrupts and changes the source again and again: half of the cycles are an emergency over a play and its end, half
 * another play (MP3, AAC, Opus, a file) in place of the one on air. What is open before, after a warm-up, and at the
 * end is compared while nothing plays.
 */
export async function leftovers(
  bench: SoundBench,
  cycles: number,
  progress: (line: string) => void = () => undefined,
): Promise<Leftovers> {
  const sources = await sourcesOf(bench);
  let n = 0;
  let current: Sent | undefined;
  const cycle = async (): Promise<void> => {
    n += 1;
    if (n % 2 === 0) {
      await bench.emergency([{ kind: 'stored', name: n % 4 === 0 ? 'chime' : 'siren' }]);
      await sleep(250);
      await bench.endEmergencies();
      await sleep(150);
      return;
    }
    const source = sources[Math.floor(n / 2) % sources.length];
    if (source === undefined) throw new Error('no source');
    const next = await bench.play(source, { title: `cycle ${n}` });
    if (current !== undefined) await bench.stop(current.playId);
    current = next;
    await sleep(500);
  };
  const calm = async (): Promise<TreeUse> => {
    if (current !== undefined) await bench.stop(current.playId);
    current = undefined;
    await sleep(CALM_MS);
    return treeUse(bench.pid);
  };
  for (let warm = 0; warm < Math.min(WARM_UP, cycles); warm += 1) await cycle();
  const before = await calm();
  const receiptsBefore = bench.rig.ears.receipts.length;
  const ussMb: number[] = [];
  for (let made = 1; made <= cycles; made += 1) {
    await cycle();
    if (made % SAMPLE_EVERY !== 0) continue;
    const use = await treeUse(bench.pid);
    ussMb.push(use.ussMb);
    progress(
      `${made} cycles: USS ${use.ussMb.toFixed(1)} MB, ${use.descriptors} descriptors, ${use.pids.length} processes`,
    );
  }
  const after = await calm();
  const receipts = bench.rig.ears.receipts.slice(receiptsBefore);
  const heard = receipts.filter(({ message }) => message.body.framesHeard > 0).length;
  return { cycles, heard, before, after, ussMb };
}

async function sourcesOf(bench: SoundBench): Promise<PlayRequest['source'][]> {
  const live = await Promise.all(
    (['mp3-64', 'aac-64', 'opus-32'] as const).map(async (format) => {
      const sound = await pacedSound(toneInput(700, 60), format);
      const url = bench.media.serve(`/change-${format}`, { sound, burstMs: 1_000, fromStart: true });
      return { kind: 'live' as const, url };
    }),
  );
  const file = await encoded(toneInput(500, 30), ['-c:a', 'libmp3lame', '-b:a', '64k', '-f', 'mp3']);
  return [...live, bench.file('change.mp3', file)];
}
