import { checkServerIdentity as checkName } from 'node:tls';
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { MqttClient } from 'mqtt';
import type { Identity } from '../../../certs/identity.js';
import { tlsOptions } from '../../../certs/tls-options.js';
import { downTopics } from '../../../protocols/topics.js';
import type { Config } from '../../config.js';
import { systemClock } from '../../core/clock.js';
import { codeOf, messageOf, type ErrorCode } from '../../core/errors.js';
import { dial } from '../../link/dial.js';
import { proxyOf } from '../../link/http-proxy.js';
import { reasonText } from '../../link/reason-codes.js';
import { TlsSessions } from '../../link/tls-sessions.js';
import type { BrokerFacts } from './facts.js';

const LOGIN_LIMIT_MS = 12_000;
/** The trust document is retained, so it comes as soon as it may be heard. */
const RETAINED_LIMIT_MS = 2_500;
const VERSION_REFUSED = [0x84, 0x01];

type Found = Pick<BrokerFacts, 'login' | 'refusedTopics'>;

/**
 * Logs in beside the receiver: an own client id (the receiver's with an ending) and a clean session, so that the receiver's own
 * session, its queue and its connection stay as they are. Then asks to hear the trust document, which a province always retains: a
 * broker that refuses it, or grants it and brings nothing, does not let this certificate read.
 */
export async function loginFacts(config: Config, identity: Identity): Promise<Found> {
  const signal = AbortSignal.timeout(LOGIN_LIMIT_MS);
  const fromMs = performance.now();
  for (const version of [5, 4] as const) {
    const found = await login(config, identity, version, signal);
    if (found === 'version') continue;
    const tookMs = Math.round(performance.now() - fromMs);
    return found.login === undefined ? found : { ...found, login: { ...found.login, tookMs } };
  }
  return failed('E_LINK_REFUSED', 'neither MQTT 5 nor 3.1.1');
}

function failed(code: ErrorCode, detail: string): Found {
  return { login: { kind: 'failed', code, detail: detail.slice(0, 200) } };
}

async function login(
  config: Config,
  identity: Identity,
  protocolVersion: 4 | 5,
  signal: AbortSignal,
): Promise<Found | 'version'> {
  const { host, port, proxy, webSocketPath } = config.broker;
  const through = proxyOf(proxy);
  // Loaded first: what the server says right after the handshake must not come before somebody listens.
  const mqtt = await import('mqtt');
  try {
    const { stream } = await dial(
      {
        tls: { ...tlsOptions(identity), host, port, servername: host, checkServerIdentity: checkName },
        route: {
          ...(through === undefined ? {} : { proxy: through }),
          ...(webSocketPath === '' ? {} : { webSocketPath }),
        },
        sessions: new TlsSessions(systemClock),
        meter: () => undefined,
      },
      signal,
    );
    return await talk(mqtt.MqttClient, stream, identity.receiverId, protocolVersion, signal);
  } catch (error) {
    // A server that does not take the certificate says so in an alert, with TLS 1.3 after the handshake.
    const refused = /alert/i.test(messageOf(error));
    return failed(refused ? 'E_DEVICE_REFUSED' : codeOf(error), messageOf(error));
  }
}

async function talk(
  Client: typeof MqttClient,
  stream: Duplex,
  receiverId: string,
  protocolVersion: 4 | 5,
  signal: AbortSignal,
): Promise<Found | 'version'> {
  const client = new Client(() => stream, {
    clientId: `${receiverId}-check-${randomBytes(3).toString('hex')}`,
    ...{
      protocolVersion,
      clean: true,
      keepalive: 30,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    },
  });
  const topic = downTopics.trust();
  try {
    return await new Promise<Found | 'version'>((resolve) => {
      const late = (): void => resolve(failed('E_LINK_SLOW', `no answer within ${LOGIN_LIMIT_MS / 1000} s`));
      signal.addEventListener('abort', late, { once: true });
      let heard = (): void => undefined;
      client.on('message', () => heard());
      client.on('error', (error: Error & { code?: unknown }) => resolve(refusal(error, protocolVersion)));
      // The library keeps the alert of a server that does not take the certificate to itself, and tells of a close.
      stream.once('error', (error) => resolve(refusal(error, protocolVersion)));
      client.on('close', () => resolve(hungUp(protocolVersion)));
      if (stream.destroyed) resolve(hungUp(protocolVersion));
      client.on('connect', () => {
        const login = { kind: 'ok', detail: `MQTT ${protocolVersion === 4 ? '3.1.1' : '5'}` } as const;
        heard = () => resolve({ login, refusedTopics: [] });
        client.subscribe({ [topic]: { qos: 0 } }, (_error, _granted, packet) => {
          const code = Number(packet?.granted?.[0] ?? 0);
          const denied = (): void => resolve({ login, refusedTopics: [topic] });
          if (code >= 0x80) denied();
          else setTimeout(denied, RETAINED_LIMIT_MS).unref();
        });
      });
    });
  } finally {
    client.end(true);
    stream.destroy();
  }
}

/** Some brokers hang up on MQTT 5 without a word; one that hangs up on both does not take the certificate. */
function hungUp(version: 4 | 5): Found | 'version' {
  return version === 5 ? 'version' : failed('E_DEVICE_REFUSED', 'the broker hangs up after the handshake');
}

function refusal(error: Error & { code?: unknown }, version: 4 | 5): Found | 'version' {
  if (typeof error.code === 'number') {
    if (VERSION_REFUSED.includes(error.code) && version === 5) return 'version';
    return failed('E_LINK_REFUSED', reasonText(error.code, version));
  }
  const text = `${typeof error.code === 'string' ? error.code : ''} ${error.message}`;
  return failed(/ALERT|alert/.test(text) ? 'E_DEVICE_REFUSED' : 'E_LINK_REFUSED', text.trim());
}
