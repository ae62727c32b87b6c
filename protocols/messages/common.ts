import { z } from 'zod';

/** An id of a receiver, area, group or authority: opaque, 1 to 64 letters, digits, `_` or `-`. */
export const identifier = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/)
  .meta({ id: 'Identifier', description: 'Opaque id; never parsed for meaning' });

/** An instant: RFC 3339 with offset. */
export const instantText = z.iso
  .datetime({ offset: true })
  .meta({ id: 'Instant', description: 'RFC 3339 with offset' });

/** An id made by the sender, UUID version 7 (RFC 9562). */
export const messageId = z.uuidv7().meta({ id: 'MessageId', description: 'UUID version 7 (RFC 9562)' });

/** SHA-256 of a file's bytes, lower-case hexadecimal. */
export const sha256Hex = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ id: 'Sha256', description: 'SHA-256 of the bytes, lower-case hexadecimal' });

/** A time of day of the country; 24:00 is the end of the day. */
export const timeOfDay = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/)
  .meta({ id: 'TimeOfDay', description: 'HH:MM in UTC+7, the country’s time' });

/** Whole milliseconds of a duration, at most one year. */
export const durationMs = z
  .int()
  .min(0)
  .max(366 * 86_400_000);

/**
 * A short text for people, in one line. It is shown on terminals: no control characters, and none that turn the
 * direction of writing.
 */
export const shortText = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+$/)
  .meta({ id: 'ShortText', description: 'One line for people, without control characters' });

/** An address of sound. Which schemes are allowed is the receiver's rule, not the schema's. */
export const mediaUrl = z
  .url()
  .max(1000)
  .meta({ id: 'MediaUrl', description: 'Address of sound: https, or http on the local list' });

/** What a document is for: one area or one receiver. */
export const slot = z
  .union([z.strictObject({ area: identifier }), z.strictObject({ receiver: identifier })])
  .meta({ id: 'Slot', description: 'What a document is for: one area or one receiver' });

/** Whom a command is for. One receiver is named with the epoch of its assignment. */
export const target = z
  .union([
    z.strictObject({ receiver: identifier, epoch: z.int().min(0) }),
    z.strictObject({ area: identifier }),
    z.strictObject({ group: identifier }),
  ])
  .meta({
    id: 'Target',
    description: 'Whom a command is for; one receiver is named with the epoch of its assignment',
  });

/** Class of a bulletin that a command may ask for (Circular 39/2020, low to high; emergencies go another way). */
export const bulletinClass = z.enum(['normal', 'priority']);

/** Class of anything heard, local tests of a technician the lowest. */
export const airClass = z.enum(['local', 'normal', 'priority', 'emergency']);

/** What every command carries, whatever it asks for. */
export const commandEnvelope = {
  id: messageId,
  authority: identifier,
  issuedAt: instantText,
  notBefore: instantText.optional(),
  expiresAt: instantText,
  target,
} as const;

/** What every document carries: a newer revision replaces an older one in the same slot. */
export const documentEnvelope = {
  authority: identifier,
  slot,
  revision: z.int().min(1),
  epoch: z.int().min(0),
  issuedAt: instantText,
} as const;

/** What every message of a receiver carries; (receiver, boot, sequence) identifies it, so that repeats can be dropped. */
export const upEnvelope = {
  receiver: identifier,
  boot: z.uuid(),
  sequence: z.int().min(0),
  at: instantText,
} as const;

/** Class of anything heard. */
export type AirClass = z.infer<typeof airClass>;
