import { z } from 'zod';
import type { PlayStart } from '../../protocols/messages/play.js';
import { instant } from '../core/clock.js';
import { refused, accepted, type Outcome } from '../core/errors.js';
import { fromDb } from '../core/units.js';
import { toneOnTheSpot, type SoundOnTheSpot } from '../programme/asked.js';

/** Longest sound made on site, milliseconds. */
export const LOCAL_LIMIT_MS = 30_000;
/** Loudest tone made on site, dBFS peak. */
export const TONE_LIMIT_DB = -20;
/** Most gain of the test sentence: speech is some 8 dB quieter than its peaks, so it sounds as loud as the loudest tone. */
export const SPEECH_LIMIT_DB = -12;

const frequencyHz = z.number().min(50).max(8_000);

const toneAsked = z.strictObject({
  frequencyHz: frequencyHz.default(1_000),
  toHz: frequencyHz.optional(),
  durationMs: z.int().min(100).default(3_000),
  levelDb: z.number().min(-60).default(TONE_LIMIT_DB),
});

const speechAsked = z.strictObject({
  speech: z.enum(['vi', 'en']),
  levelDb: z.number().min(-60).default(SPEECH_LIMIT_DB),
});

const SENTENCES = { vi: 'Một, hai, ba. Thử loa.', en: 'One, two, three. Loudspeaker test.' } as const;

/** Checks what a technician asks for against the limits of local sound: a tone, a sweep, or the test sentence. Pure. */
export function checkSound(asked: unknown): Outcome<SoundOnTheSpot> {
  const isSpeech = typeof asked === 'object' && asked !== null && 'speech' in asked;
  return isSpeech ? checkSpeech(asked) : checkTone(asked);
}

function checkTone(asked: unknown): Outcome<SoundOnTheSpot> {
  const parsed = toneAsked.safeParse(asked);
  if (!parsed.success) return refused('E_USAGE', parsed.error.issues[0]?.message ?? 'not a tone');
  const { toHz, durationMs, levelDb } = parsed.data;
  if (durationMs > LOCAL_LIMIT_MS || levelDb > TONE_LIMIT_DB)
    return refused('E_LOCAL_LIMIT', `at most ${LOCAL_LIMIT_MS} ms at ${TONE_LIMIT_DB} dBFS`);
  return accepted(
    toneOnTheSpot({
      ...{ kind: 'tone', frequencyHz: parsed.data.frequencyHz, durationMs, level: fromDb(levelDb) },
      ...(toHz === undefined ? {} : { toHz }),
    }),
  );
}

function checkSpeech(asked: unknown): Outcome<SoundOnTheSpot> {
  const parsed = speechAsked.safeParse(asked);
  if (!parsed.success) return refused('E_USAGE', parsed.error.issues[0]?.message ?? 'not a sentence');
  const { speech: lang, levelDb: gainDb } = parsed.data;
  if (gainDb > SPEECH_LIMIT_DB) return refused('E_LOCAL_LIMIT', `at most ${SPEECH_LIMIT_DB} dB`);
  const text = SENTENCES[lang];
  return accepted({ title: text, source: { kind: 'text', text, lang }, gainDb, lastsMs: LOCAL_LIMIT_MS });
}

/** A signed bulletin that a technician plays: as it was signed, but it ends {@link LOCAL_LIMIT_MS} after its begin. Pure. */
export function clipOnSite(command: PlayStart, nowMs: number): PlayStart {
  const startMs = command.body.startAt === undefined ? nowMs : Date.parse(command.body.startAt);
  const endsMs = Math.max(startMs, nowMs) + LOCAL_LIMIT_MS;
  if (Date.parse(command.body.until) <= endsMs) return command;
  return { ...command, body: { ...command.body, until: instant(endsMs) } };
}
