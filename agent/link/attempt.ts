import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { MqttClient, type IClientOptions } from 'mqtt';
import type { Clock } from '../core/clock.js';
import { LoaError, messageOf, type ErrorFields, type Refusal } from '../core/errors.js';
import { GuardedStream } from './guarded-stream.js';
import type { MqttVersion } from './link-state.js';
import { createSendWindow } from './send-window.js';

/** Most messages under way in either direction without an acknowledgement. */
export const IN_FLIGHT_LIMIT = 20;

/** How long a broker keeps the session of a receiver that is away, seconds. */
const SESSION_EXPIRY_S = 86_400;

/** Without a PUBACK, SUBACK or UNSUBACK for so long, the connection counts as lost though its pings are answered. */
const ACKNOWLEDGE_MS = 60_000;

/** MQTT 5.0, 3.2.2.2: Unsupported Protocol Version; 3.1.1, 3.2.2.3: unacceptable protocol version. */
const VERSION_REFUSALS = [0x84, 0x01];

/** A message to be published. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain?: boolean;
}

/** What one connection is made of. */
export interface AttemptOptions {
  readonly clientId: string;
  readonly mqttVersion: MqttVersion;
  readonly keepaliveS: number;
  readonly will: OutgoingMessage;
  /** Host, port, key, chain and anchors. */
  readonly tls: ConnectionOptions;
  readonly clock: Clock;
}

/** What one connection tells. After `onEnded`, which comes once, nothing more. */
export interface AttemptListener {
  onConnected(connection: { sessionPresent: boolean }): void;
  onEnded(why: Refusal, versionRefused: boolean): void;
  /** Acknowledged to the broker when its promise has resolved; one at a time, in order. Must not reject. */
  onMessage(topic: string, payload: Uint8Array): Promise<void>;
  onOversize(message: { topic: string; bytes: number }): void;
}

/** One connection to the broker, from TCP to its end; never reused. */
export interface Attempt {
  /** Resolves on the PUBACK. @throws LoaError `E_LINK_LOST`, or `E_LINK_REFUSED` with the broker's reason */
  publish(message: OutgoingMessage): Promise<void>;
  /** Resolves on the SUBACK with the topics that the broker refused. @throws LoaError `E_LINK_LOST` */
  subscribe(topics: readonly string[]): Promise<string[]>;
  /** Resolves on the UNSUBACK. @throws LoaError `E_LINK_LOST` */
  unsubscribe(topics: readonly string[]): Promise<void>;
  /** Sends a last message past everything that waits, and DISCONNECT after its PUBACK, so that the will is not sent. */
  farewell(message: OutgoingMessage): Promise<void>;
  /** Ends the connection at once. */
  abandon(): void;
}

/**
 * Starts one connection: own stream with the packet guard, own end on whatever the library reports (it stays connected
 * after a malformed packet or a DISCONNECT, measured with mqtt 5.16), and no retry of the library's.
 * @throws LoaError `E_LINK_TLS` where key, chain or anchors cannot be used at all
 */
export function openAttempt(options: AttemptOptions, listener: AttemptListener): Attempt {
  let ended = false;
  let up = false;
  let versionRefused = false;

  const end = (error: LoaError, refusedVersion = false): void => {
    if (ended) return;
    ended = true;
    outgoing.close(up ? error : new LoaError('E_LINK_LOST', 'not connected'));
    client.end(true);
    stream.destroy();
    const detail = error.message.slice(error.code.length + 2);
    listener.onEnded({ code: error.code, detail, fields: error.fields }, versionRefused || refusedVersion);
  };
  const outgoing = createSendWindow(IN_FLIGHT_LIMIT, options.clock, {
    limitMs: ACKNOWLEDGE_MS,
    late: () => end(new LoaError('E_LINK_LOST', `no acknowledgement within ${ACKNOWLEDGE_MS / 1000} s`)),
  });
  const stream = openStream(options.tls, {
    onOversize: (message) => listener.onOversize(message),
    onVersionRefused: () => {
      versionRefused = true;
    },
  });
  const client = new MqttClient(() => stream, clientOptions(options));

  client.on('connect', (packet) => {
    if (ended) return;
    up = true;
    outgoing.resize(packet.properties?.receiveMaximum ?? IN_FLIGHT_LIMIT);
    listener.onConnected({ sessionPresent: packet.sessionPresent });
  });
  client.on('error', (error) => {
    const { explained, version } = explain(error, up);
    end(explained, version);
  });
  client.on('disconnect', (packet) => {
    const reason = packet.reasonCode ?? 0;
    end(new LoaError('E_LINK_LOST', `the broker disconnects, reason ${reason}`, { fields: { reason } }));
  });
  client.on('close', () => end(new LoaError('E_LINK_LOST', 'the connection closed')));
  client.handleMessage = (packet, acknowledge) => {
    if (ended) return;
    if (!isTopicName(packet.topic)) {
      end(new LoaError('E_LINK_PROTOCOL', 'a message under an invalid topic'));
      return;
    }
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    void listener.onMessage(packet.topic, payload).finally(() => {
      if (!ended) acknowledge();
    });
  };

  const send = (message: OutgoingMessage): Promise<void> =>
    client
      .publishAsync(message.topic, Buffer.from(message.payload), { qos: 1, retain: message.retain ?? false })
      .then(
        () => undefined,
        (error: unknown) => {
          throw refusedOrLost(error, message.topic);
        },
      );
  return {
    publish: (message) => outgoing.pass(() => send(message)),
    async subscribe(topics) {
      let refused: string[] = [];
      await outgoing.pass(async () => {
        refused = await subscribeTo(client, topics);
      });
      return refused;
    },
    unsubscribe: (topics) =>
      outgoing.pass(() =>
        client.unsubscribeAsync([...topics]).then(
          () => undefined,
          (error: unknown) => {
            throw refusedOrLost(error, topics.join(' '));
          },
        ),
      ),
    async farewell(message) {
      await send(message);
      // DISCONNECT, the same two bytes in both versions; the library would first wait for all that is in flight.
      await new Promise<void>((resolve) => stream.end(Uint8Array.of(0xe0, 0), () => resolve()));
    },
    abandon() {
      end(new LoaError('E_LINK_LOST', 'ended by the receiver'));
    },
  };
}

/**
 * Topic names are never empty and hold no wildcard, no NUL and nothing that is not UTF-8, which the library reads as
 * U+FFFD (MQTT 5.0, 4.7.3 and 1.5.4); aliases were never agreed to (3.3.2.3.4).
 */
function isTopicName(topic: string): boolean {
  return topic !== '' && !/[+#\0\uFFFD]/.test(topic);
}

function openStream(
  tls: ConnectionOptions,
  listener: ConstructorParameters<typeof GuardedStream>[1],
): GuardedStream {
  try {
    return new GuardedStream(connectTls(tls), listener);
  } catch (cause) {
    throw new LoaError('E_LINK_TLS', `key, chain or anchors cannot be used: ${messageOf(cause)}`, { cause });
  }
}

function clientOptions(options: AttemptOptions): IClientOptions {
  const { clientId, mqttVersion, keepaliveS, will } = options;
  return {
    clientId,
    protocolVersion: mqttVersion,
    clean: false,
    keepalive: keepaliveS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    timerVariant: 'native',
    // The states of the link end an attempt that takes too long; this only stands behind them.
    connectTimeout: 60_000,
    will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: will.retain ?? false },
    ...(mqttVersion === 5
      ? {
          // No Maximum Packet Size: a broker drops what is larger and tells nobody (MQTT 5.0, 3.1.2.11.4).
          properties: { sessionExpiryInterval: SESSION_EXPIRY_S, receiveMaximum: IN_FLIGHT_LIMIT },
        }
      : {}),
  };
}

/** Errors of the library: a number is a broker's reason code, a LoaError came from the stream. */
function explain(error: Error & { code?: unknown }, up: boolean): { explained: LoaError; version: boolean } {
  if (error instanceof LoaError) return { explained: error, version: false };
  if (typeof error.code === 'number' && !up) {
    const fields: ErrorFields = { reason: error.code };
    return {
      explained: new LoaError('E_LINK_REFUSED', messageOf(error), { fields, cause: error }),
      version: VERSION_REFUSALS.includes(error.code),
    };
  }
  const keepalive = error.message === 'Keepalive timeout';
  return {
    explained: new LoaError(
      keepalive ? 'E_LINK_LOST' : 'E_LINK_PROTOCOL',
      keepalive ? 'the broker does not answer' : messageOf(error),
      { cause: error },
    ),
    version: false,
  };
}

function refusedOrLost(error: unknown, topic: string): LoaError {
  const reason = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof reason === 'number'
    ? new LoaError('E_LINK_REFUSED', messageOf(error), { cause: error, fields: { reason, topic } })
    : new LoaError('E_LINK_LOST', messageOf(error), { cause: error });
}

/** The library fails a whole SUBSCRIBE for one refused topic; its packet says which (0x80 and above). */
function subscribeTo(client: MqttClient, topics: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    client.subscribe([...topics], { qos: 1 }, (error, _granted, packet) => {
      const codes = packet?.granted;
      if (codes === undefined || codes.length !== topics.length) {
        reject(refusedOrLost(error ?? new Error('an unreadable SUBACK'), topics.join(' ')));
        return;
      }
      resolve(topics.filter((_topic, index) => Number(codes[index]) >= 0x80));
    });
  });
}
