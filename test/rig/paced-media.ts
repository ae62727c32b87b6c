import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { monotonicMs } from './card-record.js';
import type { PacedSound } from './paced-sound.js';

/**
 * What goes wrong with those who listen now. `stall`: no byte more, connection open. `hold`: no byte until it is taken
 * away, then all that was due at once. `trickle`: a hundred bytes a second. `corrupt`: every third piece is noise.
 */
export type ListenerFault = 'stall' | 'hold' | 'trickle' | 'corrupt';

/** How the server answers new listeners of a path. */
export interface Route {
  readonly sound: PacedSound;
  /** How much of what was just due a new listener gets at once. */
  readonly burstMs: number;
  /** Instead of the sound's own. */
  readonly contentType?: string;
  /** Answered by a redirect to itself instead. */
  readonly redirect?: boolean;
  /** Every listener hears the sound from its begin; by default all hear one time line. */
  readonly fromStart?: boolean;
}

interface Listener {
  readonly response: ServerResponse;
  readonly route: Route;
  /** Where in the sound it was when its time began, and when that was. */
  readonly startMs: number;
  readonly sinceMs: number;
  next: number;
  loops: number;
  fault: ListenerFault | undefined;
}

const TICK_MS = 10;
const TRICKLE_BYTES = 1;
const QUEUE_LIMIT_BYTES = 1 << 20;

/**
 * A live server whose listeners can be made to suffer: sounds at their own pace, whole files, and the faults of a
 * network and of other people's servers. Plain http, or https with the identity given.
 */
export class PacedMedia {
  readonly port: number;
  /** Requests that were answered, by path. */
  readonly requests = new Map<string, number>();
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';
  readonly #startedMs = monotonicMs();
  readonly #routes = new Map<string, Route>();
  readonly #files = new Map<string, { bytes: Uint8Array; contentType: string }>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #sockets = new Set<Socket>();
  readonly #ticker: NodeJS.Timeout;

  private constructor(server: Server, scheme: 'http' | 'https') {
    this.#server = server;
    this.#scheme = scheme;
    this.port = (server.address() as AddressInfo).port;
    server.on('request', (request: IncomingMessage, response: ServerResponse) =>
      this.#answer(request, response),
    );
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Listens on a free port of the loopback. @param identity PEM; https where it is given */
  static async start(identity?: {
    readonly keyPem: string;
    readonly certificatePem: string;
  }): Promise<PacedMedia> {
    const server =
      identity === undefined
        ? createServer()
        : createTlsServer({ key: identity.keyPem, cert: identity.certificatePem });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PacedMedia(server, identity === undefined ? 'http' : 'https');
  }

  /** `127.0.0.1:PORT`, as the receiver's list of plain hosts names it. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The address of a path. */
  urlOf(path: string): string {
    return `${this.#scheme}://${this.host}${path}`;
  }

  /** Serves a path from now on; who listens already is not touched. Returns its address. */
  serve(path: string, route: Route): string {
    this.#routes.set(path, route);
    return this.urlOf(path);
  }

  /** Serves bytes at once, with their length. Returns the address. */
  serveFile(path: string, bytes: Uint8Array, contentType: string): string {
    this.#files.set(path, { bytes, contentType });
    return this.urlOf(path);
  }

  /** Makes those who listen now suffer, or ends that; for new listeners all is well. */
  fault(path: string, fault: ListenerFault | undefined): void {
    for (const listener of this.#listeners.get(path) ?? []) listener.fault = fault;
  }

  /** How many listen to a path now. */
  listeners(path: string): number {
    return this.#listeners.get(path)?.size ?? 0;
  }

  /** Ends the answer to everyone who listens now, as a server does that has no more to send. */
  end(path: string): void {
    for (const { response } of this.#listeners.get(path) ?? []) response.end();
  }

  /** Cuts everyone and refuses new connections, until {@link comeBack}. */
  async goAway(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Listens again, on the same port. */
  async comeBack(): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    clearInterval(this.#ticker);
    if (this.#server.listening) await this.goAway();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    this.requests.set(path, (this.requests.get(path) ?? 0) + 1);
    const file = this.#files.get(path);
    const route = this.#routes.get(path);
    if (file !== undefined) {
      response.writeHead(200, { 'content-type': file.contentType, 'content-length': file.bytes.length });
      response.end(file.bytes);
    } else if (route === undefined) response.writeHead(404).end();
    else if (route.redirect === true) response.writeHead(302, { location: path }).end();
    else this.#listen(path, route, response);
  }

  #listen(path: string, route: Route, response: ServerResponse): void {
    const { sound, burstMs } = route;
    response.writeHead(200, {
      'content-type': route.contentType ?? sound.contentType,
      'cache-control': 'no-store',
      connection: 'close',
    });
    response.flushHeaders();
    response.socket?.setNoDelay(true);
    const nowMs = monotonicMs();
    const startMs = route.fromStart === true ? burstMs : (nowMs - this.#startedMs + burstMs) % sound.lengthMs;
    const next = sound.pieces.findIndex(({ dueMs }) => dueMs >= Math.max(0, startMs - burstMs));
    const listener: Listener = {
      ...{ response, route, startMs, sinceMs: nowMs },
      ...{ next: Math.max(0, next), loops: 0, fault: undefined },
    };
    const all = this.#listeners.get(path) ?? new Set();
    this.#listeners.set(path, all.add(listener));
    response.once('close', () => all.delete(listener));
    if (sound.head.length > 0) response.write(sound.head);
    send(listener, nowMs);
  }

  #tick(): void {
    const nowMs = monotonicMs();
    for (const listeners of this.#listeners.values()) for (const listener of listeners) send(listener, nowMs);
  }
}

/** Sends what is due by now, changed by the listener's fault. */
function send(listener: Listener, nowMs: number): void {
  const { response, route, fault } = listener;
  const { pieces, lengthMs } = route.sound;
  if (fault === 'hold' || response.writableEnded) return;
  const atMs = listener.startMs + nowMs - listener.sinceMs;
  const due: Uint8Array[] = [];
  for (;;) {
    const piece = pieces[listener.next];
    if (piece === undefined) {
      listener.next = 0;
      listener.loops += 1;
      continue;
    }
    if (piece.dueMs + listener.loops * lengthMs > atMs) break;
    due.push(fault === 'corrupt' && listener.next % 3 === 0 ? noiseLike(piece.bytes) : piece.bytes);
    listener.next += 1;
  }
  if (fault === 'stall' || (due.length === 0 && fault !== 'trickle')) return;
  const bytes = Buffer.concat(due);
  response.write(fault === 'trickle' ? bytes.subarray(0, TRICKLE_BYTES) : bytes);
  if (response.writableLength > QUEUE_LIMIT_BYTES) response.destroy();
}

/** As many bytes that mean nothing, always the same. */
function noiseLike(bytes: Uint8Array): Uint8Array {
  let state = 0x1234567 + bytes.length;
  return bytes.map(() => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 24;
  });
}
