import { z } from 'zod';
import { mediaUrl, sha256Hex } from './common.js';

/** A live stream, bound by TLS to the host that the signed command names, and to its key where one is given. */
export const liveSource = z.strictObject({
  kind: z.literal('live'),
  url: mediaUrl,
  pin: sha256Hex.optional().meta({
    description:
      "SHA-256 of the server's public key (SubjectPublicKeyInfo, DER): no other key may answer, whoever certified it",
  }),
});

/** A file, bound by its digest: checked before a sample is heard. */
export const fileSource = z.strictObject({
  kind: z.literal('file'),
  url: mediaUrl,
  sha256: sha256Hex,
  onInterrupt: z.enum(['resume', 'rejoin', 'drop']).default('resume').meta({
    description:
      'resume where it stopped, rejoin where it would be by now, or drop it, when something of higher class has interrupted it',
  }),
});

/** A sound that is on the device. */
export const storedSource = z.strictObject({ kind: z.literal('stored'), name: z.enum(['chime', 'siren']) });

/** A language of sound (BCP 47, without region): `vi`, `km` (Khmer), `cjm` (Eastern Cham), … */
export const languageTag = z
  .string()
  .regex(/^[a-z]{2,3}$/)
  .meta({ description: 'Language of the sound, ISO 639: vi, km (Khmer), cjm (Eastern Cham), …' });

/** A message of the numbered list that the province keeps on its receivers, see `desired`. */
export const messageSource = z.strictObject({
  kind: z.literal('message'),
  number: z.int().min(1).max(9_999),
  languages: z.array(languageTag).min(1).max(4).optional().meta({
    description:
      'One after the other, those that are kept here; all of them in the order of the list where left out',
  }),
});

/** Voices that speak on the device: Vietnamese of the north, the centre and the south; English. */
export const voiceName = z.enum(['vi', 'vi-vn-x-central', 'vi-vn-x-south', 'en-gb', 'en-us']);

/** Most characters of a spoken text: some three minutes. */
export const LONGEST_TEXT = 2_000;

/** A text that the device speaks itself: it stands in the signed message, so nothing is fetched. */
export const textSource = z
  .strictObject({
    kind: z.literal('text'),
    text: z
      .string()
      .min(1)
      .max(LONGEST_TEXT)
      .regex(/^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*$/)
      .regex(/\S/)
      .meta({ description: 'What is said; line feeds are pauses, no other control characters' }),
    lang: z.enum(['vi', 'en']),
    voice: voiceName
      .optional()
      .meta({ description: "Of that language; the receiver's own setting otherwise" }),
    speed: z.int().min(80).max(300).optional().meta({ description: 'Words a minute' }),
  })
  .refine(({ lang, voice }) => voice === undefined || voice.startsWith(lang), 'a voice of another language');

/** Line in or microphone of the receiver. Which device that is, is its own setting. */
export const captureSource = z.strictObject({ kind: z.literal('capture') });

/** Where the sound of a bulletin comes from. */
export const soundSource = z.discriminatedUnion('kind', [
  liveSource,
  fileSource,
  storedSource,
  textSource,
  captureSource,
]);

/** A text that the device speaks itself. */
export type TextSound = z.infer<typeof textSource>;

/** A message of the numbered list. */
export type MessageSource = z.infer<typeof messageSource>;

/** Where the sound of a bulletin comes from. */
export type SoundSource = z.infer<typeof soundSource>;
