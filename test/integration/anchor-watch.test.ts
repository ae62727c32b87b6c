import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { AnchorWatch } from '../../agent/anchor-watch.js';
import { systemClock } from '../../agent/core/clock.js';
import { IdentityInForce } from '../../agent/identity-in-force.js';
import { readStagedAnchors, stageAnchors } from '../../certs/anchors.js';
import { readIdentity } from '../../certs/load-identity.js';
import { Broker } from '../source-system/broker.js';
import { CertificateAuthority } from '../source-system/certificate-authority.js';
import { estProvince, type EstProvince } from '../support/est-province.js';
import { KeptLog } from '../support/kept-log.js';
import { stepClock } from '../support/step-clock.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Rig {
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

/** An enrolled receiver, its broker and its EST server; both authorities are known to the servers. */
async function rig(t: Test, own: 'old' | 'next', anchors: readonly ('old' | 'next')[]): Promise<Rig> {
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

t.test('a vouched set is tried on the broker and in force at once, for everybody who asks', async (t) => {
  const { old, next, province, folder, inForce, watch, told } = await rig(t, 'old', ['old']);
  const changes: string[][] = [];
  inForce.onChange((now, before) =>
    changes.push([now, before].map(({ anchorsPem }) => `${anchorsPem.length}`)),
  );
  await watch.look();
  t.same(told, [], 'the same set is no news');
  province.server.rotate({
    caCertificatesPem: [next.anchorsPem, await old.vouchFor(next), old.anchorsPem],
  });
  await Promise.all([watch.look(), watch.look()]);
  t.same(told, ['notice N_ANCHORS_CHANGED']);
  t.same(changes, [['2', '1']]);
  t.equal(inForce.identity.anchorsPem.join(''), old.anchorsPem + next.anchorsPem);
  t.equal((await readIdentity(folder)).anchorsPem.length, 2, 'and after a restart');
});

t.test(
  'a stolen EST server that offers a foreign authority is one alarm, and nothing is kept of it',
  async (t) => {
    const { old, next, province, folder, inForce, watch, told } = await rig(t, 'old', ['old']);
    province.server.rotate({ caCertificatesPem: [old.anchorsPem, next.anchorsPem] });
    await watch.look();
    await watch.look();
    t.same(told, ['alarm E_IDENTITY_ANCHORS'], 'once, however often it is looked at');
    t.equal(await readStagedAnchors(folder), undefined);
    t.equal(inForce.identity.anchorsPem.length, 1);
    province.server.rotate({ caCertificatesPem: [old.anchorsPem] });
    await watch.look();
    t.same(told.slice(1), ['cleared E_IDENTITY_ANCHORS']);
  },
);

t.test('a set that does not verify the present broker waits with an alarm until it does', async (t) => {
  const made = await rig(t, 'next', ['old', 'next']);
  const { next, province, folder, inForce, watch, told } = made;
  province.server.rotate({ identity: await next.issueServer(), caCertificatesPem: [next.anchorsPem] });
  await watch.look();
  t.same(told, ['alarm E_IDENTITY_ANCHORS']);
  t.equal(inForce.identity.anchorsPem.length, 2, 'what works stays');
  t.equal(await readStagedAnchors(folder), next.anchorsPem, 'what waits is kept');
  await made.brokerOf(next);
  await watch.look();
  t.same(told.slice(1), ['notice N_ANCHORS_CHANGED', 'cleared E_IDENTITY_ANCHORS']);
  t.equal(inForce.identity.anchorsPem.join(''), next.anchorsPem);
});

t.test('a set without the EST server itself is not taken either', async (t) => {
  const made = await rig(t, 'next', ['old', 'next']);
  await made.brokerOf(made.next);
  made.province.server.rotate({ caCertificatesPem: [made.next.anchorsPem] });
  await made.watch.look();
  t.same(made.told, ['alarm E_IDENTITY_ANCHORS'], 'its own certificate is of the old authority still');
  t.equal(made.inForce.identity.anchorsPem.length, 2);
});

t.test('a set that drops the authority of the own certificate waits for a renewal', async (t) => {
  const made = await rig(t, 'old', ['old', 'next']);
  await made.brokerOf(made.next);
  const { next, province, inForce, watch, told, renewalsAsked } = made;
  province.server.rotate({ identity: await next.issueServer(), caCertificatesPem: [next.anchorsPem] });
  await watch.look();
  t.same([renewalsAsked.count, told], [1, []], 'asked for at once, no alarm yet');
  await watch.look();
  t.same([renewalsAsked.count, told], [1, ['alarm E_IDENTITY_ANCHORS']], 'once a day, not in a circle');
  t.equal(inForce.identity.anchorsPem.length, 2);
});

t.test('what cannot be reached is tried again, with one alarm after three times', async (t) => {
  const { old, next, province, folder, watch, told, inForce } = await rig(t, 'old', ['old']);
  await province.server.close();
  for (let look = 0; look < 5; look += 1) await watch.look();
  t.same(told, ['alarm E_ENROL_CONNECT']);
  await stageAnchors(folder, old.anchorsPem + next.anchorsPem);
  await watch.look();
  t.equal(
    inForce.identity.anchorsPem.length,
    2,
    'but what a technician brought does not wait for that server',
  );
});
