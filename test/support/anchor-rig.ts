import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AnchorWatch } from '../../agent/anchor-watch.js';
import { systemClock } from '../../agent/core/clock.js';
import { IdentityInForce } from '../../agent/identity-in-force.js';
import { readIdentity } from '../../certs/load-identity.js';
import { Broker } from '../source-system/broker.js';
import { CertificateAuthority } from '../source-system/certificate-authority.js';
import { estProvince, type EstProvince } from './est-province.js';
import { KeptLog } from './kept-log.js';
import { stepClock } from './step-clock.js';
import { temporaryFolder, type Teardown } from './temporary-folder.js';

/** A receiver that was enrolled, its broker and its EST server, and the watch of its anchors with what it told. */
export interface AnchorRig {
  readonly old: CertificateAuthority;
  readonly next: CertificateAuthority;
  readonly province: EstProvince;
  readonly folder: string;
  readonly inForce: IdentityInForce;
  readonly watch: AnchorWatch;
  readonly told: string[];
  readonly renewalsAsked: { count: number };
  /** Another broker on the same port, whose certificate this authority made. */
  brokerOf(ca: CertificateAuthority): Promise<void>;
}

/**
 * Makes one; the broker takes clients of both authorities.
 * @param own whose certificate the receiver has
 * @param anchors which authorities it trusts
 */
export async function anchorRig(
  t: Teardown,
  own: 'old' | 'next',
  anchors: readonly ('old' | 'next')[],
): Promise<AnchorRig> {
  const old = await CertificateAuthority.create(systemClock, 'Province 2026');
  const later = { ...systemClock, nowMs: () => Date.now() + 60_000 };
  const next = await CertificateAuthority.create(later, 'Province 2036');
  const cas = { old, next };
  const province = await estProvince(t, { ca: old });
  const folder = join(await temporaryFolder(t), 'identity');
  mkdirSync(folder);
  const { keyPem, certificatePem } = await cas[own].issueReceiver('loa-0001');
  writeFileSync(join(folder, 'device.key'), keyPem, { mode: 0o600 });
  writeFileSync(join(folder, 'device.crt'), certificatePem);
  writeFileSync(join(folder, 'anchors.pem'), anchors.map((name) => cas[name].anchorsPem).join(''));
  let broker: Broker | undefined;
  let port = 0;
  const brokerOf = async (ca: CertificateAuthority): Promise<void> => {
    await broker?.close();
    const anchorsPem = old.anchorsPem + next.anchorsPem;
    broker = await Broker.start({ identity: await ca.issueServer(), anchorsPem, log: new KeptLog(), port });
    port = broker.port;
  };
  await brokerOf(old);
  t.teardown(() => broker?.close());
  const inForce = new IdentityInForce(folder, await readIdentity(folder));
  const told: string[] = [];
  const renewalsAsked = { count: 0 };
  const watch = new AnchorWatch({
    ...{ folder, url: province.server.url, broker: { host: 'localhost', port }, spreadMs: 0, inForce },
    onOwnForeign: () => (renewalsAsked.count += 1),
    tell: ({ kind, code }) => told.push(`${kind} ${code}`),
    ...{ clock: stepClock(Date.now()), random: () => 0.5, log: new KeptLog() },
    handshake: { holdMs: 50, limitMs: 3_000 },
  });
  t.teardown(() => watch.close());
  return { old, next, province, folder, inForce, watch, told, renewalsAsked, brokerOf };
}
