import { toneShare } from '../heard/transitions.js';
import { monotonicMs } from './card-record.js';
import { pacedSound, toneInput } from './paced-sound.js';
import { soundingOf } from './receipt-against-card.js';
import type { SoundBench } from './sound-bench.js';

const LIVE_HZ = 880;

/** How a fallback was heard. */
export interface FallbackHeard {
  /** Silence between the last of the live words and the first of the next in the chain, milliseconds. */
  readonly silentMs: number;
  /** From the server's cure to the live words heard again, milliseconds; NaN where not within 20 s. */
  readonly backMs: number;
}

/** An emergency with a live source and a siren after it: the live one falls silent; the siren must be heard. */
export async function fallbackHeard(bench: SoundBench): Promise<FallbackHeard> {
  const sound = await pacedSound(toneInput(LIVE_HZ, 240), 'mp3-128');
  const url = bench.media.serve('/fallback', { sound, burstMs: 1_000 });
  await bench.record.untilQuiet(200, 15_000);
  const { sentMs, id } = await bench.emergency([
    { kind: 'live', url },
    { kind: 'stored', name: 'siren' },
  ]);
  const isTone = ({ samples, rateHz }: { samples: Float32Array; rateHz: number }): boolean =>
    toneShare(samples, LIVE_HZ, rateHz) > 0.9;
  await bench.record.until('the live words sound', 500, isTone, 10_000);
  bench.media.serve('/fallback', { sound, burstMs: 1_000, redirect: true });
  bench.media.end('/fallback');
  const cutMs = monotonicMs();
  const heard = await bench.record.between(cutMs, cutMs + 9_000);
  bench.media.serve('/fallback', { sound, burstMs: 1_000 });
  const curedMs = monotonicMs();
  const back = await bench.record.until('the live words are back', 500, isTone, 20_000).then(
    () => monotonicMs() - 560 - curedMs,
    () => NaN,
  );
  await bench.endEmergencies();
  await bench.receiptOf({ emergencyId: id }).catch(() => undefined);
  const windows = soundingOf(heard, LIVE_HZ);
  const dry = windows.findIndex(({ sounds }) => !sounds);
  const again = windows.findIndex(({ sounds }, index) => index > dry && sounds);
  const dryMs = windows[dry]?.fromMs;
  const againMs = windows[again]?.fromMs;
  if (sentMs > cutMs) throw new Error('out of order');
  return {
    silentMs:
      dry < 0 || dryMs === undefined ? 0 : again < 0 || againMs === undefined ? Infinity : againMs - dryMs,
    backMs: back,
  };
}
