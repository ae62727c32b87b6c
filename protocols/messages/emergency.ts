import { z } from 'zod';
import { documentEnvelope, durationMs, instantText, messageId, shortText } from './common.js';
import { fileSource, liveSource, messageSource, storedSource, textSource } from './sound-source.js';

/** Longest time that one emergency may be in force; a longer one is published anew. */
export const LONGEST_EMERGENCY_MS = 30 * 86_400_000;

function inBounds({ startsAt, endsAt }: { startsAt: string; endsAt: string }): boolean {
  const lengthMs = Date.parse(endsAt) - Date.parse(startsAt);
  return lengthMs > 0 && lengthMs <= LONGEST_EMERGENCY_MS;
}

/** One emergency in force between two instants. Severity and status follow CAP 1.2 (OASIS), clauses 3.2.2 and 3.2.1. */
export const emergency = z
  .strictObject({
    id: messageId,
    status: z
      .enum(['actual', 'exercise', 'test'])
      .meta({ description: 'Only actual is ever heard in public' }),
    severity: z.enum(['minor', 'moderate', 'severe', 'extreme']),
    title: shortText,
    startsAt: instantText,
    endsAt: instantText,
    repeatEveryMs: durationMs.min(30_000).meta({ description: 'From the start of one sounding to the next' }),
    content: z
      .array(z.discriminatedUnion('kind', [fileSource, liveSource, storedSource, messageSource, textSource]))
      .min(1)
      .max(8)
      .meta({ description: 'Best first; the stored chime always comes before it' }),
    cap: z.string().min(1).max(32_768).optional().meta({
      description:
        'The CAP 1.2 document that it was made from, as it came: the receiver narrows all above by it, and speaks its words before the first stored sound',
    }),
  })
  .refine(inBounds, 'ends before it begins, or is in force for more than 30 days');

/** All emergencies in force of one authority in one slot; an empty list ends them. */
export const emergencySet = z
  .strictObject({
    type: z.literal('emergency.set'),
    ...documentEnvelope,
    body: z.strictObject({
      emergencies: z
        .array(emergency)
        .max(32)
        .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'an id stands there twice'),
    }),
  })
  .meta({ id: 'EmergencySet', title: 'All emergencies in force of an authority in a slot' });

/** An `emergency.set` document. */
export type EmergencySet = z.infer<typeof emergencySet>;
/** One emergency of a set. */
export type Emergency = z.infer<typeof emergency>;
