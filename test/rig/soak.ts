import { appendFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SoakSample } from './growth.js';
import { monotonicMs } from './card-record.js';
import { encoded, pacedSound, toneInput } from './paced-sound.js';
import { treeUse } from './process-tree.js';
import type { SoundBench } from './sound-bench.js';
import type { PlayRequest } from '../source-system/province.js';

const PLAY_MS = 45_000;
const SAMPLE_MS = 15_000;
const HOUR_MS = 3_600_000;

/**
 * Plays one bulletin after another (MP3, AAC and Opus live, a file, an emergency over each) for some hours, and appends a
 * sample of the process tree to a file (NDJSON) every 15 s, so that a run that is cut short has been for something.
 */
export async function soak(
  bench: SoundBench,
  hours: number,
  path: string,
  progress: (line: string) => void = () => undefined,
): Promise<SoakSample[]> {
  await writeFile(path, '');
  const sources = await sourcesOf(bench);
  const startMs = monotonicMs();
  const samples: SoakSample[] = [];
  let plays = 0;
  const sample = async (): Promise<void> => {
    const use = await treeUse(bench.pid);
    const one: SoakSample = {
      hours: (monotonicMs() - startMs) / HOUR_MS,
      ...{ ussMb: use.ussMb, descriptors: use.descriptors, processes: use.pids.length, plays },
    };
    samples.push(one);
    await appendFile(path, `${JSON.stringify(one)}\n`);
    if (samples.length % 40 === 0)
      progress(`${one.hours.toFixed(2)} h: ${plays} plays, USS ${one.ussMb.toFixed(1)} MB`);
  };
  while (monotonicMs() - startMs < hours * HOUR_MS) {
    const source = sources[plays % sources.length];
    if (source === undefined) throw new Error('nothing to play');
    plays += 1;
    const { sentMs, playId } = await bench.play(source, { title: `soak ${plays}` });
    await bench.record.firstSound(sentMs, 10_000);
    const endMs = monotonicMs() + PLAY_MS;
    await sleep(SAMPLE_MS / 2);
    await bench.emergency([{ kind: 'stored', name: 'siren' }]);
    await sleep(SAMPLE_MS / 2);
    await bench.endEmergencies();
    while (monotonicMs() < endMs) {
      await sample();
      await sleep(Math.max(0, Math.min(SAMPLE_MS, endMs - monotonicMs())));
    }
    await bench.stop(playId);
    await bench.receiptOf({ playId });
    await sleep(1_000);
  }
  return samples;
}

async function sourcesOf(bench: SoundBench): Promise<PlayRequest['source'][]> {
  const live = await Promise.all(
    (['mp3-64', 'aac-64', 'opus-32'] as const).map(async (format) => {
      const sound = await pacedSound(toneInput(700, 120), format);
      const url = bench.media.serve(`/soak-${format}`, { sound, burstMs: 1_000, fromStart: true });
      return { kind: 'live' as const, url };
    }),
  );
  const file = await encoded(toneInput(500, 120), ['-c:a', 'libmp3lame', '-b:a', '64k', '-f', 'mp3']);
  return [...live, bench.file('soak.mp3', file)];
}
