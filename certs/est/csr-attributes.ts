import { LoaError } from '../../agent/core/errors.js';
import type { KeyKind } from '../new-key.js';
import { derOf } from './pkcs7.js';

const RSA = '1.2.840.113549.1.1.1'; // RFC 3279, 2.3.1
const EC = '1.2.840.10045.2.1'; // RFC 5480, 2.1.1
const P256 = '1.2.840.10045.3.1.7';
const CHALLENGE_PASSWORD = '1.2.840.113549.1.9.7';

/**
 * The kind of key that a server demands in its answer to /csrattrs (RFC 7030, 4.5.2): an attribute of the key's
 * algorithm with the curve or the number of bits. What it merely hints at beside (names, hash) is passed over.
 * @param base64 the body; empty where the server demands nothing
 * @throws LoaError `E_ENROL_ANSWER` (unreadable), `E_ENROL_DEMAND` (cannot be met)
 */
export async function demandedKey(base64: string): Promise<KeyKind> {
  if (base64.trim() === '') return 'ec-p256';
  const wanted = await attributesOf(base64);
  if (wanted.some(({ oid }) => oid === CHALLENGE_PASSWORD)) {
    // RFC 7030, 3.5: it stands on tls-unique, which TLS 1.3 does not have.
    throw new LoaError('E_ENROL_DEMAND', 'the server demands a request bound to the TLS connection');
  }
  const ec = wanted.find(({ oid }) => oid === EC);
  if (ec !== undefined && (ec.values.length === 0 || ec.values.includes(P256))) return 'ec-p256';
  const rsa = wanted.find(({ oid }) => oid === RSA);
  if (rsa !== undefined) return rsaKind(rsa.values[0]);
  if (ec !== undefined)
    throw new LoaError('E_ENROL_DEMAND', `the server demands curve ${ec.values.join(', ')}`);
  return 'ec-p256';
}

function rsaKind(bits: string | undefined): KeyKind {
  const kind = `rsa-${bits ?? '2048'}`;
  if (kind === 'rsa-2048' || kind === 'rsa-3072' || kind === 'rsa-4096') return kind;
  throw new LoaError('E_ENROL_DEMAND', `the server demands RSA of ${bits ?? '?'} bits`);
}

interface Attribute {
  readonly oid: string;
  /** Object identifiers, dotted, and integers, decimal. */
  readonly values: readonly string[];
}

async function attributesOf(base64: string): Promise<Attribute[]> {
  const { asn1 } = (await import('node-forge')).default;
  type Node = ReturnType<typeof asn1.create>;
  const inner = (node: Node | undefined): Node[] =>
    node !== undefined && Array.isArray(node.value) ? node.value : [];
  const text = (node: Node): string => {
    if (node.type === asn1.Type.OID) return asn1.derToOid(node.value as string);
    return node.type === asn1.Type.INTEGER
      ? String(asn1.derToInteger(node.value as string))
      : 'something unknown';
  };
  try {
    const content = asn1.fromDer(derOf(base64), true);
    if (content.type !== asn1.Type.SEQUENCE) throw new Error('not a sequence');
    return inner(content).map((node) => {
      if (node.type === asn1.Type.OID) return { oid: text(node), values: [] };
      const [type, values] = inner(node);
      if (type === undefined || type.type !== asn1.Type.OID) throw new Error('not an attribute');
      return { oid: text(type), values: inner(values).map(text) };
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, 120) : 'unknown';
    throw new LoaError('E_ENROL_ANSWER', `unreadable /csrattrs: ${reason}`, { cause });
  }
}
