import { createServer, type Server } from 'node:https';
import type { ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { join, normalize } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Identity } from '../source-system/certificate-authority.js';
import { rangeOf } from '../source-system/file-response.js';

const PIECE = 8_192;

/** A web server of a repository that can fail as networks and people do. */
export class UpdateServer {
  /** Paths that were asked for, and payload bytes sent of archives. */
  readonly asked: string[] = [];
  archiveBytes = 0;
  /** Content in place of a file's. */
  readonly instead = new Map<string, string | Uint8Array>();
  /** What is sent of an archive: its bytes, changed. */
  alter: ((bytes: Buffer) => Buffer) | undefined;
  /** Connections are dropped at once. */
  down = false;
  /** After so many bytes of an archive in one answer the connection is lost; one figure an answer. */
  readonly cuts: number[] = [];
  /** Between two pieces of an archive, milliseconds. */
  pauseMs = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly folder: string,
    private readonly server: Server,
  ) {}

  static async start(folder: string, identity: Identity): Promise<UpdateServer> {
    const server = createServer({ key: identity.keyPem, cert: identity.certificatePem });
    const own = new UpdateServer(folder, server);
    server.on('connection', (socket: Socket) => {
      own.sockets.add(socket);
      socket.on('close', () => own.sockets.delete(socket));
      if (own.down) socket.destroy();
    });
    server.on('request', (request, response) => {
      const path = normalize(request.url ?? '/').slice(1);
      own.asked.push(path);
      own.answer(path, request.headers.range, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    return own;
  }

  get url(): string {
    return `https://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  /** As good as new; what was counted is forgotten. */
  mend(): void {
    this.down = false;
    this.alter = undefined;
    this.pauseMs = 0;
    this.instead.clear();
    this.cuts.length = 0;
    this.asked.length = 0;
    this.archiveBytes = 0;
  }

  /** Every connection is lost, and none is taken. */
  lose(): void {
    this.down = true;
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async answer(path: string, range: string | undefined, response: ServerResponse): Promise<void> {
    const instead = this.instead.get(path);
    let bytes: Buffer;
    try {
      bytes = instead === undefined ? await readFile(join(this.folder, path)) : Buffer.from(instead);
    } catch {
      response.writeHead(404).end();
      return;
    }
    if (!path.startsWith('targets/')) {
      response.end(bytes);
      return;
    }
    const sent = this.alter?.(bytes) ?? bytes;
    const asked = rangeOf(range, sent.length);
    if (asked === 'unsatisfiable') {
      response.writeHead(416).end();
      return;
    }
    const { first, last } = asked ?? { first: 0, last: sent.length - 1 };
    response.writeHead(asked === undefined ? 200 : 206, { 'content-length': last - first + 1 });
    const cut = this.cuts.shift() ?? Infinity;
    for (let at = first; at <= last; at += PIECE) {
      if (at - first >= cut) {
        // What is on its way arrives: it is the network that ends, not the answer.
        await sleep(50);
        response.destroy();
        return;
      }
      const piece = sent.subarray(at, Math.min(at + PIECE, last + 1));
      this.archiveBytes += piece.length;
      if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
      if (this.pauseMs > 0) await sleep(this.pauseMs);
      if (response.destroyed) return;
    }
    response.end();
  }
}
