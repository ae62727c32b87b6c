import { z } from 'zod';
import { bulletinClass, commandEnvelope, instantText, messageId, shortText } from './common.js';
import { soundSource } from './sound-source.js';

/** Play a bulletin now (or at `startAt`), until `until` at the latest: a lease, whether or not a stop arrives. */
export const playStart = z
  .strictObject({
    type: z.literal('play.start'),
    ...commandEnvelope,
    body: z.strictObject({
      playId: messageId.meta({
        description: 'A later play.start with the same playId by the same authority renews the lease',
      }),
      class: bulletinClass,
      rank: z.int().min(0).max(1000).default(0).meta({ description: 'Larger is higher, within the class' }),
      title: shortText,
      source: soundSource,
      fallback: z.array(soundSource).max(4).optional().meta({
        description: 'Heard, best first, while the source gives no sound: it is tried again meanwhile',
      }),
      startAt: instantText.optional().meta({ description: 'The instant of the first sample' }),
      until: instantText,
      gainDb: z.number().min(-40).max(0).default(0),
    }),
  })
  .meta({ id: 'PlayStart', title: 'Play a bulletin' });

/** Stop what one's own authority, or one below it, has put on air. */
export const playStop = z
  .strictObject({
    type: z.literal('play.stop'),
    ...commandEnvelope,
    body: z.strictObject({ playId: messageId }),
  })
  .meta({ id: 'PlayStop', title: 'Stop a bulletin' });

/** A `play.start` command. */
export type PlayStart = z.infer<typeof playStart>;
/** A `play.stop` command. */
export type PlayStop = z.infer<typeof playStop>;
