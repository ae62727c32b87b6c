import { randomUUID } from 'node:crypto';
import { systemClock, type Clock } from '../../agent/core/clock.js';
import type { Log } from '../../agent/core/log.js';
import { inBackground } from '../../agent/core/settled.js';
import { Broker } from './broker.js';
import type { CertificateAuthority } from './certificate-authority.js';
import { Ears } from './ears.js';
import { EstAdmissions } from './est-admissions.js';
import { EstServer } from './est-server.js';
import { inProcessSigner } from './est-signer.js';
import { MirrorServer } from './mirror-server.js';
import { MediaServer } from './media-server.js';
import { ProvinceFolder, type Endpoints, type Enrolment, type EnrolmentRequest } from './province-folder.js';
import { BEAT_MS, startBeats } from './beats.js';
import { TokenFolder } from './token-folder.js';
import type { Province, Publication } from './province.js';

/** What a source system needs. */
export interface SourceSystemOptions {
  /** Where keys, certificates and records are kept; a new province where it is empty. */
  readonly folder: string;
  readonly log: Log;
  /** Free ports by default. */
  readonly ports?: {
    readonly broker?: number;
    readonly media?: number;
    readonly est?: number;
    readonly mirror?: number;
  };
  /** Address to listen on; the loopback by default. */
  readonly host?: string;
  /** Further names in the servers' certificates. */
  readonly names?: readonly string[];
  readonly clock?: Clock;
  /** Between two beats, milliseconds; 15 minutes by default, 0 for none at all. */
  readonly beatEveryMs?: number;
}

/** A province that runs in this process. */
export interface SourceSystem {
  readonly folder: ProvinceFolder;
  readonly province: Province;
  readonly ca: CertificateAuthority;
  readonly broker: Broker;
  readonly media: MediaServer;
  /** What is retained, and the latest beats, over HTTPS. */
  readonly mirror: MirrorServer;
  readonly ears: Ears;
  /** Gives and renews certificates over the network. */
  readonly est: EstServer;
  /** Who may have one. */
  readonly admissions: EstAdmissions;
  readonly endpoints: Endpoints;
  /** Publishes as the province, with QoS 1. */
  publish(
    topic: string,
    payload: string | Uint8Array,
    options?: { readonly retain?: boolean },
  ): Promise<void>;
  /** Publishes what the province signed. */
  send(publication: Publication): Promise<void>;
  /** Signs a receiver's CSR and publishes where it stands. */
  enrol(request: EnrolmentRequest): Promise<Enrolment>;
  close(): Promise<void>;
}

/** Starts authority, broker, media server and ears, and publishes what must stand retained. */
export async function startSourceSystem(options: SourceSystemOptions): Promise<SourceSystem> {
  const { log, host = '127.0.0.1', names = [], clock = systemClock } = options;
  const folder = await ProvinceFolder.open(options.folder, clock);
  const { ca, province, operator } = folder;
  const identity = await ca.issueServer({ names });
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const { anchorsPem } = ca;
    const broker = await Broker.start({ identity, anchorsPem, log, host, port: options.ports?.broker ?? 0 });
    closers.push(() => broker.close());
    const media = await MediaServer.start({
      ...{ identity, clock, log, host },
      folder: folder.mediaPath,
      port: options.ports?.media ?? 0,
    });
    closers.push(() => media.close());
    for (const publication of await province.retained()) await broker.publish(publication);
    const mirror = await MirrorServer.start({
      ...{ identity, log, host, folder: folder.mirrorPath, port: options.ports?.mirror ?? 0 },
    });
    closers.push(
      () => folder.mirrorWritten(),
      () => mirror.close(),
    );
    await folder.writeMirror();
    // Nobody waits for the second way; whoever does, asks the folder for it.
    const mirrorLater = (): void => inBackground(folder.writeMirror(), log, 'the mirror was not written');
    const admissions = new EstAdmissions(clock, new TokenFolder(options.folder, clock));
    const est = await EstServer.start({
      ...{ identity, admissions, clock, log, host, signer: inProcessSigner(ca) },
      port: options.ports?.est ?? 0,
      onIssued: (id, certificatePem) => folder.keepCertificate(id, certificatePem),
    });
    closers.push(() => est.close());
    const endpoints = {
      est: est.url,
      broker: `mqtts://localhost:${broker.port}`,
      media: media.address,
      mirror: mirror.url,
    };
    const ears = await Ears.start({
      ...{ url: endpoints.broker, identity: operator, anchorsPem, clock, log },
      clientId: `operator-ears-${randomUUID().slice(0, 8)}`,
      certificateOf: (id) => folder.certificateOf(id),
    });
    closers.push(() => ears.close());
    const beats = startBeats({
      province,
      broker,
      ears,
      clock,
      log,
      everyMs: options.beatEveryMs ?? BEAT_MS,
      onBeat: () => folder.writeMirror(),
    });
    closers.push(async () => beats.close());
    await folder.writeEndpoints(endpoints);
    return {
      ...{ folder, province, ca, broker, media, mirror, ears, est, admissions, endpoints, close },
      publish: (topic, payload, { retain = false } = {}) => broker.publish({ topic, payload, retain }),
      async send(publication) {
        await broker.publish(publication);
        if (publication.retain) mirrorLater();
      },
      async enrol(request) {
        const enrolment = await folder.enrol(request);
        await broker.publish(enrolment.assignment);
        mirrorLater();
        return enrolment;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
