import { connectAsync, type MqttClient } from 'mqtt';
import { LoaError, messageOf } from '../../agent/core/errors.js';
import type { Identity } from './certificate-authority.js';

const CONNECT_MS = 10_000;

/** Where and as whom an operator connects. */
export interface OperatorLinkOptions {
  /** `mqtts://localhost:PORT` */
  readonly url: string;
  readonly identity: Identity;
  readonly anchorsPem: string;
  /** `operator-…`: each connection has its own. */
  readonly clientId: string;
  /** How long to wait before connecting again; 0 for never. 500 ms by default. */
  readonly reconnectMs?: number;
  /** The broker keeps what comes while the operator is away; by default it forgets it. */
  readonly keepSession?: boolean;
}

/**
 * Connects as operator: MQTT 3.1.1 over mutual TLS, a clean session unless asked otherwise. It connects again by itself and then subscribes
 * again to what it was subscribed to.
 * @throws LoaError `E_LINK_CONNECT` where there is no connection at first
 */
export async function connectOperator(options: OperatorLinkOptions): Promise<MqttClient> {
  try {
    const client = await connectAsync(
      options.url,
      {
        protocolVersion: 4,
        clientId: options.clientId,
        clean: options.keepSession !== true,
        ca: options.anchorsPem,
        key: options.identity.keyPem,
        cert: options.identity.certificatePem,
        connectTimeout: CONNECT_MS,
        reconnectPeriod: options.reconnectMs ?? 500,
        keepalive: 30,
        // A command that waits for a broker must not be said later, by surprise.
        queueQoSZero: false,
      },
      false,
    );
    // mqtt.js reports a broken connection and reconnects; without a listener it would end the process.
    client.on('error', () => client.stream.destroy());
    return client;
  } catch (cause) {
    throw new LoaError('E_LINK_CONNECT', `${options.url}: ${messageOf(cause)}`, { cause });
  }
}
