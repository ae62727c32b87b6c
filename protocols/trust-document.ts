import { createHash } from 'node:crypto';
import type { JWK } from 'jose';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { flattenedVerify } from 'jose/jws/flattened/verify';
import { importJWK } from 'jose/key/import';
import { z } from 'zod';
import { accepted, refused, type Outcome } from '../agent/core/errors.js';
import { identifier, instantText, shortText, timeOfDay } from './messages/common.js';
import { printable } from './printable.js';
import { parseStrictJson } from './strict-json.js';

// 32 bytes in base64url, written in the one canonical way: else one key would have several thumbprints.
const coordinate = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/);

const thumbprint = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .meta({ description: 'JWK thumbprint (RFC 7638) with SHA-256' });

const publicKey = z.union([
  z.strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: coordinate,
    y: coordinate,
  }),
  z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: coordinate }),
]);

const grant = z.strictObject({
  messages: z
    .array(
      z.enum([
        'play.start',
        'play.stop',
        'emergency.set',
        'schedule',
        'assignment',
        'desired',
        'renew',
        'retire',
        'update',
        'beat',
        'permit',
      ]),
    )
    .min(1)
    .meta({
      description:
        'Fleet work is assignment, desired, renew, retire, update and permit, time is beat: no other right brings them',
    }),
  maxClass: z.enum(['normal', 'priority']).default('normal'),
  longestPlayMs: z
    .int()
    .min(0)
    .max(24 * 3_600_000)
    .default(3_600_000),
  content: z
    .enum(['free', 'stored'])
    .default('free')
    .meta({ description: 'free: any stream or file; stored: only sounds that are on the device' }),
  minutesADay: z.int().min(1).max(1440).optional().meta({
    description:
      'Minutes of play.start really heard in a day (UTC+7) by one receiver; emergencies do not count',
  }),
  hours: z
    .array(z.strictObject({ from: timeOfDay, to: timeOfDay }))
    .min(1)
    .max(8)
    .optional()
    .meta({
      description: 'When play.start may sound (UTC+7), from included, to excluded, 24:00 the end of the day',
    }),
});

const authority = z.strictObject({
  id: identifier,
  name: z.strictObject({ vi: shortText, en: shortText }),
  homeArea: identifier.meta({ description: 'It may speak here and in every area below' }),
  level: z.int().min(0).max(100).meta({ description: 'Larger is higher' }),
  keys: z.array(z.strictObject({ jwk: publicKey, notBefore: instantText, notAfter: instantText })).max(16),
  grants: z.array(grant).max(16),
});

/** Who may speak, and to whom the receiver listens. Signed by a threshold of root keys of the version before. */
export const trustDocument = z
  .strictObject({
    type: z.literal('trust'),
    version: z.int().min(1),
    issuedAt: instantText,
    root: z.strictObject({ threshold: z.int().min(1).max(16), keys: z.array(publicKey).min(1).max(16) }),
    authorities: z.array(authority).max(4096),
    revoked: z
      .array(
        z.union([
          z.strictObject({ authority: identifier, since: instantText }),
          z.strictObject({ kid: thumbprint, since: instantText }),
        ]),
      )
      .max(4096)
      .default([]),
  })
  .meta({ id: 'TrustDocument', title: 'Who may speak' });

/** On the wire a trust document is a JWS in General JSON Serialization (RFC 7515, 7.2.1). */
export const trustEnvelope = z
  .strictObject({
    payload: z
      .string()
      .regex(/^[A-Za-z0-9_-]+$/)
      .max(4_000_000),
    signatures: z
      .array(z.strictObject({ protected: z.string().max(400), signature: z.string().max(200) }))
      .min(1)
      .max(32),
  })
  .meta({ id: 'TrustEnvelope', title: 'Trust document with its root signatures' });

/** A trust document, as signed. */
export type TrustDocument = z.infer<typeof trustDocument>;
/** One authority of a trust document. */
export type Authority = TrustDocument['authorities'][number];
/** The public part of a signing key as a JWK (RFC 7517): EC P-256 or Ed25519. */
export type PublicKey = z.infer<typeof publicKey>;

/** Fixed `typ` of a trust document's signatures. */
export const TRUST_TYP = 'loa-trust+jws';

/**
 * What an installer compares by another way than the network: SHA-256 (hex) over the threshold and the sorted key
 * thumbprints (RFC 7638) of the root.
 */
export async function rootFingerprint(root: TrustDocument['root']): Promise<string> {
  const kids = await Promise.all(root.keys.map((key) => calculateJwkThumbprint(key)));
  return createHash('sha256')
    .update(`${root.threshold}:${kids.sort().join(',')}`)
    .digest('hex');
}

/**
 * Checks a trust document against what is trusted now: the version before it, or at installation the fingerprint of
 * its own root. Version n + 1 needs the threshold of version n's root keys and of its own (as TUF's root, 5.3.4).
 */
export async function verifyTrust(
  envelopeText: string,
  trusted: { readonly current: TrustDocument } | { readonly fingerprint: string },
): Promise<Outcome<TrustDocument>> {
  const json = parseStrictJson(envelopeText);
  if (!json.ok) return refused('E_TRUST_DOCUMENT', json.refusal.detail);
  const envelope = trustEnvelope.safeParse(json.value);
  if (!envelope.success) return refused('E_TRUST_DOCUMENT', 'not a signed trust document');
  const payload = parseStrictJson(Buffer.from(envelope.data.payload, 'base64url'));
  if (!payload.ok) return refused('E_TRUST_DOCUMENT', payload.refusal.detail);
  const parsed = trustDocument.safeParse(payload.value);
  if (!parsed.success) return refused('E_TRUST_DOCUMENT', firstIssue(parsed.error));
  const document = parsed.data;

  if ('current' in trusted) {
    if (document.version !== trusted.current.version + 1) {
      return refused('E_TRUST_OLD', `version ${document.version} does not follow ${trusted.current.version}`);
    }
    if (!(await signedBy(envelope.data, trusted.current.root))) {
      return refused('E_TRUST_SIGNATURE', `too few root keys of version ${trusted.current.version} signed`);
    }
  } else if (
    (await rootFingerprint(document.root)) !== trusted.fingerprint.replaceAll(':', '').toLowerCase()
  ) {
    return refused('E_TRUST_SIGNATURE', 'the root is not the one whose fingerprint was given');
  }
  if (!(await signedBy(envelope.data, document.root))) {
    return refused('E_TRUST_SIGNATURE', 'too few of its own root keys signed');
  }
  const fault = await faultOf(document);
  return fault === undefined ? accepted(document) : refused('E_TRUST_DOCUMENT', fault);
}

/** What the schema cannot say. A document that could not be used must be refused before it replaces one that can. */
async function faultOf(document: TrustDocument): Promise<string | undefined> {
  const authorities = new Set<string>();
  const kids = new Set<string>();
  for (const { id, keys, grants } of document.authorities) {
    const upsideDown = grants.flatMap(({ hours }) => hours ?? []).find(({ from, to }) => from >= to);
    if (upsideDown !== undefined) return `hours of ${id} end before they begin: ${upsideDown.from}`;
    if (authorities.has(id)) return `authority ${id} stands there twice`;
    authorities.add(id);
    for (const { jwk } of keys) {
      const kid = await calculateJwkThumbprint(jwk);
      if (kids.has(kid)) return `key ${kid} stands there twice`;
      kids.add(kid);
      if (!(await isUsable(jwk))) return `key ${kid} of ${id} is no point of its curve`;
    }
  }
  return undefined;
}

async function isUsable(jwk: PublicKey): Promise<boolean> {
  try {
    await importJWK(jwk, jwk.kty === 'EC' ? 'ES256' : 'EdDSA');
    return true;
  } catch {
    return false;
  }
}

async function signedBy(
  envelope: z.infer<typeof trustEnvelope>,
  root: TrustDocument['root'],
): Promise<boolean> {
  const signers = new Set<string>();
  for (const key of root.keys) {
    const kid = await calculateJwkThumbprint(key);
    for (const { protected: header, signature } of envelope.signatures) {
      if (headerOf(header)?.kid !== kid) continue;
      if (await signatureHolds(envelope.payload, header, signature, key)) signers.add(kid);
    }
  }
  return signers.size >= root.threshold;
}

const rootHeader = z.strictObject({
  alg: z.enum(['ES256', 'EdDSA']),
  kid: z.string(),
  typ: z.literal(TRUST_TYP),
});

function headerOf(encoded: string): z.infer<typeof rootHeader> | undefined {
  const json = parseStrictJson(Buffer.from(encoded, 'base64url'));
  return json.ok ? rootHeader.safeParse(json.value).data : undefined;
}

async function signatureHolds(
  payload: string,
  header: string,
  signature: string,
  key: JWK,
): Promise<boolean> {
  const algorithm = key.kty === 'EC' ? 'ES256' : 'EdDSA';
  try {
    await flattenedVerify({ payload, protected: header, signature }, await importJWK(key, algorithm), {
      algorithms: [algorithm],
    });
    return true;
  } catch {
    return false;
  }
}

/** The first thing a schema finds wrong, in one line: `body.class: Invalid option`. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined
    ? 'not valid'
    : printable(`${issue.path.join('.') || 'message'}: ${issue.message}`, 200);
}

/** Do two envelopes carry the very same document, whoever signed? What cannot be read is the same as nothing. */
export function samePayload(one: string, other: string): boolean {
  const [a, b] = [one, other].map(
    (text) => trustEnvelope.safeParse(valueOf(parseStrictJson(text))).data?.payload,
  );
  return a !== undefined && a === b;
}

/** The version that an envelope says it carries, nothing of it verified; undefined where it cannot be read. */
export function versionOf(envelopeText: string): number | undefined {
  const document = keptTrust(envelopeText);
  return document.ok ? document.value.version : undefined;
}

/**
 * A trust document that this device has verified and kept: read again without its history. The disk is the device's
 * own; what changes it has to pass verifyTrust.
 */
export function keptTrust(envelopeText: string | undefined): Outcome<TrustDocument> {
  if (envelopeText === undefined) return refused('E_TRUST_DOCUMENT', 'none is installed');
  const envelope = trustEnvelope.safeParse(valueOf(parseStrictJson(envelopeText)));
  if (!envelope.success) return refused('E_TRUST_DOCUMENT', 'the kept file is damaged');
  const document = trustDocument.safeParse(
    valueOf(parseStrictJson(Buffer.from(envelope.data.payload, 'base64url'))),
  );
  return document.success ? accepted(document.data) : refused('E_TRUST_DOCUMENT', firstIssue(document.error));
}

function valueOf(outcome: Outcome<unknown>): unknown {
  return outcome.ok ? outcome.value : undefined;
}
