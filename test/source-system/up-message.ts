import { createHash, X509Certificate, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify, decodeProtectedHeader, exportJWK } from 'jose';
import type { z } from 'zod';
import { accepted, messageOf, refused, type Outcome } from '../../agent/core/errors.js';
import { upSchemas } from '../../protocols/messages/catalogue.js';
import type { EventMessage, Receipt, Reply, State, Telemetry } from '../../protocols/messages/up.js';
import { TYP } from '../../protocols/signed-message.js';
import { parseStrictJson } from '../../protocols/strict-json.js';
import { TOPIC_ROOT, type UpKind } from '../../protocols/topics.js';
import { firstIssue } from '../../protocols/trust-document.js';
import { pemBlocks } from './est-answers.js';

/** A message of a receiver that was read; its signature holds, where its kind is signed. */
export type UpMessage =
  | { readonly kind: 'state'; readonly message: State }
  | { readonly kind: 'reply'; readonly message: Reply }
  | { readonly kind: 'telemetry'; readonly message: Telemetry }
  | { readonly kind: 'receipt'; readonly message: Receipt; readonly hash: string; readonly jws: string }
  | { readonly kind: 'event'; readonly message: EventMessage; readonly hash: string; readonly jws: string };

/** Finds a receiver's certificates, PEM, the newest first; undefined for one that the province has not enrolled. */
export type CertificateLookup = (receiverId: string) => Promise<string | undefined>;

/**
 * Reads what came up on a topic. Receipts and events are compact JWS by the receiver's own key (ES256, or RS256 for
 * an RSA certificate), `kid` its thumbprint (RFC 7638); the others are JSON.
 */
export async function readUp(
  topic: string,
  payload: Uint8Array,
  certificateOf: CertificateLookup,
): Promise<Outcome<UpMessage>> {
  const [receiver, kind] = topic.slice(`${TOPIC_ROOT}/receiver/`.length).split('/');
  if (receiver === undefined || kind === undefined || !isUpKind(kind)) {
    return refused('E_MESSAGE_TYPE', `not an up-topic: ${topic}`);
  }
  if (kind === 'receipt' || kind === 'event') {
    const text = Buffer.from(payload).toString('latin1');
    const body = await verifiedBody(text, TYP[kind], await certificateOf(receiver));
    if (!body.ok) return body;
    const hash = createHash('sha256').update(text).digest('base64url');
    if (kind === 'receipt')
      return tagged(body.value, receiver, upSchemas.receipt, (message) => ({
        kind,
        message,
        hash,
        jws: text,
      }));
    return tagged(body.value, receiver, upSchemas.event, (message) => ({ kind, message, hash, jws: text }));
  }
  if (kind === 'state') return tagged(payload, receiver, upSchemas.state, (message) => ({ kind, message }));
  if (kind === 'reply') return tagged(payload, receiver, upSchemas.reply, (message) => ({ kind, message }));
  return tagged(payload, receiver, upSchemas.telemetry, (message) => ({ kind, message }));
}

/** What a signed record says it is, nothing of it verified. */
export function kindOfRecord(jws: string): 'receipt' | 'event' | undefined {
  try {
    const { typ } = decodeProtectedHeader(jws);
    return typ === TYP.receipt ? 'receipt' : typ === TYP.event ? 'event' : undefined;
  } catch {
    return undefined;
  }
}

async function verifiedBody(
  text: string,
  typ: string,
  pem: string | undefined,
): Promise<Outcome<Uint8Array>> {
  if (pem === undefined) return refused('E_SIGNATURE_KEY', 'the receiver is not enrolled');
  try {
    const header = decodeProtectedHeader(text);
    if (header.typ !== typ) return refused('E_SIGNATURE_ALGORITHM', `typ ${String(header.typ)}, not ${typ}`);
    const key = await keyNamed(header.kid, pem);
    if (key === undefined) {
      return refused('E_SIGNATURE_KEY', "kid is not the thumbprint of the receiver's key");
    }
    const algorithm = key.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256';
    return accepted((await compactVerify(text, key, { algorithms: [algorithm] })).payload);
  } catch (error) {
    return refused('E_SIGNATURE_INVALID', messageOf(error));
  }
}

/** The key of that thumbprint among a receiver's certificates: what it signed before a renewal may come after it. */
async function keyNamed(kid: string | undefined, pem: string): Promise<KeyObject | undefined> {
  for (const block of pemBlocks(pem)) {
    const key = new X509Certificate(block).publicKey;
    if (kid === (await calculateJwkThumbprint(await exportJWK(key)))) return key;
  }
  return undefined;
}

function tagged<M extends { receiver: string }>(
  bytes: Uint8Array,
  receiver: string,
  schema: z.ZodType<M>,
  tag: (message: M) => UpMessage,
): Outcome<UpMessage> {
  const json = parseStrictJson(bytes);
  if (!json.ok) return json;
  const parsed = schema.safeParse(json.value);
  if (!parsed.success) return refused('E_MESSAGE_SCHEMA', firstIssue(parsed.error));
  if (parsed.data.receiver !== receiver) {
    return refused('E_MESSAGE_SCHEMA', `says ${parsed.data.receiver} on the topic of ${receiver}`);
  }
  return accepted(tag(parsed.data));
}

function isUpKind(kind: string): kind is UpKind {
  return Object.hasOwn(upSchemas, kind);
}
