import { createPublicKey, X509Certificate } from 'node:crypto';
import { LoaError } from '../../agent/core/errors.js';
import { derOf } from './pkcs7.js';

/**
 * The certificates of an answer as a chain in PEM, the one for the request's key first: a PKCS#7 set has no order.
 * @throws LoaError `E_ENROL_ANSWER` where none is for that key
 */
export async function leafFirst(certificatesPem: readonly string[], requestPem: string): Promise<string> {
  const spki = await requestKey(requestPem);
  const isLeaf = (pem: string): boolean =>
    new X509Certificate(pem).publicKey.export({ format: 'der', type: 'spki' }).equals(spki);
  const leaf = certificatesPem.find(isLeaf);
  if (leaf === undefined) throw new LoaError('E_ENROL_ANSWER', 'no certificate of the answer is for our key');
  return [leaf, ...certificatesPem.filter((pem) => pem !== leaf)].join('');
}

/** SubjectPublicKeyInfo, DER, of a request (RFC 2986, 4.1). */
async function requestKey(requestPem: string): Promise<Buffer> {
  const { asn1 } = (await import('node-forge')).default;
  const request = asn1.fromDer(derOf(requestPem.replaceAll(/-----[^-]+-----/g, '')), true);
  const [info] = request.value as (typeof request)[];
  const key = (info?.value as (typeof request)[])[2];
  if (key === undefined) throw new LoaError('E_ENROL_ANSWER', 'the request holds no key');
  const der = Buffer.from(asn1.toDer(key).getBytes(), 'latin1');
  return createPublicKey({ key: der, format: 'der', type: 'spki' }).export({ format: 'der', type: 'spki' });
}
