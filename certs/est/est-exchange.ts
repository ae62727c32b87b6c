import { request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { ConnectionOptions } from 'node:tls';
import { LoaError, messageOf } from '../../agent/core/errors.js';

const LARGEST_BYTES = 256 * 1024;
const EXCHANGE_MS = 30_000;

/** One question to an EST server. */
export interface EstQuestion {
  /** Base of the operations: ends with `/.well-known/est` or a label below it. */
  readonly base: URL;
  readonly operation: 'cacerts' | 'csrattrs' | 'simpleenroll' | 'simplereenroll';
  readonly tls: ConnectionOptions;
  /** Base64 of a DER request (RFC 8951, 3.1); with it the method is POST. */
  readonly body?: string;
  /** Value of the Authorization header. Never logged. */
  readonly authorization?: string;
  /** For the whole exchange; 30 s by default. */
  readonly limitMs?: number;
}

/** What came back, of at most 256 KiB. */
export interface EstAnswer {
  readonly status: number;
  /** Lower case, without parameters. */
  readonly contentType: string;
  /** Parameters of the content type, lower case. */
  readonly typeParameters: string;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/**
 * The base of EST operations for an address that a person gave (RFC 7030, 3.2.2).
 * @throws LoaError `E_USAGE` where it is not https, or has a query, a user, or another path
 */
export function estBase(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const fits =
    url?.protocol === 'https:' &&
    url.search === '' &&
    url.hash === '' &&
    `${url.username}${url.password}` === '';
  const path = url?.pathname.replace(/\/+$/, '') ?? '';
  if (url === undefined || !fits || !/^(?:\/\.well-known\/est(?:\/[A-Za-z0-9._~-]+)?)?$/.test(path)) {
    throw new LoaError('E_USAGE', `not the https address of an EST server: ${text.slice(0, 200)}`);
  }
  url.pathname = path === '' ? '/.well-known/est' : path;
  return url;
}

/**
 * One HTTPS exchange, on a connection of its own; redirects are not followed, since an EST client would have to
 * authenticate anew there (RFC 7030, 3.2.1).
 * @throws LoaError `E_ENROL_CONNECT`, `E_ENROL_TLS`, `E_ENROL_ANSWER` (too large, cut off)
 */
export async function exchange(question: EstQuestion, signal?: AbortSignal): Promise<EstAnswer> {
  const late = AbortSignal.timeout(question.limitMs ?? EXCHANGE_MS);
  const limit = signal === undefined ? late : AbortSignal.any([late, signal]);
  try {
    const response = await send(question, limit);
    const body = await bodyOf(response);
    const [type = '', ...parameters] = (response.headers['content-type'] ?? '').toLowerCase().split(';');
    return {
      status: response.statusCode ?? 0,
      contentType: type.trim(),
      typeParameters: parameters.join(';').replaceAll(' ', ''),
      retryAfter: response.headers['retry-after'],
      body,
    };
  } catch (cause) {
    if (cause instanceof LoaError) throw cause;
    if (limit.aborted) throw new LoaError('E_ENROL_CONNECT', 'no complete answer in time', { cause });
    throw explained(cause);
  }
}

function send(question: EstQuestion, signal: AbortSignal): Promise<IncomingMessage> {
  const { base, operation, body, authorization } = question;
  const options: RequestOptions = {
    ...question.tls,
    agent: false,
    signal,
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      accept: '*/*',
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined
        ? {}
        : {
            'content-type': 'application/pkcs10',
            'content-transfer-encoding': 'base64',
            'content-length': Buffer.byteLength(body),
          }),
    },
  };
  return new Promise((resolve, reject) => {
    const asking = request(new URL(`${base.href}/${operation}`), options, resolve);
    asking.on('error', reject);
    asking.end(body);
  });
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > LARGEST_BYTES) {
      response.destroy();
      throw new LoaError('E_ENROL_ANSWER', `the answer is larger than ${LARGEST_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

/** Node's codes of a TLS failure: those of X.509 verification, and OpenSSL's. */
const TLS_CODES = /CERT|^ERR_TLS_|^ERR_SSL_|^EPROTO$|ISSUER|SIGNATURE|HOSTNAME/;

function explained(cause: unknown): LoaError {
  const code = (cause as { code?: unknown }).code;
  const tls = typeof code === 'string' && TLS_CODES.test(code);
  return new LoaError(tls ? 'E_ENROL_TLS' : 'E_ENROL_CONNECT', messageOf(cause), { cause });
}
