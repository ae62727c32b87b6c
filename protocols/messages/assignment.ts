import { z } from 'zod';
import { documentEnvelope, identifier } from './common.js';

/** Which areas and groups a receiver belongs to. Only this says so: an id is never parsed. */
export const assignment = z
  .strictObject({
    type: z.literal('assignment'),
    ...documentEnvelope,
    // Never an area: one document must not assign every receiver of an area.
    slot: z.strictObject({ receiver: identifier }),
    body: z.strictObject({
      home: identifier.meta({ description: 'The smallest area that the receiver stands in' }),
      areas: z.array(identifier).min(1).max(16).meta({
        description: 'The home area and every area above it; two provinces at once while they merge',
      }),
      groups: z.array(identifier).max(32).default([]),
    }),
  })
  .meta({ id: 'Assignment', title: 'Areas and groups of a receiver' });

/** An `assignment` document. */
export type Assignment = z.infer<typeof assignment>;
