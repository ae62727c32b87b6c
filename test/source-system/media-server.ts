import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Clock } from '../../agent/core/clock.js';
import { LoaError, messageOf } from '../../agent/core/errors.js';
import type { Log } from '../../agent/core/log.js';
import { inBackground } from '../../agent/core/settled.js';
import type { Identity } from './certificate-authority.js';
import { sendFile, type HeldFile } from './file-response.js';
import { LiveStream, type Listener } from './live-stream.js';
import { framesOfSound, kbpsOf } from './sound-frames.js';

const ICY_EVERY_BYTES = 16_000;
const REQUESTS_KEPT = 1000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.mp3': 'audio/mpeg',
  '.aac': 'audio/aac',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
  '.wav': 'audio/wav',
  '.m4a': 'audio/mp4',
  '.flac': 'audio/flac',
  '.html': 'text/html; charset=utf-8',
};

/** What goes wrong with a path on purpose: an answer of 404, a page of HTML with 200, or silence after the start. */
export type MediaFault = 'not-found' | 'html' | 'stall';

/** What a media server needs. */
export interface MediaServerOptions {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly log: Log;
  /** A folder whose files are served too, for what the operator's tool puts there. */
  readonly folder?: string;
  readonly port?: number;
  readonly host?: string;
  /** Connections at once; 64 by default. */
  readonly maxConnections?: number;
}

/** One request that was answered. */
export interface MediaRequest {
  readonly path: string;
  readonly status: number;
  readonly atMs: number;
}

/**
 * An HTTPS server of sounds: files at `/files/NAME` with ranges and ETag, live streams at `/live/NAME` on their own
 * time line, and faults on demand.
 */
export class MediaServer {
  readonly #server: Server;
  readonly #options: MediaServerOptions;
  readonly #log: Log;
  readonly #files = new Map<string, HeldFile>();
  readonly #streams = new Map<string, LiveStream>();
  readonly #faults = new Map<string, MediaFault>();
  readonly #open = new Map<string, Set<ServerResponse>>();
  readonly #requests: MediaRequest[] = [];

  private constructor(server: Server, options: MediaServerOptions) {
    this.#server = server;
    this.#options = options;
    this.#log = options.log.child({ module: 'media' });
  }

  /** Starts listening. */
  static async start(options: MediaServerOptions): Promise<MediaServer> {
    const { keyPem, certificatePem } = options.identity;
    const server = createServer({ key: keyPem, cert: certificatePem, minVersion: 'TLSv1.2' });
    server.maxConnections = options.maxConnections ?? 64;
    const media = new MediaServer(server, options);
    server.on('request', (request, response) => {
      inBackground(media.#answer(request, response), media.#log, 'request failed');
    });
    server.on('tlsClientError', (error) => media.#log.debug({ error: messageOf(error) }, 'handshake failed'));
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    await once(server, 'listening');
    return media;
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `https://localhost:PORT` */
  get address(): string {
    return `https://localhost:${this.port}`;
  }

  /** The newest requests, at most 1000. */
  get requests(): readonly MediaRequest[] {
    return this.#requests;
  }

  /** Serves bytes as a file. Returns its URL and the digest (SHA-256, hexadecimal) that a signed command names. */
  addFile(name: string, bytes: Uint8Array, contentType = typeOf(name)): { url: string; sha256: string } {
    const file = heldFile(checkedName(name), bytes, contentType);
    this.#files.set(name, file);
    return { url: `${this.address}/files/${name}`, sha256: file.sha256 };
  }

  /**
   * Serves an MP3 or ADTS AAC, repeated without end, as a live stream.
   * @param burstMs how much of what was just due a new listener gets at once; 2000 by default
   * @throws LoaError `E_MEDIA_FORMAT` for anything else
   */
  addLive(
    name: string,
    sound: Uint8Array,
    { burstMs = 2000, title = name }: { readonly burstMs?: number; readonly title?: string } = {},
  ): { url: string; stream: LiveStream } {
    const stream = new LiveStream(framesOfSound(sound), this.#options.clock, { burstMs, title });
    this.#streams.set(checkedName(name), stream);
    return { url: `${this.address}/live/${name}`, stream };
  }

  /** A live stream. @throws LoaError `E_USAGE` where there is none of this name */
  stream(name: string): LiveStream {
    const stream = this.#streams.get(name);
    if (stream === undefined) throw new LoaError('E_USAGE', `no live stream ${name}`);
    return stream;
  }

  /**
   * What a live stream was to sound like, to decode as a reference: everything from its first byte until now, and when
   * that byte was due (monotonic milliseconds; what comes later is due at the pace of its frames).
   */
  streamBytes(name: string): { readonly bytes: Uint8Array; readonly startMs: number } {
    return this.stream(name).bytes();
  }

  /** Makes a path (`/live/NAME`, `/files/NAME`) fail from now on, also for those who listen, or ends the failing. */
  fault(path: string, fault: MediaFault | undefined): void {
    const stream = path.startsWith('/live/') ? this.#streams.get(path.slice('/live/'.length)) : undefined;
    if (fault === undefined) this.#faults.delete(path);
    else this.#faults.set(path, fault);
    if (fault === 'stall') stream?.stall();
    else stream?.resume();
  }

  /** How many answers on a path are under way. */
  openCount(path: string): number {
    return this.#open.get(path)?.size ?? 0;
  }

  /** Cuts every connection that is being answered on a path: `Content-Length` unfulfilled, no last chunk. */
  cut(path: string): void {
    for (const response of this.#open.get(path) ?? []) response.destroy();
  }

  /** Cuts everything and stops listening. */
  async close(): Promise<void> {
    for (const stream of this.#streams.values()) stream.cut();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    this.#keepOpen(path, response);
    response.once('close', () => this.#note(path, response.statusCode));
    const fault = this.#faults.get(path);
    const [, folder, name = '', more] = path.split('/');
    if (request.method !== 'GET' && request.method !== 'HEAD') refuse(response, 405);
    else if (fault === 'not-found' || more !== undefined || !NAME.test(name)) refuse(response, 404);
    else if (fault === 'html') sendPage(response);
    else if (folder === 'live') this.#answerLive(name, request, response);
    else if (folder === 'files') await this.#answerFile(name, request, response, fault === 'stall');
    else refuse(response, 404);
  }

  #answerLive(name: string, request: IncomingMessage, response: ServerResponse): void {
    const stream = this.#streams.get(name);
    if (stream === undefined) return refuse(response, 404);
    const wantsIcy = request.headers['icy-metadata'] === '1';
    response.writeHead(200, {
      'content-type': stream.timeline.sound.contentType,
      'cache-control': 'no-cache, no-store',
      connection: 'close',
      'icy-name': name,
      'icy-br': String(Math.round(kbpsOf(stream.timeline.sound))),
      ...(wantsIcy ? { 'icy-metaint': String(ICY_EVERY_BYTES) } : {}),
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    response.flushHeaders();
    response.socket?.setNoDelay(true);
    const listener = listenerOf(response);
    response.once('close', () => stream.remove(listener));
    stream.add(listener, wantsIcy ? { icyBytes: ICY_EVERY_BYTES } : {});
  }

  async #answerFile(
    name: string,
    request: IncomingMessage,
    response: ServerResponse,
    stalls: boolean,
  ): Promise<void> {
    const file = this.#files.get(name) ?? (await this.#readFile(name));
    if (file === undefined) refuse(response, 404);
    else sendFile(file, request, response, stalls);
  }

  async #readFile(name: string): Promise<HeldFile | undefined> {
    if (this.#options.folder === undefined) return undefined;
    try {
      return heldFile(name, await readFile(join(this.#options.folder, name)), typeOf(name));
    } catch (error) {
      this.#log.debug({ name, error: messageOf(error) }, 'no such file');
      return undefined;
    }
  }

  #keepOpen(path: string, response: ServerResponse): void {
    const open = this.#open.get(path) ?? new Set();
    this.#open.set(path, open.add(response));
    response.once('close', () => {
      open.delete(response);
      if (open.size === 0) this.#open.delete(path);
    });
  }

  #note(path: string, status: number): void {
    this.#requests.push({ path, status, atMs: this.#options.clock.nowMs() });
    if (this.#requests.length > REQUESTS_KEPT) this.#requests.shift();
  }
}

function listenerOf(response: ServerResponse): Listener {
  return {
    get queuedBytes() {
      return response.writableLength;
    },
    write: (bytes) => response.write(bytes),
    end: () => response.end(),
    cut: () => response.destroy(),
  };
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${status}\n`);
}

/** What a portal of an Internet provider answers to everything. */
function sendPage(response: ServerResponse): void {
  const page =
    '<!DOCTYPE html><html lang="vi"><title>Đăng nhập</title><p>Vui lòng đăng nhập mạng.</p></html>\n';
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
}

function heldFile(name: string, bytes: Uint8Array, contentType: string): HeldFile {
  return { name, bytes, contentType, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function typeOf(name: string): string {
  return CONTENT_TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream';
}

function checkedName(name: string): string {
  if (!NAME.test(name)) throw new LoaError('E_USAGE', `not a name for a sound: ${name.slice(0, 80)}`);
  return name;
}
