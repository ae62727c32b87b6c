import { createHash } from 'node:crypto';
import { compactVerify } from 'jose/jws/compact/verify';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { checkShownChain } from '../../../certs/certificate-chain.js';
import type { DeviceSigner } from '../../../certs/identity.js';
import { signMessage, TYP } from '../../../protocols/signed-message.js';
import { parseStrictJson } from '../../../protocols/strict-json.js';
import { codeOf, messageOf, refused, accepted, type Outcome } from '../../core/errors.js';
import {
  acceptanceFile,
  acceptanceRecord,
  type AcceptanceFile,
  type AcceptanceRecord,
} from './acceptance-record.js';

/** Longest file that is looked at, bytes. */
export const ACCEPTANCE_LIMIT_BYTES = 131_072;

/** Signs a record with the device's key. @throws ZodError where the record is not one: a fault of the caller */
export async function signAcceptance(
  record: AcceptanceRecord,
  signer: DeviceSigner,
  certificatePem: string,
): Promise<AcceptanceFile> {
  const jws = await signMessage(acceptanceRecord.parse(record), TYP.acceptance, signer);
  return { jws, certificatePem };
}

/** SHA-256 of a compact JWS, hexadecimal: what the printed page and the event name. */
export function acceptanceDigest(jws: string): string {
  return createHash('sha256').update(jws).digest('hex');
}

/** A record whose signature holds. */
export interface VerifiedAcceptance {
  readonly record: AcceptanceRecord;
  readonly digest: string;
  /** SHA-256 of the certificate that confirms it, hexadecimal. */
  readonly fingerprint: string;
}

/**
 * Verifies a record: form, that an authority of the province has issued its certificate, that this is of the receiver named and was
 * valid at the time named, and the signature.
 * @param text the file
 * @param anchorsPem whose certificates are believed
 */
export async function verifyAcceptance(
  text: string,
  anchorsPem: string,
): Promise<Outcome<VerifiedAcceptance>> {
  if (Buffer.byteLength(text) > ACCEPTANCE_LIMIT_BYTES)
    return refused('E_MESSAGE_SIZE', 'the file is too long');
  const json = parseStrictJson(Buffer.from(text));
  const file = json.ok ? acceptanceFile.safeParse(json.value) : undefined;
  if (file?.success !== true) return refused('E_MESSAGE_GARBAGE', 'not a record of loa accept');
  const { jws, certificatePem } = file.data;
  try {
    const { leaf, receiverId } = checkShownChain(certificatePem, anchorsPem);
    const key = leaf.publicKey;
    const { kid, typ } = decodeProtectedHeader(jws);
    if (typ !== TYP.acceptance) return refused('E_SIGNATURE_ALGORITHM', `typ ${String(typ).slice(0, 40)}`);
    if (kid !== (await calculateJwkThumbprint(key.export({ format: 'jwk' }))))
      return refused('E_SIGNATURE_KEY', 'signed with a key that its certificate does not name');
    const algorithm = key.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256';
    const { payload } = await verifiedJws(jws, key, algorithm);
    const inside = parseStrictJson(payload);
    const record = inside.ok ? acceptanceRecord.safeParse(inside.value) : undefined;
    if (record?.success !== true) return refused('E_MESSAGE_SCHEMA', 'what is signed is no record');
    if (record.data.receiver !== receiverId)
      return refused('E_SIGNATURE_KEY', `${record.data.receiver} is named, ${receiverId} has signed`);
    const atMs = Date.parse(record.data.at);
    if (atMs < Date.parse(leaf.validFrom) || atMs > Date.parse(leaf.validTo))
      return refused('E_IDENTITY_EXPIRED', 'its certificate was not valid at the time named');
    const fingerprint = createHash('sha256').update(leaf.raw).digest('hex');
    return accepted({ record: record.data, digest: acceptanceDigest(jws), fingerprint });
  } catch (error) {
    const code = codeOf(error);
    return refused(code === 'E_INTERNAL' ? 'E_SIGNATURE_INVALID' : code, messageOf(error).slice(0, 200));
  }
}

async function verifiedJws(jws: string, key: Parameters<typeof compactVerify>[1], algorithm: string) {
  const signature = jws.slice(jws.lastIndexOf('.') + 1);
  // One signature, one spelling: unused bits of its last character mean nothing (RFC 4648, 3.5).
  if (Buffer.from(signature, 'base64url').toString('base64url') !== signature)
    throw new Error('the signature is spelt in another way');
  return compactVerify(jws, key, { algorithms: [algorithm] });
}
