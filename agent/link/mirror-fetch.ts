import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { ConnectionOptions } from 'node:tls';
import { messageOf, type Refusal } from '../core/errors.js';

/** How the mirror is reached. */
export interface MirrorAccess {
  /** `https://host[:port][/path]`; files stand below it. */
  readonly url: string;
  /** Anchors that the server's certificate must lead to, PEM. */
  readonly anchorsPem: readonly string[];
  /** Node's own check of the host's name where left out. */
  readonly checkServerIdentity?: ConnectionOptions['checkServerIdentity'];
  /** Longest document, bytes. */
  readonly limitBytes: number;
  /** Longest time for one document, from the first packet to its last byte, milliseconds. */
  readonly timeoutMs: number;
}

/**
 * What the mirror said to one question. `odd`: something that is no document (redirected, too long, encoded); the others
 * may still be right. `failed`: no use in asking on.
 */
export type MirrorAnswer =
  | { readonly kind: 'document'; readonly bytes: Uint8Array; readonly etag: string | undefined }
  | { readonly kind: 'same' | 'absent' }
  | { readonly kind: 'odd'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: Refusal; readonly retryAfterMs?: number };

/** Asks for the file at a path; what was already had is named by its ETag. Never rejects. */
export type MirrorFetch = (path: string, etag: string | undefined) => Promise<MirrorAnswer>;

const HTTP_OK = 200;
const NOT_MODIFIED = 304;
const ABSENT: readonly number[] = [403, 404, 410];
const BUSY: readonly number[] = [429, 503];
/** A validator that may stand in a header again (RFC 9110, 8.8.3). */
const ETAG = /^(?:W\/)?"[\x21\x23-\x7e]{0,200}"$/;

/**
 * One connection for the questions of a round (HTTP/1.1, kept alive), no client certificate, no redirect followed. Aborting
 * the signal ends what is under way.
 */
export function openMirror(
  access: MirrorAccess,
  signal: AbortSignal,
): { readonly fetch: MirrorFetch; close(): void } {
  const { anchorsPem, checkServerIdentity } = access;
  const agent = new Agent({
    ...{ keepAlive: true, maxSockets: 1, maxCachedSessions: 0 },
    ...{ ca: [...anchorsPem], minVersion: 'TLSv1.2', rejectUnauthorized: true },
    ...(checkServerIdentity === undefined ? {} : { checkServerIdentity }),
  });
  const base = access.url.replace(/\/+$/, '');
  return {
    fetch: (path, etag) => ask(new URL(`${base}/${path}`), etag, access, agent, signal),
    close: () => agent.destroy(),
  };
}

function ask(
  url: URL,
  etag: string | undefined,
  { limitBytes, timeoutMs }: MirrorAccess,
  agent: Agent,
  signal: AbortSignal,
): Promise<MirrorAnswer> {
  return new Promise((resolve) => {
    const end = (answer: MirrorAnswer): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    const fail = (why: string): void => {
      end({
        kind: 'failed',
        why: { code: 'E_MIRROR_UNREACHABLE', detail: `${url.host}: ${why}`.slice(0, 300) },
      });
    };
    const headers = {
      'User-Agent': 'Loa',
      'Accept-Encoding': 'identity',
      ...(etag === undefined ? {} : { 'If-None-Match': etag }),
    };
    const asking = request(url, { agent, signal, headers });
    const timer = setTimeout(() => {
      fail(`no answer within ${timeoutMs / 1000} s`);
      asking.destroy();
    }, timeoutMs);
    // Not once: a request that is destroyed may fail again after its answer.
    asking.on('error', (error) => fail(messageOf(error)));
    asking.once('response', (response) => {
      const early = answerOfHead(response, url.host, limitBytes);
      if (early === undefined) {
        bodyOf(response, limitBytes, end, fail);
        return;
      }
      // A short page of an error is read to its end, to keep the connection; a long one is not.
      if (lengthOf(response) <= 4_096 && early.kind !== 'failed') response.resume();
      else response.destroy();
      end(early);
    });
    asking.end();
  });
}

/** What the head alone answers; undefined where the body is wanted. */
function answerOfHead(response: IncomingMessage, host: string, limitBytes: number): MirrorAnswer | undefined {
  const status = response.statusCode ?? 0;
  if (status === NOT_MODIFIED) return { kind: 'same' };
  if (ABSENT.includes(status)) return { kind: 'absent' };
  if (BUSY.includes(status)) {
    const retryAfterMs = retryAfterOf(response.headers['retry-after']);
    return {
      kind: 'failed',
      why: { code: 'E_MIRROR_UNREACHABLE', detail: `${host}: busy (${status})` },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }
  if (status >= 300 && status < 400) return { kind: 'odd', why: `redirected (${status})` };
  if (status !== HTTP_OK) return { kind: 'odd', why: `status ${status}` };
  const encoding = response.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return { kind: 'odd', why: 'encoded' };
  return lengthOf(response) > limitBytes && response.headers['content-length'] !== undefined
    ? { kind: 'odd', why: `longer than ${limitBytes} bytes` }
    : undefined;
}

function bodyOf(
  response: IncomingMessage,
  limitBytes: number,
  end: (answer: MirrorAnswer) => void,
  fail: (why: string) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= limitBytes) chunks.push(chunk);
    else {
      response.destroy();
      end({ kind: 'odd', why: `longer than ${limitBytes} bytes` });
    }
  });
  response.once('error', (error) => fail(messageOf(error)));
  response.once('end', () => {
    const { etag } = response.headers;
    const usable = etag !== undefined && ETAG.test(etag) ? etag : undefined;
    end(
      bytes === 0
        ? { kind: 'odd', why: 'empty' }
        : { kind: 'document', bytes: Buffer.concat(chunks), etag: usable },
    );
  });
}

/** Infinity where it is not told. */
function lengthOf(response: IncomingMessage): number {
  const text = response.headers['content-length'];
  return text === undefined ? Infinity : Number(text);
}

/** `Retry-After` in seconds (RFC 9110, 10.2.3), milliseconds; a date is not read. */
function retryAfterOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined;
}
