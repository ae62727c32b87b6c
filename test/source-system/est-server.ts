import { createPublicKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../agent/core/clock.js';
import { codeOf, LoaError, messageOf } from '../../agent/core/errors.js';
import type { Log } from '../../agent/core/log.js';
import './reflect-metadata.js';
import * as x509 from '@peculiar/x509';
import type { Identity } from './certificate-authority.js';
import type { EstAdmissions } from './est-admissions.js';
import { certsOnly, csrAttributes, pemBlocks } from './est-answers.js';
import type { EstSigner } from './est-signer.js';

const BODY_LIMIT_BYTES = 64 * 1024;
const BASE = '/.well-known/est/';

/** What an EST server needs. */
export interface EstServerOptions {
  /** Certificate and key of the HTTPS server, of the signer's authority. */
  readonly identity: Identity;
  readonly signer: EstSigner;
  readonly admissions: EstAdmissions;
  readonly clock: Clock;
  readonly log: Log;
  /** Authorities of factory certificates, PEM. */
  readonly factoryAnchorsPem?: string;
  /** What /csrattrs demands; nothing (204) by default. */
  readonly demand?: Parameters<typeof csrAttributes>[0];
  /** Told of every certificate made. */
  readonly onIssued?: (receiverId: string, certificatePem: string) => Promise<void>;
  readonly host?: string;
  readonly port?: number;
}

/** What an EST server is given anew while its authority changes. */
export interface EstRotation {
  readonly identity: Identity;
  readonly signer: EstSigner;
  /** What /cacerts answers: anchors, and the certificates by which one vouches for the other. */
  readonly caCertificatesPem: readonly string[];
  /** Whose receivers may renew. */
  readonly clientAnchorsPem: readonly string[];
}

/** An answer of the server. */
interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * EST (RFC 7030) over HTTPS: /cacerts, /csrattrs, /simpleenroll by token or factory certificate, /simplereenroll by the
 * receiver's own certificate, expired or not, as the province's lists allow. Answers are base64 without line ends, with
 * a Content-Length, which strongSwan's client wants.
 */
export class EstServer {
  readonly #server: Server;
  readonly #options: EstServerOptions;
  #rotation: EstRotation;
  /** How many requests are still to be answered with 202, and for how long each is put off. */
  #pending = { count: 0, retryAfterS: 1 };
  /** Every request in order: operation and status. */
  readonly answered: { readonly operation: string; readonly status: number }[] = [];

  private constructor(server: Server, options: EstServerOptions) {
    this.#server = server;
    this.#options = options;
    const { identity, signer } = options;
    const own = [signer.anchorPem];
    this.#rotation = { identity, signer, caCertificatesPem: own, clientAnchorsPem: own };
  }

  /** Starts listening. */
  static async start(options: EstServerOptions): Promise<EstServer> {
    const server = createServer({
      key: options.identity.keyPem,
      cert: options.identity.certificatePem,
      ca: [options.signer.anchorPem, ...pemBlocks(options.factoryAnchorsPem ?? '')],
      requestCert: true,
      // Judged in #peer: an expired certificate may be enough, and a token needs none.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
    });
    server.requestTimeout = 10_000;
    server.maxConnections = 64;
    const est = new EstServer(server, options);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void est.#serve(request, response);
    });
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    await once(server, 'listening');
    return est;
  }

  /** Its address, for `enrolment.url`. */
  get url(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Answers the next so many requests with 202, as an authority that a person watches. */
  hold(count: number, retryAfterS = 1): void {
    this.#pending = { count, retryAfterS };
  }

  /** Another certificate, signer or set of anchors, from the next connection on. */
  rotate(changes: Partial<EstRotation>): void {
    this.#rotation = { ...this.#rotation, ...changes };
    const { identity, clientAnchorsPem } = this.#rotation;
    this.#server.setSecureContext({
      key: identity.keyPem,
      cert: identity.certificatePem,
      ca: [...clientAnchorsPem, ...pemBlocks(this.#options.factoryAnchorsPem ?? '')],
      minVersion: 'TLSv1.2',
    });
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.closeAllConnections();
    this.#server.close();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const operation = path.startsWith(BASE) ? path.slice(BASE.length) : path;
    let answer: Answer;
    try {
      answer = await this.#answer(`${request.method ?? ''} ${operation}`, request);
    } catch (error) {
      this.#options.log.warn({ operation, code: codeOf(error), error: messageOf(error) }, 'est: not issued');
      answer = { status: 400, type: 'text/plain', body: 'the request cannot be signed' };
    }
    this.answered.push({ operation, status: answer.status });
    if (this.answered.length > 1_000) this.answered.shift();
    const body = Buffer.from(answer.body ?? '');
    response.writeHead(answer.status, {
      ...(answer.type === undefined ? {} : { 'Content-Type': answer.type }),
      ...(answer.status === 204 ? {} : { 'Content-Length': body.length }),
      ...answer.headers,
    });
    response.end(body);
  }

  async #answer(route: string, request: IncomingMessage): Promise<Answer> {
    const { demand } = this.#options;
    switch (route) {
      case 'GET cacerts':
        return pkcs7(this.#rotation.caCertificatesPem, 'application/pkcs7-mime');
      case 'GET csrattrs':
        return demand === undefined
          ? { status: 204 }
          : { status: 200, type: 'application/csrattrs', body: csrAttributes(demand) };
      case 'POST simpleenroll':
        return this.#enrol(request);
      case 'POST simplereenroll':
        return this.#reenrol(request);
      default:
        return { status: 404, type: 'text/plain', body: 'no such operation' };
    }
  }

  async #enrol(request: IncomingMessage): Promise<Answer> {
    const csr = await csrOf(request);
    const receiverId = nameOf(csr);
    const certificate = this.#peer(request);
    const byFactory =
      certificate !== undefined &&
      this.#options.admissions.factoryReceiver(certificate.certificate) === receiverId;
    if (!byFactory) {
      const [name, token] = basicOf(request.headers.authorization);
      if (name === undefined || token === undefined) return unauthorised('who are you?');
      const key = Buffer.from(csr.publicKey.rawData);
      if (name !== receiverId || !(await this.#options.admissions.useToken(name, token, key)))
        return unauthorised('not that token');
    }
    return this.#issue(csr, receiverId);
  }

  async #reenrol(request: IncomingMessage): Promise<Answer> {
    const csr = await csrOf(request);
    const peer = this.#peer(request);
    if (peer === undefined) return { status: 403, type: 'text/plain', body: 'no certificate of ours' };
    const receiverId = /^CN=(.+)$/m.exec(peer.certificate.subject)?.[1] ?? '';
    // RFC 7030, 4.2.2: the subject must be the certificate's.
    const own = nameOf(csr) === receiverId && peer.issuedHere;
    if (!own || !this.#options.admissions.mayRenew(receiverId, peer.expired))
      return { status: 403, type: 'text/plain', body: 'not on the list' };
    return this.#issue(csr, receiverId);
  }

  async #issue(csr: x509.Pkcs10CertificateRequest, receiverId: string): Promise<Answer> {
    if (this.#pending.count > 0) {
      this.#pending.count -= 1;
      return { status: 202, headers: { 'Retry-After': String(this.#pending.retryAfterS) } };
    }
    const certificatePem = await this.#rotation.signer.sign(`${csr.toString('pem')}\n`, receiverId);
    await this.#options.onIssued?.(receiverId, certificatePem);
    return pkcs7([certificatePem], 'application/pkcs7-mime; smime-type=certs-only');
  }

  /** The client's certificate where an authority that is known here signed it; TLS has proved that the key is its own. */
  #peer(
    request: IncomingMessage,
  ): { certificate: X509Certificate; issuedHere: boolean; expired: boolean } | undefined {
    const { clock, factoryAnchorsPem = '' } = this.#options;
    const certificate = (request.socket as TLSSocket).getPeerX509Certificate();
    if (certificate === undefined) return undefined;
    const signedBy = (pem: string): boolean => {
      const anchor = new X509Certificate(pem);
      return certificate.checkIssued(anchor) && certificate.verify(anchor.publicKey);
    };
    const issuedHere = this.#rotation.clientAnchorsPem.some(signedBy);
    if (!issuedHere && !pemBlocks(factoryAnchorsPem).some(signedBy)) return undefined;
    const nowMs = clock.nowMs();
    if (nowMs < Date.parse(certificate.validFrom)) return undefined;
    return { certificate, issuedHere, expired: nowMs > Date.parse(certificate.validTo) };
  }
}

async function csrOf(request: IncomingMessage): Promise<x509.Pkcs10CertificateRequest> {
  if (!/^application\/pkcs10\b/.test(request.headers['content-type'] ?? ''))
    throw new LoaError('E_IDENTITY_CERTIFICATE', 'the content type is not application/pkcs10');
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT_BYTES) throw new LoaError('E_IDENTITY_CERTIFICATE', 'the request is too long');
    chunks.push(chunk);
  }
  const csr = new x509.Pkcs10CertificateRequest(
    Buffer.from(Buffer.concat(chunks).toString('latin1'), 'base64'),
  );
  if (!(await csr.verify()))
    throw new LoaError('E_IDENTITY_CERTIFICATE', 'the signature of the CSR does not hold');
  createPublicKey({ key: Buffer.from(csr.publicKey.rawData), format: 'der', type: 'spki' });
  return csr;
}

function nameOf(csr: x509.Pkcs10CertificateRequest): string {
  const names = csr.subjectName.getField('CN');
  return names.length === 1 ? (names[0] ?? '') : '';
}

function basicOf(header: string | undefined): [string | undefined, string | undefined] {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/.exec(header ?? '') ?? [];
  if (encoded === undefined) return [undefined, undefined];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const at = text.indexOf(':');
  return at < 0 ? [undefined, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function unauthorised(body: string): Answer {
  return { status: 401, type: 'text/plain', body, headers: { 'WWW-Authenticate': 'Basic realm="est"' } };
}

function pkcs7(certificatesPem: readonly string[], type: string): Answer {
  return {
    status: 200,
    type,
    body: certsOnly(certificatesPem),
    headers: { 'Content-Transfer-Encoding': 'base64' },
  };
}
