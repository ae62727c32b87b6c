import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createHash, X509Certificate } from 'node:crypto';
import {
  checkServerIdentity,
  createSecureContext,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContext,
} from 'node:tls';
import { LoaError, messageOf } from '../../core/errors.js';
import type { FetchPurpose, OnBytes } from '../fetched-bytes.js';
import { ResponseBytes } from './response-bytes.js';
import { SocketMeter } from './socket-meter.js';

/** Which addresses sound may come from, and how its server proves who it is. */
export interface MediaAccess {
  /** Anchors that a server's certificate must lead to, PEM. */
  readonly anchorsPem: readonly string[];
  /** The same anchors, read beforehand; otherwise they are read for each connection. See {@link trustIn}. */
  readonly trust?: SecureContext;
  /** Hosts (`name` or `name:port`) that may be asked over plain http: the local allow-list. */
  readonly plainHosts: readonly string[];
  /** SHA-256 of the server's public key (SubjectPublicKeyInfo, DER), hexadecimal; any key that the anchors vouch for where left out. */
  readonly pinSha256?: string | undefined;
  /** No byte for this long is a stall, milliseconds. */
  readonly stallMs: number;
  /** Told of what crosses the network, piece by piece. */
  readonly onBytes?: OnBytes;
}

/** What is asked of an address beside all of it. */
export interface BytesAsked {
  readonly range?: ByteRange | undefined;
  /** `stream` where left out. */
  readonly purpose?: FetchPurpose;
}

/** An open answer: what it says it is, and its bytes. */
export interface ByteStream {
  /** The address that answered, after redirects. */
  readonly url: string;
  readonly contentType: string | undefined;
  /** Bytes of sound between two pieces of Icecast metadata; 0 where there are none. */
  readonly icyInterval: number;
  /** The next bytes, or undefined at the end. @throws LoaError `E_MEDIA_STALL`, `E_MEDIA_CONNECT` */
  next(): Promise<Uint8Array | undefined>;
  /** Reads no more of the connection until the next bytes are asked for: what comes waits in the kernel, and nobody is woken. */
  rest(): void;
  close(): void;
}

/**
 * A socket that is paused goes on reading until it holds this many bytes (Node's streams); a connection that rests is to leave what
 * comes in the kernel. Node hands it to the socket, though its types name it for TLS alone.
 */
const KEEPS_NOTHING = { highWaterMark: 1 };
const REDIRECTS = 3;
const CONNECT_LIMIT_MS = 10_000;

/** A part of a file. */
export interface ByteRange {
  readonly offset: number;
  /** To the end where left out. */
  readonly length?: number;
}

/**
 * Opens an address for reading. A redirect is followed only to the same host over the same scheme, so that the signed
 * command's host is the one that speaks.
 * @throws LoaError `E_MEDIA_ADDRESS`, `E_MEDIA_CONNECT`, `E_MEDIA_STATUS`
 */
export async function openBytes(
  address: string,
  access: MediaAccess,
  signal: AbortSignal,
  { range, purpose = 'stream' }: BytesAsked = {},
): Promise<ByteStream> {
  let url = checkedAddress(address, access);
  for (let hop = 0; hop <= REDIRECTS; hop += 1) {
    const response = await ask(url, access, signal, range);
    const status = response.statusCode ?? 0;
    const meter = new SocketMeter(response.socket, url, purpose, access.onBytes);
    if (status === (range === undefined ? 200 : 206)) return streamOf(response, url, access.stallMs, meter);
    meter.read();
    response.destroy();
    const location = response.headers.location;
    if (status < 300 || status >= 400 || location === undefined) {
      throw new LoaError('E_MEDIA_STATUS', `${url.host} answered ${status}`, {
        fields: { status, url: url.href },
      });
    }
    const next = checkedAddress(location, access, url);
    if (next.host !== url.host || next.protocol !== url.protocol) {
      throw new LoaError('E_MEDIA_ADDRESS', `redirected from ${url.host} to ${next.host}`);
    }
    url = next;
  }
  throw new LoaError('E_MEDIA_ADDRESS', `more than ${REDIRECTS} redirects`);
}

/** An address found at another one: only on the same host over the same scheme. @throws LoaError `E_MEDIA_ADDRESS` */
export function addressWithin(address: string, base: string, access: MediaAccess): string {
  const from = new URL(base);
  const next = checkedAddress(address, access, from);
  if (next.host !== from.host || next.protocol !== from.protocol)
    throw new LoaError('E_MEDIA_ADDRESS', `${from.host} names ${next.protocol}//${next.host}`);
  return next.href;
}

function checkedAddress(address: string, access: MediaAccess, base?: URL): URL {
  let url: URL;
  try {
    url = new URL(address, base);
  } catch (cause) {
    throw new LoaError('E_MEDIA_ADDRESS', 'not an address', { cause });
  }
  if (url.username !== '' || url.password !== '')
    throw new LoaError('E_MEDIA_ADDRESS', 'credentials in an address');
  if (url.protocol === 'https:') return url;
  const local = access.plainHosts.includes(url.host) || access.plainHosts.includes(url.hostname);
  if (url.protocol === 'http:' && local && access.pinSha256 === undefined) return url;
  throw new LoaError('E_MEDIA_ADDRESS', `${url.protocol}//${url.host} is not allowed`);
}

async function ask(
  url: URL,
  access: MediaAccess,
  signal: AbortSignal,
  range: ByteRange | undefined,
): Promise<IncomingMessage> {
  const headers = {
    'Icy-MetaData': '1',
    'User-Agent': 'Loa',
    Accept: 'audio/*, application/ogg, */*;q=0.5',
    ...(range === undefined ? {} : { Range: rangeText(range) }),
  };
  const tls: ConnectionOptions = {
    secureContext: access.trust ?? trustIn(access.anchorsPem),
    rejectUnauthorized: true,
    checkServerIdentity: (host: string, certificate: PeerCertificate) =>
      checkServerIdentity(host, certificate) ?? pinFault(certificate, access.pinSha256),
  };
  return new Promise((resolve, reject) => {
    const options = { headers, signal, agent: false as const, ...KEEPS_NOTHING };
    const request =
      url.protocol === 'https:' ? httpsRequest(url, { ...options, ...tls }) : httpRequest(url, options);
    const limit = setTimeout(
      () => request.destroy(new Error(`no answer within ${CONNECT_LIMIT_MS} ms`)),
      CONNECT_LIMIT_MS,
    );
    request.once('response', (response) => {
      clearTimeout(limit);
      resolve(response);
    });
    // Not once: an aborted request may fail again after its answer, and nobody else listens.
    request.on('error', (cause) => {
      clearTimeout(limit);
      reject(new LoaError('E_MEDIA_CONNECT', `${url.host}: ${messageOf(cause)}`, { cause }));
    });
    request.end();
  });
}

/**
 * Trust in these anchors, for any number of connections (TLS 1.2 and 1.3). To read the 144 public ones takes 60 ms here, and some
 * 300 ms on a small board: a thread that plays sound must not do so at each connection.
 */
export function trustIn(anchorsPem: readonly string[]): SecureContext {
  return createSecureContext({ ca: [...anchorsPem], minVersion: 'TLSv1.2' });
}

function rangeText({ offset, length }: ByteRange): string {
  return `bytes=${offset}-${length === undefined ? '' : offset + length - 1}`;
}

/** What a signed live source adds to the access: the key that must answer. */
export function accessTo(source: { readonly pin?: string | undefined }, access: MediaAccess): MediaAccess {
  return source.pin === undefined ? access : { ...access, pinSha256: source.pin };
}

/** A certificate for the right host by another key: compromised authority, or a server that was exchanged. */
function pinFault({ raw }: PeerCertificate, pin: string | undefined): Error | undefined {
  if (pin === undefined) return undefined;
  const key = new X509Certificate(raw).publicKey.export({ type: 'spki', format: 'der' });
  const found = createHash('sha256').update(key).digest('hex');
  return found === pin ? undefined : new Error(`the server's key is ${found}, not the one of the command`);
}

function streamOf(response: IncomingMessage, url: URL, stallMs: number, meter: SocketMeter): ByteStream {
  const bytes = new ResponseBytes(response);
  const interval = Number(response.headers['icy-metaint'] ?? 0);
  let restingSinceMs: number | undefined;
  return {
    url: url.href,
    contentType: response.headers['content-type'],
    icyInterval: Number.isInteger(interval) && interval > 0 && interval < 1_000_000 ? interval : 0,
    async next() {
      const restedMs = restingSinceMs === undefined ? 0 : performance.now() - restingSinceMs;
      restingSinceMs = undefined;
      if (restedMs > 0) response.socket.resume();
      try {
        const piece = await bytes.next(Math.max(1, stallMs - restedMs));
        meter.read();
        return piece;
      } catch (cause) {
        if (cause instanceof LoaError) throw cause;
        throw new LoaError('E_MEDIA_CONNECT', messageOf(cause), { cause });
      }
    },
    rest: () => {
      restingSinceMs = performance.now();
      response.socket.pause();
    },
    close: () => {
      meter.read();
      response.destroy();
    },
  };
}
