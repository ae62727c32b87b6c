import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { MqttClient, type IConnackPacket } from 'mqtt';
import { qosOf } from '../../protocols/topics.js';
import type { Clock } from '../core/clock.js';
import { codeOf, LoaError, messageOf, type ErrorFields, type Refusal } from '../core/errors.js';
import {
  clientOptions,
  IN_FLIGHT_LIMIT,
  type OutgoingMessage,
  type SessionOptions,
} from './client-options.js';
import { dial, type Dialled, type Route } from './dial.js';
import { GuardedStream } from './guarded-stream.js';
import { LinkTally, type Charge } from './link-tally.js';
import type { Sheds } from './packet-guard.js';
import { reasonText, TAKEN_OVER } from './reason-codes.js';
import { createSendWindow, type SendWindow } from './send-window.js';
import { RoundTrip } from './round-trip.js';
import { SilenceWatch } from './silence-watch.js';
import type { TlsSessions } from './tls-sessions.js';

/** Without a PUBACK, SUBACK or UNSUBACK for so long, the connection counts as lost though its pings are answered. */
const ACKNOWLEDGE_MS = 60_000;

/** MQTT 5.0, 3.2.2.2: Unsupported Protocol Version; 3.1.1, 3.2.2.3: unacceptable protocol version. */
const VERSION_REFUSALS = [0x84, 0x01];

/** What one connection is made of. */
export interface AttemptOptions extends SessionOptions {
  /** Time between two pings at first, seconds; at most `keepaliveS`. */
  readonly pingS: number;
  /** Host, port, key, chain and anchors. */
  readonly tls: ConnectionOptions;
  readonly route: Route;
  readonly sessions: TlsSessions;
  readonly clock: Clock;
}

/** What one connection tells. After `onEnded`, which comes once, nothing more. */
export interface AttemptListener {
  onConnected(connection: { sessionPresent: boolean; resumed: boolean }): void;
  onEnded(why: Refusal, versionRefused: boolean): void;
  /** Acknowledged to the broker when its promise has resolved; one at a time, in order. Must not reject. */
  onMessage(topic: string, payload: Uint8Array): Promise<void>;
  onOversize(message: { topic: string; bytes: number }): void;
  readonly sheds?: Sheds | undefined;
  /** Bytes crossed the network, TCP payload; `address` is the receiver's own, once it is known. */
  onBytes(...piece: [...Parameters<Charge>, address: string | undefined]): void;
}

/** One connection to the broker, from its name to its end; never reused. */
export interface Attempt {
  /** How long the broker took to answer last, milliseconds; undefined before its first answer. */
  readonly roundTripMs: number | undefined;
  /** Resolves on the PUBACK. @throws LoaError `E_LINK_LOST`, or `E_LINK_REFUSED` with the broker's reason */
  publish(message: OutgoingMessage): Promise<void>;
  /** Resolves on the SUBACK with the topics that the broker refused. @throws LoaError `E_LINK_LOST` */
  subscribe(topics: readonly string[]): Promise<string[]>;
  /** Resolves on the UNSUBACK. @throws LoaError `E_LINK_LOST` */
  unsubscribe(topics: readonly string[]): Promise<void>;
  /** Pings at this interval from now on, seconds; no longer than what the broker was told, or asks for. */
  pingEvery(intervalS: number): void;
  /** Sends a last message past everything that waits, and DISCONNECT after its PUBACK, so that the will is not sent. */
  farewell(message: OutgoingMessage): Promise<void>;
  /** Ends the connection at once. */
  abandon(): void;
}

/**
 * Starts one connection: own stream with the packet guard, own end on whatever the library reports (it stays connected
 * after a malformed packet or a DISCONNECT, measured with mqtt 5.16), and no retry of the library's.
 */
export function openAttempt(options: AttemptOptions, listener: AttemptListener): Attempt {
  return new BrokerAttempt(options, listener);
}

class BrokerAttempt implements Attempt {
  private ended = false;
  private up = false;
  private versionRefused = false;
  private client: MqttClient | undefined;
  private stream: Duplex | undefined;
  private address: string | undefined;
  private readonly stop = new AbortController();
  private readonly outgoing: SendWindow;
  private readonly tally: LinkTally;
  private readonly watch: SilenceWatch;
  private readonly roundTrip = new RoundTrip();

  constructor(
    private readonly options: AttemptOptions,
    private readonly listener: AttemptListener,
  ) {
    this.tally = new LinkTally((purpose, received, sent) =>
      listener.onBytes(purpose, received, sent, this.address),
    );
    this.outgoing = createSendWindow(IN_FLIGHT_LIMIT, options.clock, {
      limitMs: ACKNOWLEDGE_MS,
      late: () => this.end(silence(`no acknowledgement within ${ACKNOWLEDGE_MS / 1000} s`)),
    });
    this.watch = new SilenceWatch(options.clock, () => this.end(silence('the broker does not answer')));
    const { tls, route, sessions } = options;
    dial({ tls, route, sessions, meter: this.tally.wire }, this.stop.signal).then(
      (dialled) => this.begin(dialled),
      (error: unknown) =>
        this.end(error instanceof LoaError ? error : new LoaError(codeOf(error), messageOf(error))),
    );
  }

  private begin({ stream, resumed, localAddress }: Dialled): void {
    if (this.ended) {
      stream.destroy();
      return;
    }
    this.address = localAddress;
    const guarded = new GuardedStream(
      stream,
      {
        onOversize: (message) => this.listener.onOversize(message),
        sheds: this.listener.sheds,
        onVersionRefused: () => {
          this.versionRefused = true;
        },
        onPiece: (direction, piece) => {
          if (direction === 'in') this.watch.heard();
          this.tally.piece(direction, piece);
        },
      },
      this.options.clock,
    );
    this.stream = guarded;
    const client = new MqttClient(() => guarded, clientOptions(this.options));
    this.client = client;
    client.on('packetsend', (packet) => {
      guarded.expect(packet.cmd);
      this.roundTrip.sent(packet, this.options.clock.monotonicMs());
    });
    client.on('packetreceive', (packet) => this.roundTrip.received(packet, this.options.clock.monotonicMs()));
    client.on('connect', (packet) => this.connected(packet, resumed));
    client.on('error', (error) => {
      const { explained, version } = this.explain(error);
      this.end(explained, version);
    });
    client.on('disconnect', ({ reasonCode = 0 }) => this.end(dismissal(reasonCode)));
    client.on('close', () => this.end(new LoaError('E_LINK_LOST', 'the connection closed')));
    client.handleMessage = (packet, acknowledge) => {
      if (this.ended) return;
      if (!isTopicName(packet.topic)) {
        this.end(new LoaError('E_LINK_PROTOCOL', 'a message under an invalid topic'));
        return;
      }
      const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
      void this.listener.onMessage(packet.topic, payload).finally(() => {
        if (!this.ended) acknowledge();
      });
    };
  }

  private connected(packet: IConnackPacket, resumed: boolean): void {
    if (this.ended) return;
    this.up = true;
    this.tally.accepted();
    this.outgoing.resize(packet.properties?.receiveMaximum ?? IN_FLIGHT_LIMIT);
    this.pingEvery(this.options.pingS);
    this.listener.onConnected({ sessionPresent: packet.sessionPresent, resumed });
  }

  private end(error: LoaError, refusedVersion = false): void {
    if (this.ended) return;
    this.ended = true;
    this.stop.abort();
    this.watch.close();
    this.outgoing.close(this.up ? error : new LoaError('E_LINK_LOST', 'not connected'));
    this.client?.end(true);
    this.stream?.destroy();
    this.tally.end();
    const detail = error.message.slice(error.code.length + 2);
    this.listener.onEnded(
      { code: error.code, detail, fields: error.fields },
      this.versionRefused || refusedVersion,
    );
  }

  /** Errors of the library: a number is a broker's reason code, a LoaError came from the stream. */
  private explain(error: Error & { code?: unknown }): { explained: LoaError; version: boolean } {
    if (error instanceof LoaError) return { explained: error, version: false };
    if (typeof error.code === 'number' && !this.up) {
      const fields: ErrorFields = { reason: error.code };
      const detail = reasonText(error.code, this.options.mqttVersion);
      return {
        explained: new LoaError('E_LINK_REFUSED', detail, { fields, cause: error }),
        version: VERSION_REFUSALS.includes(error.code),
      };
    }
    const explained =
      error.message === 'Keepalive timeout'
        ? silence('the broker does not answer')
        : new LoaError('E_LINK_PROTOCOL', messageOf(error), { cause: error });
    return { explained, version: false };
  }

  private async send(message: OutgoingMessage): Promise<void> {
    const { topic, payload, retain = false } = message;
    try {
      await this.running().publishAsync(topic, Buffer.from(payload), { qos: 1, retain });
    } catch (error) {
      throw this.refusedOrLost(error, topic);
    }
  }

  private running(): MqttClient {
    if (this.client === undefined) throw new LoaError('E_LINK_LOST', 'not connected');
    return this.client;
  }

  get roundTripMs(): number | undefined {
    return this.roundTrip.latestMs;
  }

  publish(message: OutgoingMessage): Promise<void> {
    return this.outgoing.pass(() => this.send(message));
  }

  async subscribe(topics: readonly string[]): Promise<string[]> {
    let refused: string[] = [];
    await this.outgoing.pass(async () => {
      refused = await this.subscribeTo(topics);
    });
    return refused;
  }

  unsubscribe(topics: readonly string[]): Promise<void> {
    return this.outgoing.pass(async () => {
      try {
        await this.running().unsubscribeAsync([...topics]);
      } catch (error) {
        throw this.refusedOrLost(error, topics.join(' '));
      }
    });
  }

  /** The library fails a whole SUBSCRIBE for one refused topic; its packet says which (0x80 and above). */
  private subscribeTo(topics: readonly string[]): Promise<string[]> {
    const wanted = Object.fromEntries(topics.map((topic) => [topic, { qos: qosOf(topic) }]));
    return new Promise((resolve, reject) => {
      this.running().subscribe(wanted, (error, _granted, packet) => {
        const codes = packet?.granted;
        if (codes === undefined || codes.length !== topics.length) {
          reject(this.refusedOrLost(error ?? new Error('an unreadable SUBACK'), topics.join(' ')));
          return;
        }
        resolve(topics.filter((_topic, index) => Number(codes[index]) >= 0x80));
      });
    });
  }

  pingEvery(intervalS: number): void {
    const { client } = this;
    if (this.ended || client?.keepaliveManager === undefined || client.keepaliveManager === null) return;
    const everyS = Math.min(intervalS, client.keepalive);
    client.keepaliveManager.setKeepalive(everyS);
    this.watch.pingsEvery(everyS);
  }

  async farewell(message: OutgoingMessage): Promise<void> {
    await this.send(message);
    // DISCONNECT, the same two bytes in both versions; the library would first wait for all that is in flight.
    await new Promise<void>((resolve) => this.stream?.end(Uint8Array.of(0xe0, 0), () => resolve()));
  }

  abandon(): void {
    this.end(new LoaError('E_LINK_LOST', 'ended by the receiver'));
  }

  private refusedOrLost(error: unknown, topic: string): LoaError {
    if (error instanceof LoaError) return error;
    const reason = error instanceof Error && 'code' in error ? error.code : undefined;
    return typeof reason === 'number'
      ? new LoaError('E_LINK_REFUSED', reasonText(reason, this.options.mqttVersion), {
          cause: error,
          fields: { reason, topic },
        })
      : new LoaError('E_LINK_LOST', messageOf(error), { cause: error });
  }
}

/**
 * Topic names are never empty and hold no wildcard, no NUL and nothing that is not UTF-8, which the library reads as
 * U+FFFD (MQTT 5.0, 4.7.3 and 1.5.4); aliases were never agreed to (3.3.2.3.4).
 */
function isTopicName(topic: string): boolean {
  return topic !== '' && !/[+#\0\uFFFD]/.test(topic);
}

/** The link went without a word: what the keepalive learns from. */
function silence(detail: string): LoaError {
  return new LoaError('E_LINK_LOST', detail, { fields: { silent: true } });
}

function dismissal(reason: number): LoaError {
  const code = reason === TAKEN_OVER ? 'E_LINK_TAKEN_OVER' : 'E_LINK_LOST';
  return new LoaError(code, `the broker disconnects: ${reasonText(reason, 5)}`, { fields: { reason } });
}
