import { z } from 'zod';
import { acceptanceFile, acceptanceRecord } from './acceptance-record.js';

/** What the receiver answers `loa accept` with: the record as it was signed, in the clear too, and where it is kept. */
export const acceptanceAnswer = acceptanceFile.extend({
  record: acceptanceRecord,
  /** SHA-256 of the compact JWS, hexadecimal. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Left out where it could not be kept. */
  file: z.string().optional(),
  trouble: z.string().optional(),
});

/** See {@link acceptanceAnswer}. */
export type AcceptanceAnswer = z.infer<typeof acceptanceAnswer>;
