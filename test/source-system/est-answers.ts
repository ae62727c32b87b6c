import { X509Certificate } from 'node:crypto';
import { der, oid, TAG } from './der.js';

/** A certs-only PKCS#7 (RFC 5652, 5; RFC 7030, 4.1.3), base64 without line ends (RFC 8951, 3.1). */
export function certsOnly(certificatesPem: readonly string[]): string {
  const certificates = certificatesPem.map((pem) => new X509Certificate(pem).raw);
  const signedData = der(
    TAG.sequence,
    der(TAG.integer, Buffer.from([1])),
    der(TAG.set),
    der(TAG.sequence, oid('1.2.840.113549.1.7.1')),
    der(TAG.explicit0, ...certificates),
    der(TAG.set),
  );
  const content = der(TAG.sequence, oid('1.2.840.113549.1.7.2'), der(TAG.explicit0, signedData));
  return content.toString('base64');
}

/** What /csrattrs may demand (RFC 7030, 4.5.2), base64. */
export function csrAttributes(demand: 'ec-p256' | 'rsa-2048' | 'rsa-1024' | 'ec-p384'): string {
  const [kind, size] = demand.split('-') as ['ec' | 'rsa', string];
  const algorithm = kind === 'rsa' ? oid('1.2.840.113549.1.1.1') : oid('1.2.840.10045.2.1');
  const value =
    kind === 'ec'
      ? oid(size === 'p256' ? '1.2.840.10045.3.1.7' : '1.3.132.0.34')
      : der(TAG.integer, Buffer.from([Number(size) >> 8, Number(size) & 0xff]));
  return der(TAG.sequence, der(TAG.sequence, algorithm, der(TAG.set, value))).toString('base64');
}

/** The PEM certificates of a text, each by itself. */
export function pemBlocks(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? [];
}
