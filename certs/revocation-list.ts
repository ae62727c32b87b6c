import { verify, type X509Certificate } from 'node:crypto';
import { LoaError, type ErrorFields } from '../agent/core/errors.js';

/** Largest list that is read, bytes: some 25,000 certificates. */
export const REVOCATION_LIMIT_BYTES = 1_048_576;

/** A revocation list (RFC 5280, 5) whose signature holds. */
export interface RevocationList {
  /** SHA-256 of the certificate that signed it, as node:tls prints it. */
  readonly issuer: string;
  readonly thisUpdateMs: number;
  /** Infinity where it names none. */
  readonly nextUpdateMs: number;
  /** Serial numbers, upper-case hexadecimal without leading zeros. */
  readonly serials: ReadonlySet<string>;
}

const MOST_LISTS = 16;

/**
 * Reads the lists of a file: one in DER, or any in PEM, as while two authorities are in force. What nobody of `issuers` has
 * signed is passed over where another list holds: the list of an authority to come.
 * @throws LoaError `E_REVOCATION_LIST` where one cannot be read or none holds
 */
export function readRevocationLists(
  bytes: Uint8Array,
  issuers: readonly X509Certificate[],
): { readonly list: RevocationList; readonly pem: string }[] {
  if (bytes.length > REVOCATION_LIMIT_BYTES) throw fault(`${bytes.length} bytes are too many`);
  const texts = bytes[0] === 0x30 ? [] : (Buffer.from(bytes).toString('latin1').match(PEM_LISTS) ?? []);
  if (texts.length > MOST_LISTS) throw fault(`more than ${MOST_LISTS} lists`);
  const ders = texts.length === 0 ? [derOf(bytes)] : texts.map((text) => derOf(Buffer.from(text, 'latin1')));
  const found: { list: RevocationList; pem: string }[] = [];
  let foreign: unknown;
  for (const der of ders) {
    try {
      found.push({ list: readRevocationList(der, issuers), pem: pemOf(der) });
    } catch (error) {
      foreign = error;
      if (!(error instanceof LoaError) || error.fields.foreign !== true) throw error;
    }
  }
  if (found.length === 0) throw foreign;
  return found;
}

const PEM_LISTS = /-----BEGIN X509 CRL-----[A-Za-z0-9+/=\s]+-----END X509 CRL-----/g;

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n`;
}

/**
 * Reads a revocation list and verifies it. Node's own `crl` option is not used: it wants a list of every authority of the
 * chain, and refuses every connection once a list is past its nextUpdate.
 * @param bytes DER or PEM
 * @param issuers whose lists are believed: anchors, and what stands between them and the device
 * @throws LoaError `E_REVOCATION_LIST` where it cannot be read or nobody of `issuers` has signed it
 */
export function readRevocationList(bytes: Uint8Array, issuers: readonly X509Certificate[]): RevocationList {
  if (bytes.length > REVOCATION_LIMIT_BYTES) throw fault(`${bytes.length} bytes are too many`);
  const outer = inside(derOf(bytes), 0x30);
  const [tbs, algorithm, signature] = childrenOf(outer.content);
  if (tbs === undefined || algorithm === undefined || signature?.tag !== 0x03) throw fault('not a list');
  // The outer identifier is not signed: it must repeat the signed one (RFC 5280, 5.1.1.2).
  const repeated = childrenOf(tbs.content).find(({ tag }) => tag === 0x30)?.whole;
  if (repeated?.equals(algorithm.whole) !== true || signature.content[0] !== 0) throw fault('not a list');
  const digest = digestOf(algorithm);
  const signed = signature.content.subarray(1);
  const issuer = issuers.find((one) => holds(digest, tbs.whole, one, signed));
  if (issuer === undefined) throw fault('not signed by an authority that is trusted', { foreign: true });
  return { issuer: issuer.fingerprint256, ...contentOf(tbs.content) };
}

/** RFC 5758 and 8017: the digest that goes with an algorithm's identifier; null for Ed25519. */
function digestOf(algorithm: Node): string | null {
  const [oid] = childrenOf(algorithm.content);
  switch (oid?.content.toString('hex') ?? '') {
    case '2a8648ce3d040302': // ecdsa-with-SHA256
    case '2a864886f70d01010b': // sha256WithRSAEncryption
      return 'sha256';
    case '2a8648ce3d040303': // ecdsa-with-SHA384
    case '2a864886f70d01010c': // sha384WithRSAEncryption
      return 'sha384';
    case '2b6570': // Ed25519
      return null;
    default:
      throw fault('signed by an algorithm that is not taken');
  }
}

function holds(digest: string | null, signed: Buffer, issuer: X509Certificate, signature: Buffer): boolean {
  try {
    return issuer.ca && verify(digest, signed, issuer.publicKey, signature);
  } catch {
    // A key of another kind than the signature's.
    return false;
  }
}

function contentOf(tbs: Buffer): Omit<RevocationList, 'issuer'> {
  const parts = childrenOf(tbs);
  // version is there or not; then algorithm, issuer, thisUpdate, nextUpdate and revokedCertificates, the last two optional.
  const times = parts.filter(({ tag }) => tag === 0x17 || tag === 0x18).map(timeOf);
  const [thisUpdateMs, nextUpdateMs = Infinity] = times;
  if (thisUpdateMs === undefined) throw fault('it has no date');
  const lastTime = parts.findLastIndex(({ tag }) => tag === 0x17 || tag === 0x18);
  const revoked = parts[lastTime + 1];
  const entries = revoked?.tag === 0x30 ? childrenOf(revoked.content) : [];
  const serials = entries.map(({ content }) => serialOf(childrenOf(content)[0]));
  return { thisUpdateMs, nextUpdateMs, serials: new Set(serials) };
}

function serialOf(node: Node | undefined): string {
  if (node?.tag !== 0x02) throw fault('an entry without a serial number');
  return plainSerial(node.content.toString('hex'));
}

/** A serial number as it is compared: upper case, without leading zeros. */
export function plainSerial(hex: string): string {
  return hex.toUpperCase().replace(/^0+(?=.)/, '');
}

/** RFC 5280, 5.1.2.4: UTCTime until 2049, GeneralizedTime afterwards; both in UTC with seconds. */
function timeOf({ tag, content }: Node): number {
  const text = content.toString('latin1');
  const full = tag === 0x18 ? text : `${Number(text.slice(0, 2)) >= 50 ? '19' : '20'}${text}`;
  const ms = Date.parse(full.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!Number.isFinite(ms)) throw fault('a date that cannot be read');
  return ms;
}

interface Node {
  readonly tag: number;
  readonly content: Buffer;
  /** With its tag and length. */
  readonly whole: Buffer;
}

function inside(der: Buffer, tag: number): Node {
  const node = nodeAt(der, 0);
  if (node.tag !== tag || node.whole.length !== der.length) throw fault('not a list');
  return node;
}

function childrenOf(content: Buffer): Node[] {
  const nodes: Node[] = [];
  for (let at = 0; at < content.length;) {
    const node = nodeAt(content, at);
    nodes.push(node);
    at += node.whole.length;
  }
  return nodes;
}

/** One element of DER (X.690, 8.1): one byte of tag, a length of at most three bytes. */
function nodeAt(der: Buffer, at: number): Node {
  const tag = der[at];
  const first = der[at + 1];
  if (tag === undefined || first === undefined) throw fault('cut off');
  const more = first < 0x80 ? 0 : first - 0x80;
  if (more > 3 || first === 0x80 || at + 2 + more > der.length) throw fault('a length that is not taken');
  const length = more === 0 ? first : der.readUIntBE(at + 2, more);
  const begin = at + 2 + more;
  if (begin + length > der.length) throw fault('cut off');
  return { tag, content: der.subarray(begin, begin + length), whole: der.subarray(at, begin + length) };
}

function derOf(bytes: Uint8Array): Buffer {
  const buffer = Buffer.from(bytes);
  if (buffer[0] === 0x30) return buffer;
  const found = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/.exec(
    buffer.toString('latin1'),
  );
  if (found?.[1] === undefined) throw fault('neither DER nor PEM');
  return Buffer.from(found[1], 'base64');
}

function fault(reason: string, fields: ErrorFields = {}): LoaError {
  return new LoaError('E_REVOCATION_LIST', `revocation list: ${reason}`, { fields });
}
