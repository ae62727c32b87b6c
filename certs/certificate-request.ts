import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import type { DeviceAlgorithm, DeviceKey } from './device-key.js';

/** The name of a receiver in the subjectAltName of its request. */
export function receiverUri(receiverId: string): string {
  return `urn:loa:receiver:${receiverId}`;
}

const SIGNATURE_OIDS: Record<DeviceAlgorithm, string> = {
  ES256: '1.2.840.10045.4.3.2', // ecdsa-with-SHA256, RFC 5758, 3.2
  RS256: '1.2.840.113549.1.1.11', // sha256WithRSAEncryption, RFC 4055, 5
  EdDSA: '1.3.101.112', // id-Ed25519, RFC 8410, 3
};
const COMMON_NAME = '2.5.4.3';
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'; // RFC 2985, 5.4.2
const SUBJECT_ALT_NAME = '2.5.29.17';
const URI_TAG = 6; // GeneralName, uniformResourceIdentifier, RFC 5280, 4.2.1.6
const UTF8_STRING = 12;

/**
 * A certificate request (PKCS#10, RFC 2986) for a receiver: CN = its id, subjectAltName = its URN. node-forge
 * writes the ASN.1 (loaded here, once); node:crypto signs, since forge has no elliptic curves.
 * @returns PEM
 */
export async function certificateRequest(receiverId: string, deviceKey: DeviceKey): Promise<string> {
  const { asn1 } = (await import('node-forge')).default;
  const { Class, Type } = asn1;
  type Node = ReturnType<typeof asn1.create>;
  const node = (type: number, value: string | Node[]): Node =>
    asn1.create(Class.UNIVERSAL, type, typeof value !== 'string', value);
  const sequence = (...inner: Node[]): Node => node(Type.SEQUENCE, inner);
  const set = (...inner: Node[]): Node => node(Type.SET, inner);
  const oid = (dotted: string): Node => node(Type.OID, asn1.oidToDer(dotted).getBytes());

  const uri = asn1.create(Class.CONTEXT_SPECIFIC, URI_TAG, false, receiverUri(receiverId));
  const altName = asn1.toDer(sequence(uri)).getBytes();
  const extensions = sequence(sequence(oid(SUBJECT_ALT_NAME), node(Type.OCTETSTRING, altName)));
  const info = sequence(
    node(Type.INTEGER, '\0'),
    sequence(set(sequence(oid(COMMON_NAME), node(UTF8_STRING, receiverId)))),
    asn1.fromDer(publicKeyDer(deviceKey.key)),
    asn1.create(Class.CONTEXT_SPECIFIC, 0, true, [sequence(oid(EXTENSION_REQUEST), set(extensions))]),
  );
  const infoDer = Buffer.from(asn1.toDer(info).getBytes(), 'latin1');
  const digest = deviceKey.algorithm === 'EdDSA' ? null : 'sha256';
  const signature = sign(digest, infoDer, deviceKey.key).toString('latin1');
  const algorithm = [oid(SIGNATURE_OIDS[deviceKey.algorithm])];
  // RFC 4055, 5: RSA's parameters are NULL; those of the others are absent.
  if (deviceKey.algorithm === 'RS256') algorithm.push(node(Type.NULL, ''));
  const request = sequence(info, sequence(...algorithm), node(Type.BITSTRING, `\0${signature}`));
  return pem('CERTIFICATE REQUEST', asn1.toDer(request).getBytes());
}

function publicKeyDer(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('latin1');
}

function pem(label: string, der: string): string {
  const lines =
    Buffer.from(der, 'latin1')
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
