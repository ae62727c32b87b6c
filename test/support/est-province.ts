import { createHash, X509Certificate } from 'node:crypto';
import { systemClock, type Clock } from '../../agent/core/clock.js';
import { CertificateAuthority, type Validity } from '../source-system/certificate-authority.js';
import { EstAdmissions } from '../source-system/est-admissions.js';
import { EstServer, type EstServerOptions } from '../source-system/est-server.js';
import { inProcessSigner } from '../source-system/est-signer.js';
import { KeptLog } from './kept-log.js';
import type { Teardown } from './temporary-folder.js';

/** An authority with an EST server in this process; it goes with its test. */
export interface EstProvince {
  readonly ca: CertificateAuthority;
  readonly server: EstServer;
  readonly admissions: EstAdmissions;
  readonly log: KeptLog;
  /** SHA-256 of the CA certificate, hexadecimal. */
  readonly fingerprint: string;
  /** Validity of the certificates to come. */
  validity: Validity;
}

/** Starts one. */
export async function estProvince(
  t: Teardown,
  options: Partial<EstServerOptions> & { readonly ca?: CertificateAuthority; readonly clock?: Clock } = {},
): Promise<EstProvince> {
  const clock = options.clock ?? systemClock;
  const ca = options.ca ?? (await CertificateAuthority.create(clock));
  const admissions = options.admissions ?? new EstAdmissions(clock);
  const log = new KeptLog();
  const province: { validity: Validity } = { validity: {} };
  const signer = inProcessSigner(ca, () => province.validity);
  const identity = await ca.issueServer();
  const server = await EstServer.start({ identity, signer, ...options, admissions, clock, log });
  t.teardown(() => server.close());
  return Object.assign(province, { ca, server, admissions, log, fingerprint: fingerprintOf(ca.anchorsPem) });
}

/** SHA-256 of a certificate, hexadecimal. */
export function fingerprintOf(pem: string): string {
  return createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
}
