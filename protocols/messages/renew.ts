import { z } from 'zod';
import { commandEnvelope } from './common.js';

/** Renew the device's certificate now, whatever its age: after the authority's key has leaked, or before it is exchanged. */
export const renew = z
  .strictObject({
    type: z.literal('renew'),
    ...commandEnvelope,
    body: z.strictObject({
      withinS: z.int().min(0).max(86_400).default(0).meta({
        description:
          'Each receiver waits a part of this that its certificate decides, so that an area does not ask all at once',
      }),
    }),
  })
  .meta({ id: 'Renew', title: 'Renew the certificate' });

/** A `renew` command. */
export type Renew = z.infer<typeof renew>;
