import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import { systemClock } from '../../agent/core/clock.js';
import type { Log } from '../../agent/core/log.js';
import { Mosquitto } from '../fakes/broker-mosquitto.js';
import type { Identity } from '../source-system/certificate-authority.js';
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

/** What a province whose TLS authority changes needs beside its own. */
export interface AuthorityChange {
  /** The operator's certificate; the province's own by default. */
  readonly operator: Identity;
  /** Every authority that the broker and the operator trust, PEM. */
  readonly anchorsPem: string;
  /** Revocation lists for mosquitto's crlfile, one of each authority, PEM. */
  readonly revokedPem: string;
}

/**
 * Starts mosquitto (MQTT 5, mutual TLS, access by certificate name). It writes every change down at once, and the
 * province's ears keep their session: what a receiver delivers while they are away waits for them.
 */
export async function startMosquittoProvince(
  path: string,
  log: Log,
  change?: AuthorityChange,
): Promise<MosquittoProvince> {
  const folder = await ProvinceFolder.open(path, systemClock);
  const { province } = folder;
  const { operator, anchorsPem } = change ?? { operator: folder.operator, anchorsPem: folder.ca.anchorsPem };
  const mosquitto = await prepare(folder, change);
  const closers: (() => Promise<unknown>)[] = [() => mosquitto.remove()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    await mosquitto.start();
    const link = {
      ...{ url: `mqtts://localhost:${mosquitto.port}`, identity: operator, anchorsPem },
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

/** Where mosquitto's certificates and its revocation list stand: ca.pem, server.pem, server.key, revoked.pem. */
export function brokerFolder(provincePath: string): string {
  return join(provincePath, 'broker');
}

async function prepare(province: ProvinceFolder, change: AuthorityChange | undefined): Promise<Mosquitto> {
  const { ca } = province;
  const server = await ca.issueServer();
  const folder = brokerFolder(province.path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'ca.pem'), change?.anchorsPem ?? ca.anchorsPem);
  await writeFile(join(folder, 'server.pem'), server.certificatePem);
  await writeFile(join(folder, 'server.key'), server.keyPem, { mode: 0o600 });
  const mosquitto = await Mosquitto.prepare({ folder });
  await writeFile(join(mosquitto.folder, 'acl'), ACCESS);
  await appendFile(
    join(mosquitto.folder, 'mosquitto.conf'),
    '\nautosave_on_changes true\nautosave_interval 1\n',
  );
  if (change !== undefined) {
    const revoked = join(folder, 'revoked.pem');
    await writeFile(revoked, change.revokedPem);
    await appendFile(join(mosquitto.folder, 'mosquitto.conf'), `crlfile ${revoked}\n`);
  }
  return mosquitto;
}
