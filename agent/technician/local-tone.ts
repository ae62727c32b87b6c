import { z } from 'zod';
import { refused, accepted, type Outcome } from '../core/errors.js';
import { fromDb } from '../core/units.js';
import type { ToneSource } from '../sound/messages.js';

/** Longest tone made on site, milliseconds. */
export const TONE_LIMIT_MS = 30_000;
/** Loudest tone made on site, dBFS peak. */
export const TONE_LIMIT_DB = -20;

const request = z.strictObject({
  frequencyHz: z.number().min(50).max(8_000).default(1_000),
  durationMs: z.int().min(100).default(3_000),
  levelDb: z.number().min(-60).default(TONE_LIMIT_DB),
});

/** Checks what a technician asks for against the limits of local sound. */
export function checkTone(asked: unknown): Outcome<ToneSource> {
  const parsed = request.safeParse(asked);
  if (!parsed.success) return refused('E_USAGE', parsed.error.issues[0]?.message ?? 'not a tone');
  const { frequencyHz, durationMs, levelDb } = parsed.data;
  if (durationMs > TONE_LIMIT_MS || levelDb > TONE_LIMIT_DB) {
    return refused('E_LOCAL_LIMIT', `at most ${TONE_LIMIT_MS} ms at ${TONE_LIMIT_DB} dBFS`);
  }
  return accepted({ kind: 'tone', frequencyHz, durationMs, level: fromDb(levelDb) });
}
