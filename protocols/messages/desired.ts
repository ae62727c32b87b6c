import { z } from 'zod';
import { documentEnvelope, identifier, mediaUrl, sha256Hex, timeOfDay } from './common.js';
import { languageTag } from './sound-source.js';

const spans = z
  .array(
    z
      .strictObject({ from: timeOfDay, to: timeOfDay })
      .refine(({ from, to }) => from < to, 'ends before it begins: a night is two spans'),
  )
  .max(8)
  .meta({ description: 'From included, to excluded, UTC+7; an empty list is silence' });

/** When each class may be heard. Emergencies are not in it: they are always permitted. */
export const permittedHours = z.strictObject({ normal: spans, priority: spans });

/** A recorded message that is kept on the receiver under a number, in one language. */
export const storedMessage = z.strictObject({
  number: z.int().min(1).max(9_999),
  language: languageTag,
  url: mediaUrl,
  sha256: sha256Hex,
});

/** What the province wants of one receiver. Never set on the device. */
export const desired = z
  .strictObject({
    type: z.literal('desired'),
    ...documentEnvelope,
    slot: z.strictObject({ receiver: identifier }),
    body: z.strictObject({
      permittedHours: permittedHours.optional().meta({
        description: '05:00 to 22:00 for both classes where left out',
      }),
      minutesADay: z
        .strictObject({
          normal: z.int().min(0).max(1440).optional(),
          priority: z.int().min(0).max(1440).optional(),
        })
        .default({})
        .meta({ description: 'Minutes heard in a day (UTC+7), all authorities together' }),
      messages: z
        .array(storedMessage)
        .max(128)
        .refine(
          (all) => new Set(all.map(({ number, language }) => `${number} ${language}`)).size === all.length,
          'a number stands there twice in one language',
        )
        .optional()
        .meta({
          description:
            'Messages for emergencies, fetched ahead and never dropped; those that are in the image under their digest are not fetched',
        }),
    }),
  })
  .meta({ id: 'Desired', title: 'What the province wants of a receiver' });

/** A recorded message that is kept on the receiver. */
export type StoredMessage = z.infer<typeof storedMessage>;
/** A `desired` document. */
export type Desired = z.infer<typeof desired>;
/** When each class may be heard, in the country's time. */
export type PermittedHours = z.infer<typeof permittedHours>;

/** In force until the province says otherwise: nobody is woken by a receiver that nobody has configured. */
export const DEFAULT_HOURS: PermittedHours = {
  normal: [{ from: '05:00', to: '22:00' }],
  priority: [{ from: '05:00', to: '22:00' }],
};
