import { z } from 'zod';

const host = z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/);
const path = z.string().min(1).max(500);
const hex64 = z.string().regex(/^(?:[0-9A-Fa-f]{2}:?){32}$/);

/** The three decisions of a first set-up, as `--answers FILE` gives them for one of many devices. */
export const installAnswers = z.strictObject({
  network: z.strictObject({
    host,
    port: z.int().min(1).max(65_535).default(8_883),
    proxy: z.string().max(500).optional(),
  }),
  enrolment: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('network'),
      id: z.string().min(1).max(64),
      url: z.url().startsWith('https:'),
      caFingerprint: hex64,
      /** A file of mode 0600 with the one-time token; never the token itself. */
      tokenFile: path,
      rootFingerprint: hex64.optional(),
      trust: path.optional(),
      mirror: z.url().startsWith('https:').optional(),
    }),
    z.strictObject({
      kind: z.literal('files'),
      certificate: path,
      anchors: path,
      trust: path,
      rootFingerprint: hex64,
    }),
    /** Makes key and request; the province's answer comes later, by `loa certificate install`. */
    z.strictObject({ kind: z.literal('request'), id: z.string().min(1).max(64) }),
  ]),
  board: z.strictObject({
    sink: z.enum(['alsa', 'file', 'null', 'speaker']).default('alsa'),
    device: z.string().min(1).max(200).default('default'),
  }),
});

/** See {@link installAnswers}. */
export type InstallAnswers = z.infer<typeof installAnswers>;

/** The words of `loa certificate …` that carry the second decision out. Pure. */
export function enrolmentWords(
  { enrolment }: InstallAnswers,
  replaces: string | undefined,
): { readonly verb: 'enrol' | 'install' | 'request'; readonly args: string[] } {
  switch (enrolment.kind) {
    case 'network': {
      const { id, url, caFingerprint, tokenFile, rootFingerprint, trust, mirror } = enrolment;
      return {
        verb: 'enrol',
        args: [
          ...[
            '--id',
            replaces ?? id,
            '--url',
            url,
            '--ca-fingerprint',
            caFingerprint,
            '--token-file',
            tokenFile,
          ],
          ...(rootFingerprint === undefined ? [] : ['--fingerprint', rootFingerprint]),
          ...(trust === undefined ? [] : ['--trust', trust]),
          ...(mirror === undefined ? [] : ['--mirror', mirror]),
          ...(replaces === undefined ? [] : ['--replace']),
        ],
      };
    }
    case 'files': {
      const { certificate, anchors, trust, rootFingerprint } = enrolment;
      return {
        verb: 'install',
        args: [
          '--certificate',
          certificate,
          '--anchors',
          anchors,
          '--trust',
          trust,
          '--fingerprint',
          rootFingerprint,
        ],
      };
    }
    case 'request':
      return {
        verb: 'request',
        args: ['--id', replaces ?? enrolment.id, ...(replaces === undefined ? [] : ['--replace'])],
      };
  }
}

/** The settings of the first and the third decision. Pure. */
export function settingsOf({ network, enrolment, board }: InstallAnswers): Record<string, unknown> {
  return {
    'broker.host': network.host,
    'broker.port': network.port,
    ...(network.proxy === undefined ? {} : { 'broker.proxy': network.proxy }),
    ...(enrolment.kind === 'network'
      ? { 'enrolment.url': enrolment.url, 'enrolment.fingerprint': enrolment.caFingerprint }
      : {}),
    'sound.sink': board.sink,
    'sound.device': board.device,
  };
}
