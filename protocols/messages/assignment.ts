import { z } from 'zod';
import { documentEnvelope, identifier } from './common.js';

/** A code of an area in a system of codes, as CAP 1.2 (OASIS), clause 3.2.4 has it. */
const geocode = z.strictObject({
  name: z.string().min(1).max(100).meta({ description: 'The system of codes' }),
  value: z.string().min(1).max(100),
});

/** Where a receiver stands on the earth, as far as its province has said. */
export const assignmentPlace = z
  .strictObject({
    position: z
      .strictObject({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) })
      .optional()
      .meta({ description: 'WGS 84, degrees' }),
    geocodes: z.array(geocode).max(32).default([]),
  })
  .meta({
    description: 'Where it stands, for alerts (CAP 1.2) that name their area by geocode, polygon or circle',
  });

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
      place: assignmentPlace.optional(),
    }),
  })
  .meta({ id: 'Assignment', title: 'Areas and groups of a receiver' });

/** An `assignment` document. */
export type Assignment = z.infer<typeof assignment>;
