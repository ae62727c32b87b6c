import { z } from 'zod';
import { commandEnvelope, identifier } from './common.js';

/** Take a receiver out of service: it answers, then wipes identity, trust, documents, media and store. */
export const retire = z
  .strictObject({
    type: z.literal('retire'),
    ...commandEnvelope,
    // Never an area: one command must not wipe the receivers of an area.
    target: z.strictObject({ receiver: identifier, epoch: z.int().min(0) }),
    body: z.strictObject({}),
  })
  .meta({ id: 'Retire', title: 'Take a receiver out of service' });

/** A `retire` command. */
export type Retire = z.infer<typeof retire>;
