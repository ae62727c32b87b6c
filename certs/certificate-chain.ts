import { X509Certificate, type KeyObject } from 'node:crypto';
import { LoaError, type ErrorCode, type ErrorFields } from '../agent/core/errors.js';
import { instant } from '../agent/core/clock.js';
import { identifier } from '../protocols/messages/common.js';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'; // RFC 5280, 4.2.1.12
const ANY_USAGE = '2.5.29.37.0';
const MOST_CERTIFICATES = 16;

/** A device's certificate, those between it and an anchor, and the anchor. */
export interface CertificateChain {
  readonly receiverId: string;
  readonly leaf: X509Certificate;
  /** From the leaf to the anchor. */
  readonly path: readonly X509Certificate[];
  readonly anchors: readonly X509Certificate[];
}

/**
 * Checks all of a device's certificate but its time: form, key, name, issuer. Signatures are verified here, because
 * a province's broker that refuses the handshake tells nothing that helps a technician.
 * @param chainPem the device's certificate first (RFC 8446, 4.4.2)
 * @param key the device's private key
 * @throws LoaError `E_IDENTITY_CERTIFICATE`, `E_IDENTITY_FOREIGN`
 */
export function checkChain(chainPem: string, anchorsPem: string, key: KeyObject): CertificateChain {
  const [leaf, ...between] = certificatesOf(chainPem, 'device.crt');
  const anchors = certificatesOf(anchorsPem, 'anchors.pem');
  if (leaf === undefined) throw broken('device.crt holds no certificate');
  if (anchors.length === 0) throw broken('anchors.pem holds no certificate');
  if (!leaf.checkPrivateKey(key)) throw broken('the certificate is for another key');
  const receiverId = commonNameOf(leaf);
  // Undefined where the extension is absent, whatever the declaration says.
  const usage = leaf.keyUsage as string[] | undefined;
  if (usage !== undefined && !usage.includes(CLIENT_AUTH) && !usage.includes(ANY_USAGE)) {
    throw broken('its extended key usage does not allow TLS clients');
  }
  return { receiverId, leaf, path: pathOf(leaf, between, anchors), anchors };
}

/**
 * Like {@link checkChain}, for a certificate that somebody shows: its key is elsewhere.
 * @throws LoaError `E_IDENTITY_CERTIFICATE`, `E_IDENTITY_FOREIGN`
 */
export function checkShownChain(chainPem: string, anchorsPem: string): CertificateChain {
  const [leaf, ...between] = certificatesOf(chainPem, 'the certificate shown');
  const anchors = certificatesOf(anchorsPem, 'the authorities');
  if (leaf === undefined) throw broken('no certificate is shown');
  return { receiverId: commonNameOf(leaf), leaf, path: pathOf(leaf, between, anchors), anchors };
}

/**
 * Checks that every certificate of a chain is in its validity.
 * @throws LoaError `E_IDENTITY_EXPIRED` with the name and both dates
 */
export function checkValidity(chain: CertificateChain, nowMs: number): void {
  for (const certificate of chain.path) {
    const notBeforeMs = Date.parse(certificate.validFrom);
    const notAfterMs = Date.parse(certificate.validTo);
    if (nowMs >= notBeforeMs && nowMs <= notAfterMs) continue;
    const fields = {
      subject: oneLine(certificate.subject),
      notBefore: instant(notBeforeMs),
      notAfter: instant(notAfterMs),
      now: instant(nowMs),
    };
    const what =
      nowMs < notBeforeMs ? `not valid before ${fields.notBefore}` : `expired at ${fields.notAfter}`;
    throw new LoaError('E_IDENTITY_EXPIRED', `${fields.subject}: ${what}; it is ${fields.now}`, { fields });
  }
}

/**
 * The certificates of a PEM text; text around them is passed over.
 * @throws LoaError `E_IDENTITY_CERTIFICATE` where one cannot be read or they are more than 16
 */
export function certificatesOf(pem: string, name: string): X509Certificate[] {
  const begun = pem.split('-----BEGIN CERTIFICATE-----').length - 1;
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (begun !== blocks.length) throw broken(`${name} is cut off or damaged`);
  if (begun > MOST_CERTIFICATES) throw broken(`${name} holds more than ${MOST_CERTIFICATES} certificates`);
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw broken(`${name} is damaged`, {}, cause);
    }
  });
}

function commonNameOf(leaf: X509Certificate): string {
  // An array where there are several; node:tls's own form of a subject.
  const names = leaf.toLegacyObject().subject as { CN?: string | string[] } | undefined;
  const name = names?.CN;
  if (Array.isArray(name)) throw broken('the certificate has several common names');
  if (name === undefined || !identifier.safeParse(name).success) {
    throw broken('the common name of the certificate is not a receiver id');
  }
  return name;
}

/** A chain of signatures from the leaf to an anchor; each issuer must be a certificate authority. */
function pathOf(
  leaf: X509Certificate,
  between: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
): X509Certificate[] {
  const path = [leaf];
  while (path.length <= MOST_CERTIFICATES) {
    const last = path.at(-1) ?? leaf;
    const anchor = anchors.find((one) => issuedBy(one, last));
    if (anchor !== undefined) return [...path, anchor];
    const next = between.find((one) => !path.includes(one) && issuedBy(one, last));
    if (next === undefined) break;
    path.push(next);
  }
  throw fault('E_IDENTITY_FOREIGN', 'the certificate was not issued by an anchor', {
    issuer: oneLine(path.at(-1)?.issuer ?? ''),
    anchors: anchors
      .map(({ subject }) => oneLine(subject))
      .join('; ')
      .slice(0, 300),
  });
}

/** True where `issuer` is an authority and its key has signed the certificate. */
export function issuedBy(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ').slice(0, 200);
}

function broken(detail: string, fields: ErrorFields = {}, cause?: unknown): LoaError {
  return fault('E_IDENTITY_CERTIFICATE', detail, fields, cause);
}

function fault(code: ErrorCode, detail: string, fields: ErrorFields, cause?: unknown): LoaError {
  return new LoaError(code, detail, { cause, fields });
}
