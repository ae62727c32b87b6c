import { z } from 'zod';

/** What a measurement of the loudspeaker line came to. */
export const lineResult = z.object({
  verdict: z.enum(['calibrated', 'normal', 'missing', 'more', 'silent', 'unsure']),
  /** Of the tone at the sensor, in its own unit. */
  amplitude: z.number(),
  aboveNoiseDb: z.number(),
  /** Against the calibration, and how many loudspeakers that would be. */
  sharePercent: z.number().optional(),
  loudspeakers: z.number().optional(),
});

/** See {@link lineResult}. */
export type LineResult = Readonly<z.infer<typeof lineResult>>;
