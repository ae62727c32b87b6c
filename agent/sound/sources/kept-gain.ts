import { readFile } from 'node:fs/promises';
import { writeAtomic } from '../../core/atomic-file.js';
import { gainFor, isUnmeasurable, MOST_GAIN_DB, type MeasureLoudness } from './loudness.js';

/** Beside each kept file: the gain that its loudness asks for. */
export const GAIN = '.gain';

const MEASURE_LIMIT_MS = 60_000;

/**
 * The fixed gain that brings a kept file to −16 LUFS, dB: measured once and kept beside it. 0 where it cannot be measured.
 * @param measure how; without it, what was not measured before has a gain of 0 dB
 * @param signal ends the measurement, which then counts as one that cannot be made
 */
export async function keptGainDb(
  path: string,
  measure: MeasureLoudness | undefined,
  signal?: AbortSignal,
): Promise<number> {
  return (await readGain(path)) ?? (measure === undefined ? 0 : await measured(path, measure, signal));
}

async function measured(path: string, measure: MeasureLoudness, signal?: AbortSignal): Promise<number> {
  const tooLong = AbortSignal.timeout(MEASURE_LIMIT_MS);
  try {
    const limit = signal === undefined ? tooLong : AbortSignal.any([signal, tooLong]);
    const gainDb = gainFor(await measure(path, limit));
    // A disk that is full must not keep the file from being heard: it is measured again the next time.
    await writeAtomic(path + GAIN, `${JSON.stringify({ gainDb })}\n`, 0o640).catch(() => undefined);
    return gainDb;
  } catch (error) {
    if (isUnmeasurable(error)) return 0;
    throw error;
  }
}

/** What was measured before; undefined where nothing usable stands there. */
async function readGain(path: string): Promise<number | undefined> {
  const text = await readFile(path + GAIN, 'utf8').catch(() => '');
  const gainDb = Number(/^\{"gainDb":(-?[\d.]{1,20})\}$/.exec(text.trim())?.[1] ?? NaN);
  return Math.abs(gainDb) <= MOST_GAIN_DB ? gainDb : undefined;
}
