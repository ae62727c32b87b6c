import { X509Certificate } from 'node:crypto';
import { LoaError } from '../../agent/core/errors.js';

const SIGNED_DATA = '1.2.840.113549.1.7.2'; // RFC 5652, 5.1
const MOST_CERTIFICATES = 16;

/**
 * The certificates of a certs-only answer: base64 of a PKCS#7 SignedData without signers (RFC 7030, 4.1.3; RFC 5652).
 * node-forge is loaded here; it reads the ASN.1 alone, since it knows no elliptic curves.
 * @throws LoaError `E_ENROL_ANSWER`
 */
export async function certificatesOfPkcs7(base64: string): Promise<X509Certificate[]> {
  const { asn1 } = (await import('node-forge')).default;
  try {
    const der = derOf(base64);
    const content = asn1.fromDer(der, true);
    const [type, wrapped] = nodes(content);
    if (type === undefined || asn1.derToOid(type.value as string) !== SIGNED_DATA)
      throw new Error('not SignedData');
    const [signedData] = nodes(wrapped);
    const set = nodes(signedData).find(
      (one) => one.tagClass === asn1.Class.CONTEXT_SPECIFIC && +one.type === 0,
    );
    const certificates = nodes(set);
    if (certificates.length === 0 || certificates.length > MOST_CERTIFICATES)
      throw new Error(`${certificates.length} certificates`);
    return certificates.map((one) => new X509Certificate(Buffer.from(asn1.toDer(one).getBytes(), 'latin1')));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, 120) : 'unknown';
    throw new LoaError('E_ENROL_ANSWER', `not a certs-only PKCS#7: ${reason}`, { cause });
  }
}

/** The bytes of base64 with line ends anywhere (RFC 8951, 3.1), as node-forge wants them. @throws Error */
export function derOf(base64: string): string {
  const text = base64.replaceAll(/[\r\n\t ]/g, '');
  if (text === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new Error('not base64');
  return Buffer.from(text, 'base64').toString('latin1');
}

interface Asn1Node {
  readonly tagClass: number;
  readonly type: number | string;
  readonly value: string | readonly unknown[];
}

function nodes<N extends Asn1Node>(node: N | undefined): N[] {
  return node !== undefined && Array.isArray(node.value) ? (node.value as N[]) : [];
}
