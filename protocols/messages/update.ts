import { z } from 'zod';
import { commandEnvelope, identifier, timeOfDay } from './common.js';

/**
 * What the province wants of updates from now on: which version, for whom, when, or not at all. The newest word counts, and it
 * is kept. What a program is comes from the update repository, signed by other keys; this only lets it begin.
 */
export const update = z
  .strictObject({
    type: z.literal('update'),
    ...commandEnvelope,
    body: z.strictObject({
      version: z
        .string()
        .regex(/^\d{1,4}\.\d{1,4}\.\d{1,6}(\+\d{8}\.\d{6}\.[\w.]{1,20})?$/)
        .max(40)
        .optional()
        .meta({ description: 'Only this one; the newest of the repository where left out' }),
      percent: z.int().min(0).max(100).default(100).meta({
        description: 'Which part of the receivers; each stands at a place that its id and the version decide',
      }),
      groups: z.array(identifier).max(32).default([]).meta({ description: 'Only these; all where empty' }),
      hold: z.boolean().default(false).meta({ description: 'Nothing more is begun until the next word' }),
      window: z.strictObject({ from: timeOfDay, to: timeOfDay }).optional().meta({
        description: 'UTC+7; over midnight where it ends before it begins; the setting where left out',
      }),
      back: z.boolean().default(false).meta({
        description: 'Back to the version before; the one that runs is not installed again by itself',
      }),
    }),
  })
  .meta({ id: 'Update', title: 'Updates: stage, hold, go back' });

/** An `update` command. */
export type Update = z.infer<typeof update>;
