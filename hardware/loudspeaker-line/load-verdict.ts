import { z } from 'zod';
import type { LoudspeakerLineBoard } from '../boards/board.js';
import type { ToneMeasure } from './tone-measure.js';

/** What was measured at installation, when every loudspeaker was known to sound. */
export const calibration = z.strictObject({
  atMs: z.number(),
  loudspeakers: z.int().min(1).max(64),
  frequencyHz: z.number(),
  levelDb: z.number(),
  amplitude: z.number().positive(),
});

/** See {@link calibration}. */
export type Calibration = Readonly<z.infer<typeof calibration>>;

/** What the load is, against the calibration. */
export type LoadVerdict =
  | { readonly kind: 'normal' | 'missing' | 'more'; readonly loudspeakers: number; readonly share: number }
  /** No tone arrived: an open line, an amplifier that does not sound, or a dead sensor. */
  | { readonly kind: 'silent' }
  /** Too noisy, or too unsteady, to tell one loudspeaker. */
  | { readonly kind: 'unsure' };

/** A tone less than this above the noise of its band did not arrive. */
const ARRIVED_DB = 6;
/** Standard errors between a measurement and the line that it is judged by. */
const SURE = 3;

/** Whether a measurement may become a calibration, or be judged by one. Pure. */
export function isClear({ aboveNoiseDb, error }: ToneMeasure, loudspeakers: number): boolean {
  return aboveNoiseDb >= ARRIVED_DB && error * SURE <= 1 / (2 * loudspeakers);
}

/** A calibration holds for the tone and the number of loudspeakers that it was made with. Pure. */
export function isOf(
  { loudspeakers, frequencyHz, levelDb }: Calibration,
  line: LoudspeakerLineBoard,
): boolean {
  const { tone } = line;
  return loudspeakers === line.loudspeakers && frequencyHz === tone.frequencyHz && levelDb === tone.levelDb;
}

/**
 * Judges the load: the current of a line is that of its loudspeakers side by side, so one of n less is a share of 1/n less; half of that
 * is the line between. Pure.
 */
export function judgeLoad(
  measured: ToneMeasure | undefined,
  { loudspeakers, amplitude }: Calibration,
): LoadVerdict {
  if (measured === undefined) return { kind: 'unsure' };
  if (measured.aboveNoiseDb < ARRIVED_DB) return { kind: 'silent' };
  const share = measured.amplitude / amplitude;
  const half = 1 / (2 * loudspeakers);
  // A gust in the band is no loudspeaker: where not even half of one can be there, none is.
  if (share * (1 + SURE * measured.error) < half) return { kind: 'silent' };
  if (!isClear(measured, loudspeakers)) return { kind: 'unsure' };
  const kind = share < 1 - half ? 'missing' : share > 1 + half ? 'more' : 'normal';
  return { kind, share, loudspeakers: Math.round(share * loudspeakers) };
}
