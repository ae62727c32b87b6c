import { z } from 'zod';
import { identifier, instantText } from '../../../protocols/messages/common.js';

/** What a receiver can prove of itself on site, in the order in which a technician sees it. */
export const ACCEPTANCE_ITEMS = [
  ...['identity', 'trust', 'link', 'hours', 'path'],
  ...['sound', 'line', 'amplifier', 'power'],
] as const;

/** Why an item was not tried, or why it failed. */
export const ACCEPTANCE_REASONS = [
  ...['expired', 'stale', 'clock', 'no-authority', 'link-down', 'refused-topics', 'default-hours'],
  ...['busy', 'failed', 'sink', 'no-loudspeaker', 'no-tone', 'nobody-asked', 'unheard'],
  ...['no-sensor', 'declined', 'not-calibrated', 'noisy', 'load', 'no-amplifier', 'fault', 'line-fault'],
  ...['no-mains-input', 'unseen', 'not-sent', 'still-off'],
] as const;

const fact = z.union([z.string().max(200), z.number(), z.boolean()]);

/** One item of a record. */
export const acceptanceItem = z.strictObject({
  id: z.enum(ACCEPTANCE_ITEMS),
  verdict: z.enum(['passed', 'failed', 'not tried']),
  /** Whose word it is: the program's own measurement, a sensor at the loudspeaker line, a person's, or a script's in place of one. */
  by: z.enum(['receiver', 'sensor', 'person', 'script']),
  /** Left out where it has passed. */
  reason: z.enum(ACCEPTANCE_REASONS).optional(),
  /** A code of ERRORS.md that says more. */
  code: z.string().max(60).optional(),
  facts: z.record(z.string().max(40), fact),
});

/** What is signed: who, when, what was tried, and by whose word. */
export const acceptanceRecord = z.strictObject({
  type: z.literal('acceptance'),
  form: z.literal(1),
  receiver: identifier,
  at: instantText,
  version: z.string().max(40),
  /** Who sat at the keyboard, as told and not proven. */
  technician: z.string().max(64),
  /** Where the words of a person come from; `none`: nobody was asked. */
  words: z.enum(['terminal', 'script', 'none']),
  board: z.string().max(80).optional(),
  items: z.array(acceptanceItem).length(ACCEPTANCE_ITEMS.length),
});

/** See {@link acceptanceItem}. */
export type AcceptanceItem = z.infer<typeof acceptanceItem>;
/** See {@link acceptanceRecord}. */
export type AcceptanceRecord = z.infer<typeof acceptanceRecord>;
/** See {@link ACCEPTANCE_REASONS}. */
export type AcceptanceReason = (typeof ACCEPTANCE_REASONS)[number];

/** The words of a person, brought by `loa accept`. */
export const acceptanceWords = z.strictObject({
  words: z.enum(['terminal', 'script', 'none']),
  /** Did somebody below the horns hear the tone? */
  heard: z.boolean().optional(),
  /** Were the mains cut for the trial? */
  mainsCut: z.boolean().optional(),
  /** May the loudspeaker line be measured by a tone? */
  line: z.boolean().default(false),
});

/** See {@link acceptanceWords}. */
export type AcceptanceWords = z.infer<typeof acceptanceWords>;

/** The file that a technician takes away: the signed record, and the certificates that confirm it. */
export const acceptanceFile = z.strictObject({
  /** Compact JWS, `typ` loa-acceptance+jws, `kid` the thumbprint of the device's key. */
  jws: z.string().max(65_536),
  certificatePem: z.string().max(65_536),
});

/** See {@link acceptanceFile}. */
export type AcceptanceFile = z.infer<typeof acceptanceFile>;

/** Items by their verdict. Pure. */
export function verdictCounts(record: Pick<AcceptanceRecord, 'items'>): {
  readonly passed: number;
  readonly failed: number;
  readonly notTried: number;
} {
  const of = (verdict: AcceptanceItem['verdict']): number =>
    record.items.filter((item) => item.verdict === verdict).length;
  return { passed: of('passed'), failed: of('failed'), notTried: of('not tried') };
}
