import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { messageOf } from '../../agent/core/errors.js';
import type { Log } from '../../agent/core/log.js';
import { inBackground } from '../../agent/core/settled.js';
import type { Identity } from './certificate-authority.js';
import { sendFile } from './file-response.js';

const REQUESTS_KEPT = 4096;
/** What mirrorPath makes; nothing else is served, so that no path leaves the folder. */
const PATH = /^\/(?:[A-Za-z0-9][A-Za-z0-9_-]{0,63}\/){1,6}[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.jws$/;

/** What a mirror needs. */
export interface MirrorServerOptions {
  readonly identity: Identity;
  /** Folder of the files, read anew at each request. */
  readonly folder: string;
  readonly log: Log;
  readonly port?: number;
  readonly host?: string;
}

/** One request that was answered. */
export interface MirrorRequest {
  /** With the leading slash. */
  readonly path: string;
  readonly status: number;
}

/** Answers instead of the mirror: for tests of what a hostile or broken one does. */
export type MirrorFault = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTPS server of the retained documents, with ETags; it asks for no client certificate. */
export class MirrorServer {
  readonly #server: Server;
  readonly #options: MirrorServerOptions;
  readonly #requests: MirrorRequest[] = [];
  #total = 0;
  #fault: { readonly path: RegExp; readonly answer: MirrorFault } | undefined;

  private constructor(server: Server, options: MirrorServerOptions) {
    this.#server = server;
    this.#options = options;
  }

  /** Starts listening. */
  static async start(options: MirrorServerOptions): Promise<MirrorServer> {
    const { keyPem, certificatePem } = options.identity;
    const server = createServer({ key: keyPem, cert: certificatePem, minVersion: 'TLSv1.2' });
    const log = options.log.child({ module: 'mirror' });
    const mirror = new MirrorServer(server, options);
    server.on('request', (request, response) => {
      inBackground(mirror.#answer(request, response), log, 'request failed');
    });
    server.on('tlsClientError', (error) => log.debug({ error: messageOf(error) }, 'handshake failed'));
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    await once(server, 'listening');
    return mirror;
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `https://localhost:PORT` */
  get url(): string {
    return `https://localhost:${this.port}`;
  }

  /** The newest requests, at most 4096. */
  get requests(): readonly MirrorRequest[] {
    return this.#requests;
  }

  /** Requests since the start. */
  get total(): number {
    return this.#total;
  }

  /** From now on paths that match are answered otherwise; undefined ends it. */
  fault(fault: { readonly path: RegExp; readonly answer: MirrorFault } | undefined): void {
    this.#fault = fault;
  }

  /** Cuts everything and stops listening. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    this.#total += 1;
    response.once('close', () => {
      this.#requests.push({ path, status: response.statusCode });
      if (this.#requests.length > REQUESTS_KEPT) this.#requests.shift();
    });
    if (this.#fault?.path.test(path) === true) {
      this.#fault.answer(request, response);
      return;
    }
    const bytes = PATH.test(path) ? await this.#read(path) : undefined;
    if (bytes === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain', 'content-length': 4 }).end('404\n');
      return;
    }
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    sendFile({ name: path, bytes, contentType: 'application/jose', sha256 }, request, response);
  }

  async #read(path: string): Promise<Buffer | undefined> {
    try {
      return await readFile(join(this.#options.folder, path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
