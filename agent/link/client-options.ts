import type { IClientOptions } from 'mqtt';
import type { MqttVersion } from './link-state.js';

/** Most messages under way in either direction without an acknowledgement. */
export const IN_FLIGHT_LIMIT = 20;

/** How long a broker keeps the session of a receiver that is away, seconds. */
const SESSION_EXPIRY_S = 86_400;

/** A message to be published. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain?: boolean;
}

/** What the CONNECT says. */
export interface SessionOptions {
  readonly clientId: string;
  readonly mqttVersion: MqttVersion;
  /** Told to the broker, which gives a silent receiver up after 1.5 times this. Seconds. */
  readonly keepaliveS: number;
  readonly will: OutgoingMessage;
}

/** How the library is to be: no retry, no queue and no subscriptions of its own. */
export function clientOptions(options: SessionOptions): IClientOptions {
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
