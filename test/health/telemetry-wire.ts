import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { systemClock } from '../../agent/core/clock.js';
import { createEnvelope } from '../../agent/link/envelope.js';
import type { Reading } from '../../agent/telemetry/dead-band.js';
import { state, telemetry, type State } from '../../protocols/messages/up.js';
import { upTopics } from '../../protocols/topics.js';
import { countPcap, startCapture } from '../faults/idle-traffic.js';
import { startMosquittoProvince } from '../faults/mosquitto-province.js';
import { KeptLog } from '../support/kept-log.js';

/** What messages cost on the wire. */
export interface WireCost {
  readonly messages: number;
  /** Of the longest message as it is published, bytes. */
  readonly longestBytes: number;
  /** IP bytes in both directions, with headers and acknowledgements. */
  readonly ipBytes: number;
}

/** Long enough that each message has its own segment, acknowledgement and PUBACK. */
const APART_MS = 60;
/** tcpdump says that it listens before it does, and writes some time after it has seen. */
const CAPTURE_MS = 1_500;

/**
 * Publishes a birth, where one is given, and readings to mosquitto over mutual TLS 1.3 (MQTT 5, QoS 1), each by itself, and counts what tcpdump
 * sees of them: no handshake, no ping.
 * @param folder an empty one
 */
export async function telemetryWire(
  folder: string,
  readings: readonly Reading[],
  birth?: State['body'],
): Promise<WireCost> {
  const province = await startMosquittoProvince(join(folder, 'province'), new KeptLog());
  try {
    const { operator, ca } = province.folder;
    const { port } = province.mosquitto;
    const id = 'cum-01';
    const envelope = createEnvelope(id, randomUUID(), systemClock);
    const messages = [
      ...(birth === undefined ? [] : [state.parse({ type: 'state', ...envelope.next(), body: birth })]),
      ...readings.map((body) => telemetry.parse({ type: 'telemetry', ...envelope.next(), body })),
    ].map((message) => ({
      topic: upTopics[message.type](id),
      type: message.type,
      text: JSON.stringify(message),
    }));
    const client = await connectAsync(`mqtts://localhost:${port}`, {
      ...{ key: operator.keyPem, cert: operator.certificatePem, ca: ca.anchorsPem },
      ...{ protocolVersion: 5, keepalive: 0, clientId: `wire-${randomUUID()}` },
    });
    const local = (client.stream as unknown as { readonly localPort?: number }).localPort;
    if (local === undefined) throw new Error('the connection has no port of its own');
    await sleep(500);
    const path = join(folder, 'telemetry.pcap');
    const capture = await startCapture(path, [local]);
    await sleep(CAPTURE_MS);
    for (const { topic, type, text } of messages) {
      await client.publishAsync(topic, text, { qos: 1, retain: type === 'state' });
      await sleep(APART_MS);
    }
    await sleep(CAPTURE_MS);
    await capture.stop();
    await client.endAsync(true);
    const { bytes = 0 } = countPcap(await readFile(path)).get(local) ?? {};
    const longestBytes = Math.max(0, ...messages.map(({ text }) => Buffer.byteLength(text)));
    return { messages: messages.length, longestBytes, ipBytes: bytes };
  } finally {
    await province.close();
  }
}
