import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A TCP port of the loopback that nobody listens on now. Another process may take it before it is used: prefer port 0
 * where the listener can tell its port.
 */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
