import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** A broker that does not behave. */
export interface HostileBroker {
  readonly name: string;
  /** What it does with a TCP connection before TLS; TLS with the right certificate where it is absent. */
  readonly raw?: (socket: Socket) => void;
  /** What it does with a secured connection; the receiver's first packet (CONNECT) has come. */
  readonly secured?: (socket: TLSSocket) => void;
}

const CONNACK = Uint8Array.of(0x20, 3, 0, 0, 0);

/** A remaining length in four bytes (MQTT 5.0, 1.5.5). */
function varint(length: number): number[] {
  return [0, 1, 2, 3].map((n) => (Math.floor(length / 128 ** n) & 127) | (n < 3 ? 128 : 0));
}

/** A PUBLISH of MQTT 5 with this topic and so many bytes of payload. */
function publish(flags: number, topic: string, payloadBytes: number, id = 1): Buffer {
  const name = Buffer.from(topic);
  const head = [name.length >> 8, name.length & 255, ...name];
  const rest = (flags & 6) === 0 ? [0] : [id >> 8, id & 255, 0];
  const length = head.length + rest.length + payloadBytes;
  const front = Buffer.from([0x30 | flags, ...varint(length), ...head, ...rest]);
  return Buffer.concat([front, Buffer.alloc(payloadBytes, 0x61)]);
}

/** Writes a piece again and again, as fast as the receiver takes it, until the connection ends. */
function flood(socket: Socket, piece: Uint8Array): void {
  const go = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', go);
  go();
}

/** Every so often until the connection ends. */
function each(socket: Socket, everyMs: number, run: () => void): void {
  const timer = setInterval(run, everyMs);
  socket.on('close', () => clearInterval(timer));
}

/** Says that it accepts, then this. */
function after(bytes: Uint8Array | readonly number[]): (socket: TLSSocket) => void {
  return (socket) => {
    socket.write(CONNACK);
    socket.write(Uint8Array.from(bytes));
  };
}

function flooding(piece: Uint8Array): (socket: TLSSocket) => void {
  return (socket) => {
    socket.write(CONNACK);
    flood(socket, piece);
  };
}

const BEFORE_TLS: readonly HostileBroker[] = [
  { name: 'closes at once', raw: (socket) => void socket.destroy() },
  { name: 'takes the connection and never speaks', raw: () => undefined },
  {
    name: 'a captive portal in HTTP',
    raw: (socket) =>
      void socket.end('HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\nContent-Length: 0\r\n\r\n'),
  },
  { name: 'endless garbage in the handshake', raw: (socket) => flood(socket, Buffer.alloc(65_536, 0x5a)) },
  {
    name: 'an endless TLS record that is never whole',
    raw: (socket) => each(socket, 50, () => socket.write(Uint8Array.of(0x16, 3, 3, 0x40, 0))),
  },
];

const CONNACKS: readonly HostileBroker[] = [
  { name: 'secured, and never a CONNACK', secured: () => undefined },
  {
    name: 'a CONNACK drop by drop that never ends',
    secured: (socket) => each(socket, 200, () => socket.write(Uint8Array.of(0x20))),
  },
  { name: 'refuses: not authorized', secured: (socket) => socket.end(Uint8Array.of(0x20, 3, 0, 0x87, 0)) },
  { name: 'refuses: banned', secured: (socket) => socket.end(Uint8Array.of(0x20, 3, 0, 0x8a, 0)) },
  {
    name: 'a CONNACK of 256 MB',
    secured: (socket) => {
      socket.write(Uint8Array.of(0x20, 0xff, 0xff, 0xff, 0x7f));
      flood(socket, Buffer.alloc(65_536));
    },
  },
  { name: 'a second CONNACK', secured: after([...CONNACK]) },
  { name: 'a message before the CONNACK', secured: (socket) => void socket.write(publish(2, 'a', 10)) },
];

const PACKETS: readonly HostileBroker[] = [
  { name: 'garbage', secured: flooding(Buffer.from('0123456789abcdef'.repeat(4_096))) },
  { name: 'a remaining length of five bytes', secured: after([0x30, 0xff, 0xff, 0xff, 0xff, 1]) },
  {
    name: 'a message of 256 MB, sent at full speed',
    secured: (socket) => {
      after([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0x61])(socket);
      flood(socket, Buffer.alloc(65_536));
    },
  },
  { name: 'messages of 900 kB without end, QoS 1', secured: flooding(publish(2, 'a', 900_000)) },
  { name: 'messages of 60 kB without end, QoS 1', secured: flooding(publish(2, 'a', 60_000)) },
  {
    name: 'small messages without end, QoS 0',
    secured: flooding(Buffer.concat(Array.from({ length: 500 }, () => publish(0, 'loa/v1/trust', 100)))),
  },
  {
    name: 'small messages without end, QoS 1, and reads nothing',
    secured: (socket) => {
      flooding(Buffer.concat(Array.from({ length: 500 }, () => publish(2, 'loa/v1/trust', 100))))(socket);
      socket.pause();
    },
  },
  { name: 'a topic that is no UTF-8', secured: after([0x32, 8, 0, 2, 0xc3, 0x28, 0, 7, 0, 0x78]) },
  { name: 'a topic with a wildcard', secured: after([0x32, 8, 0, 2, 0x61, 0x23, 0, 7, 0, 0x78]) },
  { name: 'a message of QoS 2', secured: after(publish(4, 'a', 10)) },
  { name: 'half a message, then silence', secured: after(publish(2, 'a', 60_000).subarray(0, 30_000)) },
  { name: 'takes the session over', secured: after([0xe0, 2, 0x8e, 0]) },
  { name: 'disconnects: shutting down', secured: after([0xe0, 2, 0x8b, 0]) },
  {
    name: 'acknowledges what was never sent',
    secured: flooding(Buffer.from('40020001'.repeat(2_000), 'hex')),
  },
  { name: 'answers pings that were never sent', secured: flooding(Buffer.from('d000'.repeat(8_000), 'hex')) },
  { name: 'a SUBACK with no codes', secured: after([0x90, 3, 0, 1, 0]) },
  { name: 'AUTH that was never begun', secured: after([0xf0, 2, 0x18, 0]) },
  { name: 'accepts, and then never answers anything', secured: after([]) },
  {
    name: 'user properties without sense, 60 kB',
    secured: (socket) => {
      const pair = [0x26, 0, 1, 0x61, 0, 1, 0x62];
      const properties = Buffer.from(Array.from({ length: 8_500 }, () => pair).flat());
      const body = Buffer.concat([
        Uint8Array.of(0, 0),
        Uint8Array.from(varint(properties.length)),
        properties,
      ]);
      socket.write(Buffer.concat([Uint8Array.from([0x20, ...varint(body.length)]), body]));
    },
  },
];

/** Every behaviour of the rig, more than 20. */
export const HOSTILE_BROKERS: readonly HostileBroker[] = [...BEFORE_TLS, ...CONNACKS, ...PACKETS];
