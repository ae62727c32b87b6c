import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../agent/core/clock.js';
import { identityFolder } from '../../certs/identity-folder.js';
import { CertificateAuthority } from '../source-system/certificate-authority.js';
import { EstAdmissions } from '../source-system/est-admissions.js';
import { EstServer } from '../source-system/est-server.js';
import { inProcessSigner } from '../source-system/est-signer.js';
import { MediaServer } from '../source-system/media-server.js';
import { ProvinceFolder } from '../source-system/province-folder.js';
import { KeptLog } from '../support/kept-log.js';
import { NetworkCut } from '../support/network-cut.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import type { Teardown } from '../support/temporary-folder.js';
import { waitUntil } from '../support/wait-until.js';
import { brokerFolder, startMosquittoProvince, type MosquittoProvince } from './mosquitto-province.js';

/** The receiver whose province changes its authority. */
export const RECEIVER = 'loa-0001';

/** A province with an old and a new TLS authority, everything of it real: mosquitto, EST, media, revocation list, one receiver. */
export interface AuthorityBench {
  readonly old: CertificateAuthority;
  readonly next: CertificateAuthority;
  readonly province: MosquittoProvince;
  readonly est: EstServer;
  readonly media: MediaServer;
  /** The media server whose certificate the new authority made. */
  readonly nextMedia: MediaServer;
  readonly receiver: ReceiverProcess;
  /** The receiver's identity folder. */
  readonly identities: string;
  /** The WAV file of what was heard. */
  readonly heardPath: string;
  /** Cuts the receiver's connections to the broker, as a network does. */
  cutLink(): void;
  /** Gives mosquitto another certificate, and starts it again; @returns the certificate, PEM. */
  newBrokerCertificate(by: CertificateAuthority): Promise<string>;
  /** What mosquitto takes for anchors of its clients, from now on; it is started again. */
  trustClientsOf(...authorities: readonly CertificateAuthority[]): Promise<void>;
  /** What mosquitto holds for revoked, from its next connection on. */
  revokeClients(certificatesPem: readonly string[]): Promise<void>;
  /** What the list says that receivers fetch. */
  publishRevoked(certificatesPem: readonly string[]): Promise<void>;
}

/** Starts it all; the receiver is connected and assigned, and plays to a WAV file. */
export async function openAuthorityBench(t: Teardown, folder: string): Promise<AuthorityBench> {
  const provincePath = join(folder, 'province');
  const old = (await ProvinceFolder.open(provincePath, systemClock)).ca;
  const next = await CertificateAuthority.create(systemClock, 'Loa test province CA 2');
  const revokedList = async (revoked: readonly string[]): Promise<string> =>
    (await Promise.all([old, next].map((ca) => ca.revocationList(revoked)))).join('');
  const log = new KeptLog();
  const province = await startMosquittoProvince(provincePath, log, {
    operator: await next.issueOperator(),
    anchorsPem: old.anchorsPem + next.anchorsPem,
    revokedPem: await revokedList([]),
  });
  t.teardown(() => province.close());
  const file = (name: string, text: string): Promise<void> =>
    writeFile(join(brokerFolder(provincePath), name), text);
  // Mosquitto 2.0.11 reads its revocation list again at SIGHUP, its certificates only at a start.
  const restart = async (): Promise<void> => {
    await province.mosquitto.stop();
    await province.mosquitto.start();
  };
  const lists = await ListServer.start(await revokedList([]));
  t.teardown(() => lists.close());
  const servers = await startServers(t, province, old, next);
  const wire = await NetworkCut.to(province.mosquitto.port);
  t.teardown(() => wire.close());
  const heardPath = join(folder, 'heard.wav');
  const receiver = await enrolReceiver(t, folder, province, {
    broker: wire.port,
    settings: {
      sound: { sink: 'file', device: heardPath },
      media: { publicAnchors: false },
      enrolment: { url: servers.est.url, spreadS: 3_600 },
      trust: { revocationUrl: lists.url },
    },
  });
  return {
    ...{ old, next, province, receiver, heardPath, ...servers },
    identities: identityFolder(join(receiver.folder, 'state')),
    cutLink: () => wire.mend(),
    async newBrokerCertificate(by) {
      const { certificatePem, keyPem } = await by.issueServer();
      await file('server.pem', certificatePem);
      await file('server.key', keyPem);
      await restart();
      return certificatePem;
    },
    async trustClientsOf(...authorities) {
      await file('ca.pem', authorities.map(({ anchorsPem }) => anchorsPem).join(''));
      await restart();
    },
    async revokeClients(certificatesPem) {
      await file('revoked.pem', await revokedList(certificatesPem));
      province.mosquitto.reload();
    },
    async publishRevoked(certificatesPem) {
      lists.text = await revokedList(certificatesPem);
    },
  };
}

async function startServers(
  t: Teardown,
  province: MosquittoProvince,
  old: CertificateAuthority,
  next: CertificateAuthority,
): Promise<Pick<AuthorityBench, 'est' | 'media' | 'nextMedia'>> {
  const log = new KeptLog();
  const clock = systemClock;
  const identity = await old.issueServer();
  const est = await EstServer.start({
    ...{ identity, clock, log, signer: inProcessSigner(old), admissions: new EstAdmissions(clock) },
    onIssued: (id, certificatePem) => province.folder.keepCertificate(id, certificatePem),
  });
  t.teardown(() => est.close());
  const media = await MediaServer.start({ identity, clock, log });
  t.teardown(() => media.close());
  const nextMedia = await MediaServer.start({ identity: await next.issueServer(), clock, log });
  t.teardown(() => nextMedia.close());
  return { est, media, nextMedia };
}

async function enrolReceiver(
  t: Teardown,
  folder: string,
  province: MosquittoProvince,
  options: { readonly broker: number; readonly settings: Readonly<Record<string, unknown>> },
): Promise<ReceiverProcess> {
  const receiver = await ReceiverProcess.enrol({
    id: RECEIVER,
    folder: join(folder, RECEIVER),
    broker: { host: 'localhost', port: options.broker },
    settings: options.settings,
    admit: (csrPem) => province.enrol({ id: RECEIVER, csrPem, home: 'ap-1' }),
  });
  t.teardown(() => receiver.stop());
  await receiver.start();
  await receiver.waitFor(
    'up and assigned',
    ({ link, assignment }) => link.kind === 'up' && assignment !== undefined,
  );
  return receiver;
}

/** Serves one text over http, as a province publishes its revocation list. */
class ListServer {
  readonly #server: Server;
  text: string;

  private constructor(server: Server, text: string) {
    this.#server = server;
    this.text = text;
  }

  static async start(text: string): Promise<ListServer> {
    const server = createServer();
    const lists = new ListServer(server, text);
    server.on('request', (_, response) => response.end(lists.text));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return lists;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/revoked.crl`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await waitUntil('closed', () => !this.#server.listening || undefined);
  }
}
