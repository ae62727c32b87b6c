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

/** Where the sound of a bulletin comes from. */
export const soundSource = z.discriminatedUnion('kind', [liveSource, fileSource, storedSource]);

/** Where the sound of a bulletin comes from. */
export type SoundSource = z.infer<typeof soundSource>;
