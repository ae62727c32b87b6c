import { z } from 'zod';
import { documentEnvelope, durationMs, instantText, messageId, shortText } from './common.js';
import { fileSource, liveSource, storedSource } from './sound-source.js';

/** One emergency in force between two instants. Severity and status follow CAP 1.2 (OASIS), clauses 3.2.2 and 3.2.1. */
export const emergency = z.strictObject({
  id: messageId,
  status: z.enum(['actual', 'exercise', 'test']).meta({ description: 'Only actual is ever heard in public' }),
  severity: z.enum(['minor', 'moderate', 'severe', 'extreme']),
  title: shortText,
  startsAt: instantText,
  endsAt: instantText,
  repeatEveryMs: durationMs.min(30_000).meta({ description: 'From the start of one sounding to the next' }),
  content: z
    .array(z.discriminatedUnion('kind', [fileSource, liveSource, storedSource]))
    .min(1)
    .max(8)
    .meta({ description: 'Best first; the stored chime always comes before it' }),
});

/** All emergencies in force of one authority in one slot; an empty list ends them. */
export const emergencySet = z
  .strictObject({
    type: z.literal('emergency.set'),
    ...documentEnvelope,
    body: z.strictObject({ emergencies: z.array(emergency).max(32) }),
  })
  .meta({ id: 'EmergencySet', title: 'All emergencies in force of an authority in a slot' });

/** An `emergency.set` document. */
export type EmergencySet = z.infer<typeof emergencySet>;
/** One emergency of a set. */
export type Emergency = z.infer<typeof emergency>;
