import { z } from 'zod';
import type { ErrorCode } from '../core/errors.js';
import { offer } from './offer.js';
import { updatePolicy } from './update-policy.js';

/** A slot that can hold a program beside the package's own. */
export const SLOTS = ['a', 'b'] as const;
/** See {@link SLOTS}. */
export type Slot = (typeof SLOTS)[number];
/** Where a program runs from; `floor` is the package's own, which is always there. */
export type Place = Slot | 'floor';

const slot = z.enum(SLOTS);
const place = z.enum(['a', 'b', 'floor']);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const code = z.custom<ErrorCode>((value) => typeof value === 'string' && /^E_[A-Z_]{2,40}$/.test(value));
const why = z.string().max(20);

/** Where an update stands. `seal` is the SHA-256 of a slot's list of files. */
export const updateStage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('idle') }),
  z.object({ kind: z.literal('announced'), offer }),
  z.object({ kind: z.literal('waiting'), offer, why }),
  z.object({ kind: z.literal('downloading'), offer }),
  z.object({ kind: z.literal('verifying'), offer }),
  z.object({ kind: z.literal('unpacking'), offer, slot }),
  z.object({ kind: z.literal('trial-ready'), offer, slot, seal: sha256, why: why.optional() }),
  z.object({ kind: z.literal('trial'), offer, slot, seal: sha256, from: place, linkBefore: z.boolean() }),
  z.object({ kind: z.literal('committed'), version: z.string().max(40), atMs: z.number() }),
  z.object({
    kind: z.literal('back'),
    ...{ version: z.string().max(40), to: place, code, detail: z.string().max(300), atMs: z.number() },
  }),
]);

/** See {@link updateStage}. */
export type UpdateStage = z.infer<typeof updateStage>;

/** Programs that are not tried again, the newest last. */
const failed = z.object({
  version: z.string().max(40),
  /** Of the archive; any of this version where left out. */
  sha256: sha256.optional(),
  ...{ code, atMs: z.number() },
});

/** All that is kept of updates; written down after each change, before anything is done about it. */
export const updateState = z.object({
  stage: updateStage,
  policy: updatePolicy.optional(),
  /** A technician has held updates on this receiver. */
  heldHere: z.boolean(),
  failed: z.array(failed).max(16),
  /** Attempts that failed in a row, when the next may be made, wall time, milliseconds; and archives that were not what was signed. */
  retry: z.object({ failures: z.int().min(0), notBeforeMs: z.number(), bad: z.int().min(0) }),
  /** Bytes fetched for updates on a day of UTC+7, counted from 1970. */
  spent: z.object({ day: z.int(), bytes: z.number() }),
  /** When the repository was asked last, wall time, milliseconds. */
  checkedMs: z.number(),
  /** What it answered, where it was no program and no silence. */
  refusal: z.object({ code, detail: z.string().max(300) }).optional(),
});

/** See {@link updateState}. */
export type UpdateState = z.infer<typeof updateState>;

/** A receiver that knows of no update. */
export const NO_UPDATE: UpdateState = {
  stage: { kind: 'idle' },
  heldHere: false,
  failed: [],
  retry: { failures: 0, notBeforeMs: 0, bad: 0 },
  spent: { day: 0, bytes: 0 },
  checkedMs: 0,
};
