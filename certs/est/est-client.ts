import { createHash, type X509Certificate } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import { LoaError } from '../../agent/core/errors.js';
import type { KeyKind } from '../new-key.js';
import { demandedKey } from './csr-attributes.js';
import { estBase, exchange, type EstAnswer } from './est-exchange.js';
import { certificatesOfPkcs7 } from './pkcs7.js';

/** Least and longest time until a pending request is asked for again, whatever Retry-After says. */
export const RETRY_AFTER_BOUNDS = { leastMs: 1_000, mostMs: 24 * 3_600_000, defaultMs: 60_000 } as const;

/** What the device proves itself with: a one-time token (RFC 7030, 3.2.3) or a certificate (3.3.2). */
export type EstCredentials =
  | { readonly kind: 'token'; readonly receiverId: string; readonly token: string }
  | { readonly kind: 'certificate'; readonly keyPem: string; readonly certificatePem: string };

/** The server's answer to a request: certificates in PEM, or that it has not decided (202). */
export type EnrolAnswer =
  | { readonly kind: 'issued'; readonly certificatesPem: readonly string[] }
  | { readonly kind: 'pending'; readonly retryAfterMs: number };

/**
 * The CA certificates of a server that is not yet trusted, judged by a fingerprint alone (RFC 7030, 4.1.1): nothing
 * is sent but the question, and nothing else of the answer is believed.
 * @param fingerprint SHA-256 of the CA certificate, hexadecimal, colons allowed
 * @returns the anchor, PEM
 * @throws LoaError `E_ENROL_FINGERPRINT`, `E_ENROL_CONNECT`, `E_ENROL_ANSWER`, `E_USAGE`
 */
export async function bootstrapAnchor(url: string, fingerprint: string): Promise<string> {
  const wanted = fingerprint.replaceAll(':', '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(wanted))
    throw new LoaError('E_USAGE', 'the fingerprint is not a SHA-256 in hexadecimal');
  const found = await caCertificates(url, { rejectUnauthorized: false });
  const anchor = found.find((one) => one.ca && createHash('sha256').update(one.raw).digest('hex') === wanted);
  if (anchor !== undefined) return anchor.toString();
  throw new LoaError('E_ENROL_FINGERPRINT', 'no CA certificate of the server has that fingerprint', {
    fields: { wanted, certificates: found.length },
  });
}

async function caCertificates(
  url: string,
  tls: ConnectionOptions,
  signal?: AbortSignal,
): Promise<X509Certificate[]> {
  const answer = await exchange(
    { base: estBase(url), operation: 'cacerts', tls: { minVersion: 'TLSv1.2', ...tls } },
    signal,
  );
  if (answer.status !== 200) throw unexpected(answer, 'cacerts');
  wantType(answer, 'application/pkcs7-mime');
  return certificatesOfPkcs7(answer.body);
}

/** EST (RFC 7030, with base64 as RFC 8951 has it) with a server that the anchors vouch for. */
export class EstClient {
  readonly #url: string;
  readonly #anchorsPem: readonly string[];
  readonly #nowMs: () => number;
  readonly #signal: AbortSignal | undefined;

  /** @throws LoaError `E_USAGE` for an address that is not https */
  constructor(options: {
    readonly url: string;
    readonly anchorsPem: readonly string[];
    /** Wall time, for a Retry-After that is a date. */
    readonly nowMs: () => number;
    /** Ends an exchange under way. */
    readonly signal?: AbortSignal;
  }) {
    estBase(options.url);
    this.#url = options.url;
    this.#anchorsPem = options.anchorsPem;
    this.#nowMs = options.nowMs;
    this.#signal = options.signal;
  }

  /** The CA certificates as the server has them now, PEM. @throws LoaError `E_ENROL_*` */
  async caCertificates(): Promise<string[]> {
    return (await caCertificates(this.#url, this.#tls(), this.#signal)).map(String);
  }

  /** The kind of key that the server demands. @throws LoaError `E_ENROL_*` */
  async demandedKey(): Promise<KeyKind> {
    const answer = await exchange(
      { base: estBase(this.#url), operation: 'csrattrs', tls: this.#tls() },
      this.#signal,
    );
    // RFC 7030, 4.5.2: 204 or 404 mean that there are none.
    if (answer.status === 204 || answer.status === 404) return 'ec-p256';
    if (answer.status !== 200) throw unexpected(answer, 'csrattrs');
    wantType(answer, 'application/csrattrs');
    return demandedKey(answer.body);
  }

  /** First certificate (RFC 7030, 4.2.1). @throws LoaError `E_ENROL_*` */
  async enrol(requestPem: string, credentials: EstCredentials): Promise<EnrolAnswer> {
    return this.#ask('simpleenroll', requestPem, credentials);
  }

  /** A certificate after another (4.2.2); the other may have expired. @throws LoaError `E_ENROL_*` */
  async reenrol(requestPem: string, keyPem: string, certificatePem: string): Promise<EnrolAnswer> {
    return this.#ask('simplereenroll', requestPem, { kind: 'certificate', keyPem, certificatePem });
  }

  async #ask(
    operation: 'simpleenroll' | 'simplereenroll',
    requestPem: string,
    credentials: EstCredentials,
  ): Promise<EnrolAnswer> {
    const question = {
      base: estBase(this.#url),
      operation,
      tls: this.#tls(credentials),
      body: requestPem.replaceAll(/-----[^-]+-----|\s/g, ''),
      ...(credentials.kind === 'token' ? { authorization: basic(credentials) } : {}),
    };
    const answer = await exchange(question, this.#signal);
    if (answer.status === 202) {
      return { kind: 'pending', retryAfterMs: retryAfterMs(answer.retryAfter, this.#nowMs()) };
    }
    if (answer.status !== 200) throw unexpected(answer, operation);
    wantType(answer, 'application/pkcs7-mime');
    // Servers that say nothing of the kind are taken; one that says something else is not.
    if (/smime-type=(?!"?certs-only)/.test(answer.typeParameters)) {
      throw new LoaError('E_ENROL_ANSWER', `not certs-only: ${answer.typeParameters.slice(0, 80)}`);
    }
    const certificates = await certificatesOfPkcs7(answer.body);
    return { kind: 'issued', certificatesPem: certificates.map(String) };
  }

  #tls(credentials?: EstCredentials): ConnectionOptions {
    return {
      minVersion: 'TLSv1.2',
      ca: [...this.#anchorsPem],
      rejectUnauthorized: true,
      ...(credentials?.kind === 'certificate'
        ? { key: credentials.keyPem, cert: credentials.certificatePem }
        : {}),
    };
  }
}

/** Milliseconds of a Retry-After: seconds or a date (RFC 9110, 10.2.3), within {@link RETRY_AFTER_BOUNDS}. */
export function retryAfterMs(value: string | undefined, nowMs: number): number {
  const { leastMs, mostMs, defaultMs } = RETRY_AFTER_BOUNDS;
  if (value === undefined) return defaultMs;
  const asked = /^\d{1,9}$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isFinite(asked) ? Math.min(mostMs, Math.max(leastMs, asked)) : defaultMs;
}

function basic({ receiverId, token }: { receiverId: string; token: string }): string {
  return `Basic ${Buffer.from(`${receiverId}:${token}`, 'utf8').toString('base64')}`;
}

function wantType({ contentType }: EstAnswer, wanted: string): void {
  if (contentType === wanted) return;
  throw new LoaError('E_ENROL_ANSWER', `content type ${contentType.slice(0, 80)}, not ${wanted}`);
}

function unexpected(answer: EstAnswer, operation: string): LoaError {
  const refused = answer.status === 401 || answer.status === 403;
  return new LoaError(
    refused ? 'E_ENROL_REFUSED' : 'E_ENROL_ANSWER',
    `${operation}: status ${answer.status}`,
    {
      fields: { operation, status: answer.status },
    },
  );
}
