/** The half of the wiring that knows who the device is: identity in force, its renewal, what is revoked. */
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { certificatesOf } from '../certs/certificate-chain.js';
import { identityFolder } from '../certs/identity-folder.js';
import type { DeviceSigner, Identity } from '../certs/identity.js';
import { Revocation } from '../certs/revocation.js';
import type { EventBody } from '../protocols/messages/up.js';
import type { TrustDocument } from '../protocols/trust-document.js';
import type { Config } from './config.js';
import type { Clock } from './core/clock.js';
import { messageOf } from './core/errors.js';
import type { Log } from './core/log.js';
import type { Link } from './link/link.js';
import { RenewalLoop } from './renewal-loop.js';
import { RevocationWatch } from './revocation-watch.js';
import { REVOCATION_FILE } from './state-files.js';

/** The identity in force; a renewal exchanges it, name and anchors stay. */
export interface Held {
  identity: Identity;
}

/** A kept list that is damaged is told and fetched anew: it must not keep the receiver from its start. */
export async function openRevocation(config: Config, identity: Identity, log: Log): Promise<Revocation> {
  const path = join(config.stateFolder, REVOCATION_FILE);
  const pem = [...identity.anchorsPem, identity.certificatePem].join('');
  const issuers = certificatesOf(pem, 'anchors.pem');
  try {
    return await Revocation.open(path, issuers);
  } catch (error) {
    log.error({ code: 'E_REVOCATION_LIST', error: messageOf(error) }, 'the kept revocation list is not used');
    return Revocation.empty(path, issuers);
  }
}

/** It is not earlier than this: the device's certificate and the trust document were made before they came here. */
export function enrolledMs(identity: Identity, trust: TrustDocument): number {
  const certificateMs = Date.parse(new X509Certificate(identity.certificatePem).validFrom);
  return Math.max(certificateMs, Date.parse(trust.issuedAt));
}

/** Undefined where the settings name no EST server. */
export function renewalLoop(parts: {
  readonly config: Config;
  readonly held: Held;
  readonly tell: (body: EventBody) => void;
  readonly clock: Clock;
  readonly log: Log;
}): RenewalLoop | undefined {
  const { config, held, clock } = parts;
  const { enrolment, broker, stateFolder } = config;
  if (enrolment.url === '') return undefined;
  return new RenewalLoop({
    folder: identityFolder(stateFolder),
    url: enrolment.url,
    broker: { host: broker.host, port: broker.port },
    spreadMs: enrolment.spreadS * 1000,
    identity: held.identity,
    onIdentity: (identity) => {
      held.identity = identity;
    },
    tell: parts.tell,
    clock,
    log: parts.log.child({ module: 'renewal' }),
  });
}

/** Records are signed with the key in force; its `kid` goes with each of them. */
export function signerOf(held: Held): DeviceSigner {
  return {
    get key() {
      return held.identity.signer.key;
    },
    get kid() {
      return held.identity.signer.kid;
    },
    get algorithm() {
      return held.identity.signer.algorithm;
    },
  };
}

/** Fetches the broker's revocation list; does nothing where the settings name none. */
export function revocationWatch(parts: {
  readonly config: Config;
  readonly held: Held;
  readonly revocation: Revocation;
  readonly link: Link;
  readonly tell: (body: EventBody) => void;
  readonly clock: Clock;
  readonly log: Log;
}): RevocationWatch | undefined {
  const { config, held, revocation, link, tell, clock, log } = parts;
  const url = config.trust.revocationUrl;
  if (url === '') return undefined;
  return new RevocationWatch({
    ...{ revocation, url, anchorsPem: held.identity.anchorsPem, clock, log, tell },
    onNew: () => {
      if (revocation.isPeerRevoked())
        link.reopen({ code: 'E_LINK_TLS', detail: "the broker's certificate is revoked" });
    },
  });
}
