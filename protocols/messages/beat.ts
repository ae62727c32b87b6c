import { z } from 'zod';
import { identifier, instantText, slot } from './common.js';

/** Longest list of documents that one beat names. */
export const BEAT_DOCUMENTS = 256;

/** Areas above its own that one beat may name the documents of: an assignment has 16 areas at most. */
export const BEAT_COVERS = 15;

/**
 * The province's clock and table of contents: what time it is, and the newest revision of every retained document of
 * the slot, and of the areas that it covers. Sent every 15 minutes to areas, and to one receiver in answer to its birth,
 * whose nonce it then carries.
 */
export const beat = z
  .strictObject({
    type: z.literal('beat'),
    authority: identifier,
    slot,
    at: instantText.meta({ description: 'The time at which it was signed' }),
    nonce: z.string().min(16).max(64).optional().meta({ description: 'Of the birth that it answers' }),
    trustVersion: z.int().min(1).meta({ description: 'Version of the newest trust document' }),
    documents: z
      .array(
        z.strictObject({
          key: z
            .string()
            .max(220)
            .regex(/^(assignment|desired|emergency|schedule)\/(area|receiver)\/[A-Za-z0-9_/-]+$/)
            .meta({
              description: 'assignment|desired/receiver/ID or emergency|schedule/area|receiver/ID/AUTHORITY',
            }),
          epoch: z.int().min(0),
          revision: z.int().min(1),
        }),
      )
      .max(BEAT_DOCUMENTS),
    covers: z.array(identifier).min(1).max(BEAT_COVERS).optional().meta({
      description:
        'In the beat of an area: areas above it whose documents it names, too, every one; a receiver need not hear their own beats',
    }),
  })
  .meta({ id: 'Beat', title: 'The time and the newest revisions' });

/** A `beat` message. */
export type Beat = z.infer<typeof beat>;
