import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MediaAccess } from '../../agent/sound/sources/http-bytes.js';
import { sendFile, type HeldFile } from '../source-system/file-response.js';

/** What goes wrong with the next answer for a file, once: cut in the middle, or other bytes. */
export type NextFault = 'cut' | 'broken';

const CUT_AFTER_MS = 200;

/** A server of files over plain http on the loopback, with ranges. */
export class RangeServer {
  readonly #server: Server;
  readonly #files = new Map<string, HeldFile>();
  readonly #faults = new Map<string, NextFault>();
  /** `PATH` or `PATH RANGE` of each request. */
  readonly asked: string[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Starts it on a free port. */
  static async start(): Promise<RangeServer> {
    const server = createServer();
    const files = new RangeServer(server);
    server.on('request', (request, response) => {
      const path = request.url ?? '/';
      files.asked.push([path, request.headers.range ?? ''].join(' ').trim());
      const file = files.#files.get(path);
      const fault = files.#faults.get(path);
      files.#faults.delete(path);
      if (file === undefined) response.writeHead(404).end();
      else if (fault === 'broken') response.writeHead(200).end(Buffer.alloc(file.bytes.length, 'x'));
      else if (fault === 'cut') {
        response.writeHead(200, { 'content-length': file.bytes.length });
        response.write(file.bytes.subarray(0, file.bytes.length / 2), () => {
          // Later, or what came is lost with the connection before it was read.
          setTimeout(() => response.destroy(), CUT_AFTER_MS);
        });
      } else sendFile(file, request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return files;
  }

  /** What a receiver must be told to ask it. */
  get access(): MediaAccess {
    return { anchorsPem: [], plainHosts: ['127.0.0.1'], stallMs: 3_000 };
  }

  /** Serves bytes; how a schedule names them. */
  add(name: string, bytes: Uint8Array, fault?: NextFault): { readonly url: string; readonly sha256: string } {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.#files.set(`/${name}`, { name, bytes, contentType: 'audio/mpeg', sha256 });
    if (fault !== undefined) this.#faults.set(`/${name}`, fault);
    const { port } = this.#server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/${name}`, sha256 };
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
