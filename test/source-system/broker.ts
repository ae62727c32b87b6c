import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { Aedes, type Client } from 'aedes';
import { messageOf } from '../../agent/core/errors.js';
import type { Log } from '../../agent/core/log.js';
import { mayPublish, maySubscribe, mayUseClientId, peerOf, type Peer } from './access-rules.js';
import { OPERATOR_NAME, type Identity } from './certificate-authority.js';

const HANDSHAKE_MS = 10_000;
/** CONNACK return code of MQTT 3.1.1, 3.2.2.3. */
const IDENTIFIER_REJECTED = 2;

/** Something the broker refused. */
export interface BrokerRefusal {
  readonly what: 'tls' | 'client-id' | 'blocked' | 'publish' | 'subscribe' | 'protocol';
  /** Common name where the certificate is the province's own, otherwise the address. */
  readonly peer: string;
  readonly reason: string;
}

interface Connection {
  readonly socket: TLSSocket;
  readonly client: Client;
  readonly peer: Peer;
  readonly fingerprint: string;
}

/** What a broker needs. */
export interface BrokerOptions {
  readonly identity: Identity;
  /** Whose clients are let in, PEM. */
  readonly anchorsPem: string;
  readonly log: Log;
  /** 0 for any free port, the default. */
  readonly port?: number;
  /** Address to listen on; the loopback by default. */
  readonly host?: string;
  /** Connections at once; 256 by default. */
  readonly maxConnections?: number;
}

/** What goes out on a topic. */
export interface Outgoing {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly retain?: boolean;
}

/**
 * An MQTT 3.1.1 broker in this process (aedes), over mutual TLS, with rules for each certificate. Sessions and
 * retained documents are kept in memory. A publish that is not allowed closes the connection (MQTT-3.3.5-2), a
 * subscription that is not allowed is answered with 0x80.
 */
export class Broker {
  readonly #server: Server;
  readonly #aedes: Aedes;
  readonly #log: Log;
  readonly #listeners = new Set<(refusal: BrokerRefusal) => void>();
  readonly #blocked = new Set<string>();
  readonly #connections = new Map<Client['conn'], Connection>();

  private constructor(server: Server, aedes: Aedes, log: Log) {
    this.#server = server;
    this.#aedes = aedes;
    this.#log = log;
  }

  /** Starts listening. */
  static async start(options: BrokerOptions): Promise<Broker> {
    const server = createServer({
      key: options.identity.keyPem,
      cert: options.identity.certificatePem,
      ca: options.anchorsPem,
      requestCert: true,
      // Looked at in #onConnection, where the refusal can be reported with who it was.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      handshakeTimeout: HANDSHAKE_MS,
    });
    server.maxConnections = options.maxConnections ?? 256;
    const aedes = await Aedes.createBroker({ connectTimeout: HANDSHAKE_MS, maxClientsIdLength: 80 });
    const broker = new Broker(server, aedes, options.log.child({ module: 'broker' }));
    broker.#setRules();
    server.on('secureConnection', (socket) => broker.#onConnection(socket));
    server.on('tlsClientError', (error, socket) => {
      broker.#refuse({ what: 'tls', peer: addressOf(socket), reason: messageOf(error) });
    });
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    await once(server, 'listening');
    return broker;
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ids of the clients connected now. */
  get clientIds(): string[] {
    return [...this.#connections.values()]
      .filter(({ client }) => client.connected)
      .map(({ client }) => client.id);
  }

  /** SHA-256 of the certificate that a connected client came with, lower-case hexadecimal. */
  fingerprintOf(id: string): string | undefined {
    const found = [...this.#connections.values()].filter(
      ({ client }) => client.id === id && client.connected,
    );
    return found.at(-1)?.fingerprint;
  }

  /** Calls `listener` for everything refused. Returns what ends it. */
  onRefused(listener: (refusal: BrokerRefusal) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Publishes with QoS 1 as the province itself. */
  publish({ topic, payload, retain = false }: Outgoing): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#aedes.publish(
        { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain, dup: false },
        (error) => (error ? reject(error) : resolve()),
      );
    });
  }

  /** Cuts a client's connection as a lost network does: its will is published. True where it was connected. */
  dropClient(id: string): boolean {
    const found = [...this.#connections.values()].filter(({ client }) => client.id === id);
    for (const { socket } of found) socket.destroy();
    return found.length > 0;
  }

  /** Cuts a client and keeps it out until {@link allow}. */
  block(id: string): void {
    this.#blocked.add(id);
    this.dropClient(id);
  }

  /** Lets a blocked client in again. */
  allow(id: string): void {
    this.#blocked.delete(id);
  }

  /** Cuts all connections and stops listening. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    for (const { socket } of this.#connections.values()) socket.destroy();
    await closed;
  }

  #onConnection(socket: TLSSocket): void {
    // A connection that breaks ends its session; aedes hears of it by itself.
    socket.on('error', (error) => this.#log.debug({ error: messageOf(error) }, 'connection broke'));
    const certificate = socket.getPeerX509Certificate();
    const commonName = /^CN=(.*)$/m.exec(certificate?.subject ?? '')?.[1];
    const peer = peerOf({ commonName, alternativeNames: certificate?.subjectAltName });
    const refuse = (what: 'tls' | 'blocked', reason: string): void => {
      this.#refuse({ what, peer: what === 'blocked' && commonName ? commonName : addressOf(socket), reason });
      socket.destroy();
    };
    if (certificate === undefined) refuse('tls', 'no client certificate');
    else if (!socket.authorized)
      refuse('tls', `${String(socket.authorizationError)}: ${certificate.subject}`);
    else if (peer === undefined) refuse('tls', `nobody's certificate: ${certificate.subject}`);
    else if (peer.kind === 'receiver' && this.#blocked.has(peer.id))
      refuse('blocked', 'kept out by its owner');
    else {
      const client = this.#aedes.handle(socket);
      const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
      this.#connections.set(socket, { socket, client, peer, fingerprint });
      socket.once('close', () => this.#connections.delete(socket));
    }
  }

  #setRules(): void {
    this.#aedes.authenticate = (client, _name, _password, done) => {
      const peer = this.#connections.get(client.conn)?.peer;
      if (peer !== undefined && mayUseClientId(peer, client.id)) return done(null, true);
      this.#refuse({
        what: 'client-id',
        peer: nameOf(peer),
        reason: `client id ${client.id} is not its own`,
      });
      const error = new Error('the client id is not the name of the certificate');
      done(Object.assign(error, { returnCode: IDENTIFIER_REJECTED }), false);
    };
    this.#aedes.authorizePublish = (client, packet, done) => {
      const peer = client === null ? undefined : this.#connections.get(client.conn)?.peer;
      if (peer !== undefined && mayPublish(peer, packet.topic)) return done();
      this.#refuse({ what: 'publish', peer: nameOf(peer), reason: packet.topic });
      done(new Error(`may not publish on ${packet.topic}`));
    };
    this.#aedes.authorizeSubscribe = (client, subscription, done) => {
      const peer = this.#connections.get(client.conn)?.peer;
      if (peer !== undefined && maySubscribe(peer, subscription.topic)) return done(null, subscription);
      this.#refuse({ what: 'subscribe', peer: nameOf(peer), reason: subscription.topic });
      done(null, null);
    };
    this.#aedes.on('connectionError', (client, error) => {
      const peer = this.#connections.get(client.conn)?.peer;
      this.#refuse({ what: 'protocol', peer: nameOf(peer), reason: messageOf(error) });
    });
    this.#aedes.on('clientError', (client, error) => {
      this.#log.debug({ client: client.id, error: messageOf(error) }, 'client failed');
    });
  }

  #refuse(refusal: BrokerRefusal): void {
    this.#log.warn(refusal, 'refused');
    for (const listener of this.#listeners) listener(refusal);
  }
}

function nameOf(peer: Peer | undefined): string {
  if (peer === undefined) return 'nobody';
  return peer.kind === 'receiver' ? peer.id : OPERATOR_NAME;
}

function addressOf(socket: TLSSocket): string {
  return `${socket.remoteAddress ?? 'gone'}:${socket.remotePort ?? 0}`;
}
