import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import { systemClock } from '../../agent/core/clock.js';
import type { Log } from '../../agent/core/log.js';
import { Mosquitto } from '../fakes/broker-mosquitto.js';
import { Ears } from '../source-system/ears.js';
import { connectOperator } from '../source-system/operator-link.js';
import { ProvinceFolder, type Enrolment, type EnrolmentRequest } from '../source-system/province-folder.js';
import type { Province, Publication } from '../source-system/province.js';

/** The simulated province's keys and ears on a real broker, in the words of the source system. */
export interface MosquittoProvince {
  readonly folder: ProvinceFolder;
  readonly province: Province;
  readonly mosquitto: Mosquitto;
  readonly ears: Ears;
  publish(
    topic: string,
    payload: string | Uint8Array,
    options?: { readonly retain?: boolean },
  ): Promise<void>;
  send(publication: Publication): Promise<void>;
  enrol(request: EnrolmentRequest): Promise<Enrolment>;
  close(): Promise<void>;
}

/** Users are the names of the certificates: an operator everywhere, a receiver on its own topics. */
const ACCESS = `user operator
topic readwrite loa/v1/#
pattern read loa/v1/trust
pattern read loa/v1/beat/+
pattern read loa/v1/area/#
pattern read loa/v1/group/#
pattern read loa/v1/receiver/%u/#
pattern write loa/v1/receiver/%u/state
pattern write loa/v1/receiver/%u/reply
pattern write loa/v1/receiver/%u/receipt
pattern write loa/v1/receiver/%u/event
pattern write loa/v1/receiver/%u/telemetry
`;

/**
 * Starts mosquitto (MQTT 5, mutual TLS, access by certificate name). It writes every change down at once, and the
 * province's ears keep their session: what a receiver delivers while they are away waits for them.
 */
export async function startMosquittoProvince(path: string, log: Log): Promise<MosquittoProvince> {
  const folder = await ProvinceFolder.open(path, systemClock);
  const { ca, operator, province } = folder;
  const mosquitto = await prepare(folder);
  const closers: (() => Promise<unknown>)[] = [() => mosquitto.remove()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    await mosquitto.start();
    const link = {
      ...{ url: `mqtts://localhost:${mosquitto.port}`, identity: operator, anchorsPem: ca.anchorsPem },
      reconnectMs: 100,
    };
    const client: MqttClient = await connectOperator({ ...link, clientId: `operator-${randomUUID()}` });
    closers.push(() => client.endAsync(true));
    const publish: MosquittoProvince['publish'] = async (topic, payload, { retain = false } = {}) => {
      await client.publishAsync(topic, Buffer.from(payload), { qos: 1, retain });
    };
    const send: MosquittoProvince['send'] = ({ topic, payload, retain }) =>
      publish(topic, payload, { retain });
    for (const publication of await province.retained()) await send(publication);
    const ears = await Ears.start({
      ...{ ...link, clock: systemClock, log, keepSession: true, clientId: `operator-ears-${randomUUID()}` },
      certificateOf: (id) => folder.certificateOf(id),
    });
    closers.push(() => ears.close());
    const enrol = async (request: EnrolmentRequest): Promise<Enrolment> => {
      const enrolment = await folder.enrol(request);
      await send(enrolment.assignment);
      return enrolment;
    };
    return { folder, province, mosquitto, ears, publish, send, enrol, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function prepare(province: ProvinceFolder): Promise<Mosquitto> {
  const { ca } = province;
  const server = await ca.issueServer();
  const folder = join(province.path, 'broker');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'ca.pem'), ca.anchorsPem);
  await writeFile(join(folder, 'server.pem'), server.certificatePem);
  await writeFile(join(folder, 'server.key'), server.keyPem, { mode: 0o600 });
  const mosquitto = await Mosquitto.prepare({ folder });
  await writeFile(join(mosquitto.folder, 'acl'), ACCESS);
  await appendFile(
    join(mosquitto.folder, 'mosquitto.conf'),
    '\nautosave_on_changes true\nautosave_interval 1\n',
  );
  return mosquitto;
}
