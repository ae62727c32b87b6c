import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { generate, parser, type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet';
import type { BrokerTls } from './broker-tls.js';

/** How the fake broker behaves; every answer can be changed while it runs. */
export interface BrokerScript {
  /** Protocol levels that it takes; others are refused as the older standard says, or with 0x84 by a broker of 5. */
  versions: readonly (4 | 5)[];
  /** Reason code of the CONNACK. */
  connectCode: number;
  sessionPresent: boolean;
  /** Whether PUBLISH is answered. */
  acknowledges: boolean;
  /** Whether PINGREQ is answered. */
  answersPings: boolean;
  /** Topics whose SUBSCRIBE is refused (0x80). */
  refusedTopics: readonly string[];
}

/** One receiver's connection as the broker sees it. */
export interface BrokerConnection {
  readonly connect: IConnectPacket;
  /** Sends bytes as they are. */
  write(bytes: Uint8Array): void;
  /** Sends a message at QoS 1. */
  publish(topic: string, payload: Uint8Array | string, messageId: number): void;
  /** Cuts the connection. */
  cut(): void;
}

/** A broker at the wire: TLS, MQTT 3.1.1 and 5, no memory of its own. */
export interface FakeBroker {
  readonly port: number;
  readonly script: BrokerScript;
  /** Every packet that came, all connections, in order. */
  readonly packets: readonly Packet[];
  /** The n-th accepted connection (1 is the first); waits for it. */
  connection(n: number): Promise<BrokerConnection>;
  /** Waits until a packet has come that the test says is the one. */
  seen<T extends Packet['cmd']>(
    cmd: T,
    matches?: (packet: Extract<Packet, { cmd: T }>) => boolean,
  ): Promise<Extract<Packet, { cmd: T }>>;
  close(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1 with mutual TLS. */
export async function startFakeBroker(
  tls: BrokerTls,
  script: Partial<BrokerScript> = {},
): Promise<FakeBroker> {
  const broker = new ScriptedBroker(tls, script);
  await broker.listen();
  return broker;
}

class ScriptedBroker implements FakeBroker {
  readonly packets: Packet[] = [];
  readonly script: BrokerScript;
  private readonly connections: BrokerConnection[] = [];
  private readonly sockets = new Set<TLSSocket>();
  private watchers: (() => void)[] = [];
  private readonly server: Server;

  constructor(tls: BrokerTls, script: Partial<BrokerScript>) {
    this.script = {
      versions: [4, 5],
      connectCode: 0,
      sessionPresent: false,
      acknowledges: true,
      answersPings: true,
      refusedTopics: [],
      ...script,
    };
    this.server = createServer(
      { key: tls.server.key, cert: tls.server.cert, ca: tls.ca, requestCert: true, rejectUnauthorized: true },
      (socket) => this.serve(socket),
    );
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  private serve(socket: TLSSocket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
    const level = { protocolVersion: 4 as 4 | 5 };
    const incoming = parser(level);
    socket.on('data', (chunk: Buffer) => incoming.parse(chunk));
    incoming.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') level.protocolVersion = packet.protocolVersion === 5 ? 5 : 4;
      this.packets.push(packet);
      this.answer(packet, socket, level.protocolVersion);
      this.wake();
    });
  }

  private answer(packet: Packet, socket: TLSSocket, version: 4 | 5): void {
    const send = (answer: Packet): void => void socket.write(generate(answer, { protocolVersion: version }));
    const messageId = packet.messageId ?? 0;
    if (packet.cmd === 'connect') this.welcome(packet, socket, version);
    if (packet.cmd === 'publish' && packet.qos === 1 && this.script.acknowledges) {
      send({ cmd: 'puback', messageId });
    }
    if (packet.cmd === 'subscribe') {
      const granted = packet.subscriptions.map(({ topic, qos }) =>
        this.script.refusedTopics.includes(topic) ? 0x80 : qos,
      );
      send({ cmd: 'suback', messageId, granted });
    }
    if (packet.cmd === 'unsubscribe') {
      send({ cmd: 'unsuback', messageId, granted: packet.unsubscriptions.map(() => 0) });
    }
    if (packet.cmd === 'pingreq' && this.script.answersPings) send({ cmd: 'pingresp' });
  }

  private welcome(connect: IConnectPacket, socket: TLSSocket, version: 4 | 5): void {
    const { versions, connectCode, sessionPresent } = this.script;
    if (!versions.includes(version)) {
      // 3.1.1, 3.1.2.2: CONNACK with code 1, then the connection is closed.
      socket.end(versions.includes(5) ? Uint8Array.of(0x20, 3, 0, 0x84, 0) : Uint8Array.of(0x20, 2, 0, 1));
      return;
    }
    const code = version === 5 ? [connectCode, 0] : [connectCode];
    socket.write(Uint8Array.of(0x20, 1 + code.length, sessionPresent ? 1 : 0, ...code));
    if (connectCode !== 0) {
      socket.end();
      return;
    }
    this.connections.push({
      connect,
      write: (bytes) => void socket.write(bytes),
      publish(topic, payload, messageId) {
        const packet: IPublishPacket = {
          cmd: 'publish',
          topic,
          payload: Buffer.from(payload),
          qos: 1,
          messageId,
          dup: false,
          retain: false,
        };
        socket.write(generate(packet, { protocolVersion: version }));
      },
      cut: () => socket.destroy(),
    });
  }

  private wake(): void {
    const watchers = this.watchers;
    this.watchers = [];
    for (const watcher of watchers) watcher();
  }

  private async until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.watchers.push(resolve));
    }
  }

  connection(n: number): Promise<BrokerConnection> {
    return this.until(() => this.connections[n - 1]);
  }

  seen<T extends Packet['cmd']>(
    cmd: T,
    matches: (packet: Extract<Packet, { cmd: T }>) => boolean = () => true,
  ): Promise<Extract<Packet, { cmd: T }>> {
    const wanted = (packet: Packet): packet is Extract<Packet, { cmd: T }> =>
      packet.cmd === cmd && matches(packet as Extract<Packet, { cmd: T }>);
    return this.until(() => this.packets.find(wanted));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}
