import { z } from 'zod';

/** What a receiver keeps of its schedules across restarts. */
export const scheduleMemory = z.object({
  /** What became of past occurrences, by their key. */
  occurrences: z.record(z.string().max(400), z.enum(['begun', 'done'])),
  /** When was looked last, wall time, milliseconds. */
  lookedMs: z.number().optional(),
});

/** What was begun and done, and when was looked last. */
export type ScheduleMemory = Readonly<z.infer<typeof scheduleMemory>>;

/** Nothing remembered. */
export const NOTHING_SCHEDULED: ScheduleMemory = { occurrences: {} };
