import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MediaAccess } from '../../agent/sound/sources/http-bytes.js';
import type { Teardown } from '../support/temporary-folder.js';

/** A plain HTTP server of the loopback whose answers a test writes itself. */
export interface MediaHost {
  /** Address of a path, on a host name that the access allows. */
  url(path: string): string;
  /** Paths asked for so far. */
  readonly asked: readonly string[];
  /** Allows this server alone. */
  readonly access: MediaAccess;
}

/** Starts one on a free port; it ends with the test, whoever is still connected. */
export async function startMediaHost(
  t: Teardown,
  answer: RequestListener,
  options: { readonly stallMs?: number } = {},
): Promise<MediaHost> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: (path) => `http://${host}${path}`,
    asked,
    access: { anchorsPem: [], plainHosts: [host], stallMs: options.stallMs ?? 2_000 },
  };
}
