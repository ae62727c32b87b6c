import { z } from 'zod';
import { bulletinClass, documentEnvelope, durationMs, identifier, shortText } from './common.js';
import { fileSource, liveSource, storedSource, textSource } from './sound-source.js';

/** Longest time that one entry may be on air, milliseconds: no entry outlasts a day. */
export const LONGEST_ENTRY_MS = 24 * 3_600_000;

/** Time zone of a schedule that names none: the country's, UTC+7 all year. */
export const DEFAULT_ZONE = 'Asia/Ho_Chi_Minh';

const localDate = z.iso
  .date()
  .meta({ id: 'LocalDate', description: 'YYYY-MM-DD in the time zone of the schedule' });

const localTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/)
  .meta({ id: 'LocalTime', description: 'HH:MM or HH:MM:SS in the time zone of the schedule' });

const dates = z
  .strictObject({ from: localDate, to: localDate })
  .refine(({ from, to }) => from <= to, 'ends before it begins');

const piece = z.discriminatedUnion('kind', [fileSource, liveSource, storedSource, textSource]);

const playlist = z.strictObject({
  kind: z.literal('playlist'),
  items: z
    .array(z.strictObject({ source: piece, pauseMs: durationMs.max(3_600_000).default(0) }))
    .min(1)
    .max(64)
    .meta({ description: 'One after the other, each followed by its pause' }),
  loops: z.int().min(1).max(100).default(1),
});

/** What to do with an entry whose start the receiver was not there for. */
export const missedPolicy = z.enum(['join', 'restart', 'skip']).meta({
  description:
    'join: from where it would be by now; restart: from its beginning, within the grace time; skip: not at all',
});

const entry = z.strictObject({
  id: identifier,
  title: shortText,
  class: bulletinClass.default('normal'),
  rank: z.int().min(0).max(1000).default(0).meta({ description: 'Larger is higher, within the class' }),
  dates: dates.optional().meta({ description: 'Both included; every day where left out' }),
  weekdays: z
    .array(z.int().min(1).max(7))
    .min(1)
    .max(7)
    .optional()
    .meta({ description: '1 Monday to 7 Sunday (ISO 8601); every weekday where left out' }),
  slots: z
    .array(z.strictObject({ at: localTime, durationMs: durationMs.min(1_000).max(LONGEST_ENTRY_MS) }))
    .min(1)
    .max(24)
    .meta({ description: 'When it starts and how long it may be on air at most' }),
  missed: z
    .strictObject({ policy: missedPolicy, graceMs: durationMs.max(LONGEST_ENTRY_MS).default(300_000) })
    .default({ policy: 'join', graceMs: 300_000 }),
  source: z.discriminatedUnion('kind', [fileSource, liveSource, storedSource, textSource, playlist]),
  gainDb: z.number().min(-40).max(0).default(0),
});

const exception = z.strictObject({
  dates,
  entries: z.array(identifier).min(1).max(256).optional().meta({ description: 'All where left out' }),
  reason: shortText.meta({ description: 'Holiday, mourning day; shown to people' }),
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    // RangeError: unknown. Zod tells the sender.
    return false;
  }
}

function uniqueIds(entries: readonly { readonly id: string }[]): boolean {
  return new Set(entries.map(({ id }) => id)).size === entries.length;
}

/** The schedule of one authority in one slot, replaced whole. Two authorities never erase each other's. */
export const schedule = z
  .strictObject({
    type: z.literal('schedule'),
    ...documentEnvelope,
    body: z.strictObject({
      timeZone: z
        .string()
        .max(64)
        .refine(isTimeZone, 'no time zone that is known here')
        .default(DEFAULT_ZONE)
        .meta({ description: 'IANA time zone' }),
      entries: z.array(entry).max(256).refine(uniqueIds, 'an id stands there twice'),
      exceptions: z.array(exception).max(366).default([]).meta({ description: 'Days on which entries rest' }),
      priorityOrder: z.array(identifier).max(32).optional().meta({
        description:
          'Authorities in the order that this one decides inside the priority class where it stands nearest to the receiver (Circular 39/2020)',
      }),
    }),
  })
  .meta({ id: 'Schedule', title: 'Schedule of an authority in a slot' });

/** A `schedule` document. */
export type Schedule = z.infer<typeof schedule>;
/** One entry of a schedule. */
export type ScheduleEntry = Schedule['body']['entries'][number];
/** What an entry plays: one source, or several in a row. */
export type EntrySource = ScheduleEntry['source'];
