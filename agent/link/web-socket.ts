import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocket } from 'ws';
import { LoaError, messageOf } from '../core/errors.js';
import { PACKET_LIMIT_BYTES } from './packet-guard.js';

/** What a frame holds is in memory as a whole, bytes: a broker may put the longest packet that is let by into one. */
const FRAME_LIMIT_BYTES = PACKET_LIMIT_BYTES + 65_536;

/**
 * MQTT over WebSocket (MQTT 5.0, 6; RFC 6455), on a connection that TLS has secured already.
 * @throws LoaError `E_LINK_REFUSED` with the server's answer
 */
export function upgrade(
  secured: Duplex,
  { host, path }: { readonly host: string; readonly path: string },
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const name = host.includes(':') ? `[${host}]` : host;
    // `ws:` and not `wss:`: the stream is encrypted, and must not be a second time.
    const socket = new WebSocket(`ws://${name}${path}`, 'mqtt', {
      createConnection: () => secured as never,
      maxPayload: FRAME_LIMIT_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
    });
    const failed = (cause: Error): void =>
      reject(new LoaError('E_LINK_REFUSED', `no WebSocket at ${path}: ${messageOf(cause)}`, { cause }));
    socket.once('error', failed);
    socket.once('open', () => {
      socket.off('error', failed);
      resolve(createWebSocketStream(socket));
    });
  });
}
