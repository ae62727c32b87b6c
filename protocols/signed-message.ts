import { verify } from 'node:crypto';
import type { CryptoKey, KeyObject } from 'jose';
import { CompactSign } from 'jose/jws/compact/sign';
import { z } from 'zod';
import { accepted, refused, type Outcome } from '../agent/core/errors.js';
import type { KeyRing, RingKey } from './key-ring.js';
import {
  commandSchemas,
  documentSchemas,
  timeSchemas,
  type DownMessage,
  type GrantedType,
} from './messages/catalogue.js';
import { printable } from './printable.js';
import { parseStrictJson } from './strict-json.js';
import { firstIssue } from './trust-document.js';

/** Fixed `typ` header of each kind of signed message, so that one kind can never be taken for another. */
export const TYP = {
  'play.start': 'loa-command+jws',
  'play.stop': 'loa-command+jws',
  renew: 'loa-command+jws',
  retire: 'loa-command+jws',
  update: 'loa-command+jws',
  'emergency.set': 'loa-emergency+jws',
  schedule: 'loa-schedule+jws',
  assignment: 'loa-assignment+jws',
  desired: 'loa-desired+jws',
  beat: 'loa-beat+jws',
  permit: 'loa-permit+jws',
  receipt: 'loa-receipt+jws',
  event: 'loa-event+jws',
  acceptance: 'loa-acceptance+jws',
} as const;

/** Longest signed message that is looked at, bytes. */
export const MESSAGE_LIMIT_BYTES = 65_536;

/** A message whose signature holds; what its authority may do is still to be checked (see authorise). */
export interface SignedMessage {
  readonly message: DownMessage;
  readonly key: RingKey;
}

/** The header of a signed message of one of these kinds. */
export function headerOf<T extends string>(typs: readonly [T, ...T[]]): z.ZodType<SignedHeader<T>> {
  return z.strictObject({
    alg: z.enum(['ES256', 'EdDSA']),
    kid: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    typ: z.enum(typs),
  });
}

/** Header of a compact JWS: nothing else may stand in it. */
export interface SignedHeader<T extends string> {
  readonly alg: 'ES256' | 'EdDSA';
  readonly kid: string;
  readonly typ: T;
}

/** By topic; a permit is carried by hand, so it is none of these. */
const header = headerOf([
  'loa-command+jws',
  'loa-emergency+jws',
  'loa-schedule+jws',
  'loa-assignment+jws',
  'loa-desired+jws',
  'loa-beat+jws',
]);

const schemas: Record<GrantedType, z.ZodType<DownMessage>> = {
  ...commandSchemas,
  ...documentSchemas,
  ...timeSchemas,
};

/** Signs a message as a compact JWS (RFC 7515). `kid` is the thumbprint (RFC 7638) of the public key. */
export async function signMessage(
  message: object,
  typ: (typeof TYP)[keyof typeof TYP],
  signer: {
    readonly key: CryptoKey | KeyObject;
    readonly kid: string;
    readonly algorithm: 'ES256' | 'EdDSA' | 'RS256';
  },
): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(message)))
    .setProtectedHeader({ alg: signer.algorithm, kid: signer.kid, typ })
    .sign(signer.key);
}

/**
 * Reads a signed message from the wire: size, form, header, known key, signature, JSON, type, schema, and that the
 * authority named is the key's own, in this order. Unknown keys are refused before any curve arithmetic.
 */
export function readSigned(bytes: Uint8Array, ring: KeyRing): Outcome<SignedMessage> {
  const opened = openSigned(bytes, ring, header);
  return opened.ok ? readPayload(opened.value.payload, opened.value.typ, opened.value.key) : opened;
}

/** What a signature that holds was put to; not looked into yet. */
export interface Opened<T extends string> {
  readonly typ: T;
  readonly payload: Uint8Array;
  readonly key: RingKey;
}

/** Size, form, header, known key and signature of a compact JWS. */
export function openSigned<T extends string>(
  bytes: Uint8Array,
  ring: KeyRing,
  headers: z.ZodType<SignedHeader<T>>,
): Outcome<Opened<T>> {
  if (bytes.length > MESSAGE_LIMIT_BYTES) return refused('E_MESSAGE_SIZE', `${bytes.length} bytes`);
  const text = Buffer.from(bytes).toString('latin1');
  const parts = text.split('.');
  if (parts.length !== 3 || !/^[A-Za-z0-9_.-]+$/.test(text))
    return refused('E_MESSAGE_GARBAGE', 'not a compact JWS');
  const headerJson = parseStrictJson(Buffer.from(parts[0] ?? '', 'base64url'));
  if (!headerJson.ok) return headerJson;
  const parsedHeader = headers.safeParse(headerJson.value);
  if (!parsedHeader.success) return refused('E_SIGNATURE_ALGORITHM', firstIssue(parsedHeader.error));

  const key = ring.find(parsedHeader.data.kid);
  if (key === undefined) return refused('E_SIGNATURE_KEY', 'unknown key', { kid: parsedHeader.data.kid });
  if (key.algorithm !== parsedHeader.data.alg)
    return refused('E_SIGNATURE_ALGORITHM', 'not the algorithm of its key');
  const payload = payloadOf(text, key);
  if (payload === undefined) {
    return refused('E_SIGNATURE_INVALID', 'signature does not hold', { authority: key.authority.id });
  }
  return accepted({ typ: parsedHeader.data.typ, payload, key });
}

/**
 * The payload of a compact JWS whose signature holds (RFC 7515, 5.2; RFC 7518, 3.4; RFC 8037, 3.1). At once, on the calling thread: jose's
 * verification waits for Node's pool of threads, which a stalled disk or a dead name server can hold for seconds.
 */
function payloadOf(text: string, { key, algorithm }: RingKey): Uint8Array | undefined {
  const end = text.lastIndexOf('.');
  const signature = Buffer.from(text.slice(end + 1), 'base64url');
  // Its last character may hold bits that mean nothing (RFC 4648, 3.5): one signature, one spelling.
  if (signature.toString('base64url') !== text.slice(end + 1)) return undefined;
  const signed = Buffer.from(text.slice(0, end), 'latin1');
  try {
    const holds =
      algorithm === 'ES256'
        ? verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
        : verify(null, signed, key, signature);
    return holds ? Buffer.from(text.slice(text.indexOf('.') + 1, end), 'base64url') : undefined;
  } catch {
    return undefined;
  }
}

// Made once: to make a schema costs more than to verify a signature.
const typed = z.object({ type: z.string() });

function readPayload(payload: Uint8Array, typ: string, key: RingKey): Outcome<SignedMessage> {
  const by = { authority: key.authority.id };
  const json = parseStrictJson(payload);
  if (!json.ok) return refused('E_MESSAGE_GARBAGE', json.refusal.detail, by);
  const type = typed.safeParse(json.value).data?.type;
  if (type === undefined || !isGranted(type)) {
    return refused('E_MESSAGE_TYPE', `type ${printable(String(type), 40)}`, by);
  }
  if (TYP[type] !== typ) return refused('E_SIGNATURE_ALGORITHM', `${type} signed as ${typ}`, by);
  const parsed = schemas[type].safeParse(json.value);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join('.');
    return refused(
      path === 'body.class' ? 'E_MESSAGE_CLASS' : 'E_MESSAGE_SCHEMA',
      firstIssue(parsed.error),
      by,
    );
  }
  if (parsed.data.authority !== key.authority.id) {
    return refused('E_AUTHORITY_GRANT', `signed by ${key.authority.id} for ${parsed.data.authority}`, by);
  }
  return accepted({ message: parsed.data, key });
}

function isGranted(type: string): type is GrantedType {
  return Object.hasOwn(schemas, type);
}
