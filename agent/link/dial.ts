import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { LoaError, messageOf } from '../core/errors.js';
import { askProxy, type Proxy } from './http-proxy.js';
import type { TlsSessions } from './tls-sessions.js';
import { upgrade } from './web-socket.js';
import { Wire, type Meter } from './wire.js';

/** How a broker is reached besides plainly. */
export interface Route {
  /** An HTTP proxy that is asked to connect (RFC 9110, 9.3.6). */
  readonly proxy?: Proxy;
  /** MQTT over WebSocket under this path (MQTT 5.0, 6); plain TCP without. */
  readonly webSocketPath?: string;
}

/** What a connection needs before MQTT is spoken. */
export interface DialOptions {
  /** Host, port, name, key, chain and anchors. */
  readonly tls: ConnectionOptions;
  readonly route: Route;
  readonly sessions: TlsSessions;
  readonly meter: Meter;
}

/** A connection that MQTT can be spoken on. */
export interface Dialled {
  readonly stream: Duplex;
  /** A TLS session was resumed: no certificate crossed the network. */
  readonly resumed: boolean;
  /** The receiver's own address on this connection. */
  readonly localAddress: string | undefined;
}

/**
 * Both families are tried side by side (RFC 8305), so that an IPv6 address without a route costs this much and no more.
 * Node's 250 ms is too short for a cell at the edge, milliseconds.
 */
const NEXT_ADDRESS_MS = 3_000;

/**
 * From nothing to a secured stream: name, TCP, proxy, TLS, WebSocket. Aborting ends what is under way.
 * @throws LoaError `E_LINK_DNS`, `E_LINK_CONNECT`, `E_LINK_PROXY`, `E_LINK_PORTAL` where something that is no broker
 * answers in HTTP, `E_LINK_TLS`, `E_LINK_REFUSED` where the server takes no WebSocket there
 */
export async function dial(options: DialOptions, signal: AbortSignal): Promise<Dialled> {
  const { tls, route } = options;
  const target = { host: tls.host ?? 'localhost', port: Number(tls.port ?? 8883) };
  const socket = await reach(route.proxy ?? target, signal);
  const abort = (): void => void socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (route.proxy !== undefined) await askProxy(socket, target, route.proxy);
    const wire = new Wire(socket, options.meter);
    const secured = await secure(wire, options);
    const stream =
      route.webSocketPath === undefined
        ? secured
        : await upgrade(secured, { host: target.host, path: route.webSocketPath });
    return { stream, resumed: secured.isSessionReused(), localAddress: socket.localAddress };
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function reach({ host, port }: { host: string; port: number }, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({
      ...{ host, port, signal },
      ...{ autoSelectFamily: true, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS, noDelay: true },
    });
    socket.once('connect', () => {
      socket.off('error', failed);
      // Between the steps nobody else may listen; an error without a listener would end the program.
      socket.on('error', () => undefined);
      resolve(socket);
    });
    const failed = (cause: NodeJS.ErrnoException): void => {
      socket.on('error', () => undefined);
      reject(unreached(cause, host));
    };
    socket.once('error', failed);
  });
}

function unreached(cause: NodeJS.ErrnoException, host: string): LoaError {
  const fields = { reason: cause.code };
  if (cause.syscall === 'getaddrinfo') {
    const detail = `the name ${host} is not found (${cause.code ?? '?'})`;
    return new LoaError('E_LINK_DNS', detail, { cause, fields });
  }
  const each: readonly Error[] = cause instanceof AggregateError ? (cause.errors as Error[]) : [cause];
  const detail = each.map((one) => messageOf(one)).join('; ');
  return new LoaError('E_LINK_CONNECT', (detail === '' ? String(cause.code) : detail).slice(0, 300), {
    cause,
    fields,
  });
}

function secure(wire: Wire, { tls, sessions }: DialOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException | undefined): void => {
      wire.destroy();
      sessions.drop(tls);
      reject(insecure(cause, wire, tls.host ?? ''));
    };
    let peer: TLSSocket;
    try {
      const { host, port, ...material } = tls;
      const session = sessions.find(tls);
      peer = connectTls({
        ...material,
        // No server name for an address (RFC 6066, 3): what is checked is then the host.
        servername: isIP(material.servername ?? host ?? '') === 0 ? (material.servername ?? host ?? '') : '',
        ...(host === undefined ? {} : { host }),
        ...(port === undefined ? {} : { port }),
        ...(session === undefined ? {} : { session }),
        socket: wire,
      });
    } catch (cause) {
      wire.destroy();
      reject(
        new LoaError('E_LINK_TLS', `key, chain or anchors cannot be used: ${messageOf(cause)}`, { cause }),
      );
      return;
    }
    const closed = (): void => failed(undefined);
    // Whatever comes after the first error changes nothing; without a listener it would end the program.
    peer.on('error', () => undefined);
    wire.on('error', (error) => peer.destroy(error));
    wire.on('close', () => peer.destroy());
    peer.on('session', (session) => sessions.keep(tls, session, peer.isSessionReused()));
    peer.once('error', failed);
    peer.once('close', closed);
    peer.once('secureConnect', () => {
      peer.off('error', failed);
      peer.off('close', closed);
      resolve(peer);
    });
  });
}

/** A captive portal answers everything in HTTP, our handshake too; its first line says so, and where it leads. */
function insecure(cause: NodeJS.ErrnoException | undefined, wire: Wire, host: string): LoaError {
  const why = cause === undefined ? {} : { cause };
  if (/^HTTP\/\d|^\s*<(?:!doctype|html)/i.test(wire.greeting)) {
    const [first = ''] = wire.greeting.split(/\r?\n/, 1);
    const location = /^location:\s*(\S+)/im.exec(wire.greeting)?.[1];
    const leads = location === undefined ? '' : `, leads to ${location}`;
    return new LoaError('E_LINK_PORTAL', `in place of ${host} answers: ${first}${leads}`.slice(0, 300), why);
  }
  const detail =
    cause === undefined
      ? `${host} closed the connection in the handshake`
      : cause.message === ''
        ? String(cause.code)
        : messageOf(cause);
  return new LoaError('E_LINK_TLS', detail, { ...why, fields: { reason: cause?.code } });
}
