/** The half of the wiring that knows who the device is: identity in force, its renewal, its anchors, what is revoked. */
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { certificatesOf } from '../certs/certificate-chain.js';
import { identityFolder } from '../certs/identity-folder.js';
import type { DeviceSigner, Identity } from '../certs/identity.js';
import { Revocation } from '../certs/revocation.js';
import type { EventBody } from '../protocols/messages/up.js';
import type { TrustDocument } from '../protocols/trust-document.js';
import { AnchorWatch } from './anchor-watch.js';
import type { Config } from './config.js';
import type { Clock } from './core/clock.js';
import { messageOf } from './core/errors.js';
import type { Log } from './core/log.js';
import type { Link } from './link/link.js';
import type { IdentityInForce } from './identity-in-force.js';
import { RenewalLoop } from './renewal-loop.js';
import { RevocationWatch } from './revocation-watch.js';
import { REVOCATION_FILE } from './state-files.js';

/** The identity in force; a renewal exchanges its pair, a rotation its anchors, and its name stays. */
export type Held = Pick<IdentityInForce, 'identity'>;

/** A kept list that is damaged is told and fetched anew: it must not keep the receiver from its start. */
export async function openRevocation(config: Config, identity: Identity, log: Log): Promise<Revocation> {
  const path = join(config.stateFolder, REVOCATION_FILE);
  const issuers = issuersOf(identity);
  try {
    return await Revocation.open(path, issuers);
  } catch (error) {
    log.error({ code: 'E_REVOCATION_LIST', error: messageOf(error) }, 'the kept revocation list is not used');
    return Revocation.empty(path, issuers);
  }
}

/** Whose revocation lists are believed. */
function issuersOf({ anchorsPem, certificatePem }: Identity): X509Certificate[] {
  return certificatesOf([...anchorsPem, certificatePem].join(''), 'anchors.pem');
}

/** It is not earlier than this: the device's certificate and the trust document were made before they came here. */
export function enrolledMs(identity: Identity, trust: TrustDocument): number {
  const certificateMs = Date.parse(new X509Certificate(identity.certificatePem).validFrom);
  return Math.max(certificateMs, Date.parse(trust.issuedAt));
}

/** Undefined where the settings name no EST server. */
export function renewalLoop(parts: {
  readonly config: Config;
  readonly held: IdentityInForce;
  readonly anchors: AnchorWatch;
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
    inForce: held,
    beforeAsking: () => parts.anchors.look(),
    tell: parts.tell,
    clock,
    log: parts.log.child({ module: 'renewal' }),
  });
}

/** Looks at the province's certificate authorities: daily, before each renewal, and when asked. */
export function anchorWatch(parts: {
  readonly config: Config;
  readonly held: IdentityInForce;
  /** The device's certificate must be renewed before a set that waits can be taken. */
  readonly onOwnForeign: () => void;
  readonly tell: (body: EventBody) => void;
  readonly clock: Clock;
  readonly log: Log;
}): AnchorWatch {
  const { config, held, onOwnForeign, tell, clock } = parts;
  const { enrolment, broker, stateFolder } = config;
  return new AnchorWatch({
    folder: identityFolder(stateFolder),
    url: enrolment.url,
    broker: { host: broker.host, port: broker.port },
    spreadMs: enrolment.spreadS * 1000,
    inForce: held,
    ...{ onOwnForeign, tell, clock, random: Math.random },
    log: parts.log.child({ module: 'anchors' }),
  });
}

/**
 * Lets another identity in force reach who keeps something of the one before: the sound thread, the revocation lists, and a
 * connection to a broker whose authority is trusted no more. Everybody else asks at each use.
 */
export function spreadIdentity(parts: {
  readonly held: IdentityInForce;
  readonly revocation: Revocation;
  readonly link: Link;
  readonly sounding: { anchors(identity: Identity): void };
  /** A renewal may be what a set of anchors waits for. */
  readonly onRenewed: () => void;
}): void {
  const { held, revocation, link, sounding, onRenewed } = parts;
  held.onChange((now, before) => {
    if (now.fingerprint !== before.fingerprint) onRenewed();
    if (now.anchorsPem.join('') === before.anchorsPem.join('')) return;
    sounding.anchors(now);
    revocation.trust(issuersOf(now));
    if (!revocation.isPeerFrom(certificatesOf(now.anchorsPem.join(''), 'anchors.pem')))
      link.reopen({ code: 'E_LINK_TLS', detail: "the broker's authority is trusted no more" });
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
    ...{ revocation, url, anchorsPem: () => held.identity.anchorsPem, clock, log, tell },
    onNew: () => {
      if (revocation.isPeerRevoked())
        link.reopen({ code: 'E_LINK_TLS', detail: "the broker's certificate is revoked" });
    },
  });
}
