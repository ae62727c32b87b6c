import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import { systemClock, type Clock } from '../../agent/core/clock.js';
import type { Log } from '../../agent/core/log.js';
import { TOPIC_ROOT, upTopics } from '../../protocols/topics.js';
import { Mosquitto } from '../fakes/broker-mosquitto.js';
import { OPERATOR_NAME } from '../source-system/certificate-authority.js';
import { Ears } from '../source-system/ears.js';
import { MediaServer } from '../source-system/media-server.js';
import { MirrorServer } from '../source-system/mirror-server.js';
import { connectOperator } from '../source-system/operator-link.js';
import { ProvinceFolder, type Enrolment, type EnrolmentRequest } from '../source-system/province-folder.js';
import { withDesired, type Province, type Publication } from '../source-system/province.js';
import { Icecast } from './icecast.js';
import { LIVE_BYTES_PER_S } from './live-feeder.js';

/** What a real province needs. */
export interface RealProvinceOptions {
  /** An existing, empty folder for everything of the province and its servers. */
  readonly folder: string;
  readonly log: Log;
  /** Further names in the servers' certificates. */
  readonly names?: readonly string[];
  /** The pace of live streams; the machine's by default. */
  readonly mediaClock?: Clock;
}

/** A province whose servers are those of Debian: mosquitto and Icecast, on free ports of the loopback. */
export interface RealProvince {
  readonly province: Province;
  readonly mosquitto: Mosquitto;
  readonly icecast: Icecast;
  /** Files over HTTPS. */
  readonly media: MediaServer;
  /** Serves what `home` writes there. */
  readonly mirror: MirrorServer;
  /** What the province keeps: its authority of certificates, and the mirror's files. */
  readonly home: ProvinceFolder;
  readonly ears: Ears;
  /** Publishes as the operator, with QoS 1. */
  send(publication: Publication): Promise<void>;
  /** Signs a receiver's CSR and publishes where it stands. */
  enrol(request: EnrolmentRequest): Promise<Enrolment>;
  /** Ends all of it, servers last. */
  close(): Promise<void>;
}

/** Sound that a new listener of Icecast gets at once, seconds. */
const BURST_S = 1.5;

/** Starts the servers, publishes what must stand retained, and listens to what receivers say. */
export async function startRealProvince({
  folder,
  log,
  names = [],
  mediaClock = systemClock,
}: RealProvinceOptions): Promise<RealProvince> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const home = await ProvinceFolder.open(join(folder, 'province'), systemClock);
    const identity = await home.ca.issueServer({ names });
    const { anchorsPem } = home.ca;
    const tlsFolder = await writeServerFiles(join(folder, 'broker-tls'), identity, anchorsPem);
    const mosquitto = await Mosquitto.prepare({ folder: tlsFolder }, ACCESS);
    closers.push(() => mosquitto.remove());
    await mosquitto.start();
    const icecastFolder = join(folder, 'icecast');
    await mkdir(icecastFolder);
    const burstBytes = Math.round(BURST_S * LIVE_BYTES_PER_S);
    const icecast = await Icecast.start({ folder: icecastFolder, burstBytes });
    closers.push(() => icecast.stop());
    const media = await MediaServer.start({ identity, clock: mediaClock, log });
    closers.push(() => media.close());
    const mirror = await MirrorServer.start({ identity, log, folder: home.mirrorPath });
    closers.push(
      () => home.mirrorWritten(),
      () => mirror.close(),
    );
    const link = {
      ...{ url: `mqtts://localhost:${mosquitto.port}`, identity: home.operator, anchorsPem },
    };
    const operator = await connectOperator({ ...link, clientId: clientId('desk') });
    closers.push(() => operator.endAsync(true));
    for (const publication of await home.province.retained()) await publish(operator, publication);
    const ears = await Ears.start({
      // Who was away as the broker is hears afterwards what was said first.
      ...{ ...link, clientId: clientId('ears'), keepSession: true, clock: systemClock, log },
      certificateOf: (id) => home.certificateOf(id),
    });
    closers.push(() => ears.close());
    return {
      ...{ home, province: home.province, mosquitto, icecast, media, mirror, ears, close },
      send: (publication) => publish(operator, publication),
      async enrol(request) {
        const enrolment = await home.enrol(request);
        for (const one of await withDesired(home.province, enrolment.assignment))
          await publish(operator, one);
        return enrolment;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * mosquitto's access list, the user being the certificate's common name: a receiver writes its own up-topics and reads
 * its own topics and what is said to areas and groups; the operator writes what goes down and reads what comes up.
 */
const ACCESS = [
  ...[`user ${OPERATOR_NAME}`, `topic write ${TOPIC_ROOT}/#`, `topic read ${TOPIC_ROOT}/receiver/#`],
  ...Object.values(upTopics).map((of) => `pattern write ${of('%u')}`),
  ...['receiver/%u/#', 'trust', 'beat/+', 'area/#', 'group/#'].map(
    (topic) => `pattern read ${TOPIC_ROOT}/${topic}`,
  ),
  '',
].join('\n');

function clientId(role: string): string {
  return `${OPERATOR_NAME}-${role}-${randomUUID().slice(0, 8)}`;
}

async function publish(client: MqttClient, { topic, payload, retain }: Publication): Promise<void> {
  await client.publishAsync(topic, payload, { qos: 1, retain });
}

async function writeServerFiles(
  folder: string,
  identity: { readonly certificatePem: string; readonly keyPem: string },
  anchorsPem: string,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'ca.pem'), anchorsPem);
  await writeFile(join(folder, 'server.pem'), identity.certificatePem);
  await writeFile(join(folder, 'server.key'), identity.keyPem, { mode: 0o600 });
  return folder;
}
