import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { installCertificate } from '../../../certs/install-certificate.js';
import { makeKeyAndRequest } from '../../../certs/make-identity.js';
import { plainSerial, readRevocationList } from '../../../certs/revocation-list.js';
import { verifyTrust } from '../../../protocols/trust-document.js';
import { opensslMissing } from '../../fixtures/certificates/openssl-authority.js';
import { repositoryRoot } from '../../heard/repository-root.js';

// Some twenty processes, one after the other.
t.setTimeout(110_000);

t.test(
  'the commands of the province’s guide make what a receiver accepts',
  { skip: opensslMissing(), timeout: 100_000 },
  async (t) => {
    const guide = readFileSync(join(repositoryRoot(import.meta.url), 'certs', 'PROVINCE.md'), 'utf8');
    const blocks = [...guide.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
    t.equal(blocks.length, 9);
    const folder = t.testdir();
    const identity = join(folder, 'identity');
    const { requestPem } = await makeKeyAndRequest({ folder: identity, receiverId: 'loa-0001' });
    writeFileSync(join(folder, 'device.csr'), requestPem);
    const ran = spawnSync('sh', ['-e'], {
      cwd: folder,
      env: { ...process.env, LOA: repositoryRoot(import.meta.url) },
      input: blocks.join('\n'),
      encoding: 'utf8',
      timeout: 90_000,
    });
    t.equal(ran.status, 0, ran.stderr);
    const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
    const installed = await installCertificate({
      ...{ folder: identity, certificatePem: text('device.crt'), anchorsPem: text('anchors.pem') },
      ...{ nowMs: Date.now(), receiverId: 'loa-0001' },
    });
    t.equal(installed.receiverId, 'loa-0001');
    const broker = new X509Certificate(text('broker.crt'));
    t.equal(broker.checkHost('mqtt.tinh.example'), 'mqtt.tinh.example');
    const list = readRevocationList(Buffer.from(text('revoked.crl')), [
      new X509Certificate(text('anchors.pem')),
    ]);
    t.ok(list.serials.has(plainSerial(broker.serialNumber)));
    t.equal(list.serials.size, 2);

    const fingerprint = text('fingerprint.txt').trim().split(': ')[1] ?? '';
    let trusted: Parameters<typeof verifyTrust>[1] = { fingerprint };
    for (const version of [1, 2, 3, 4]) {
      const verified = await verifyTrust(text(`trust-${version}.json`), trusted);
      if (!verified.ok) throw new Error(verified.refusal.detail);
      t.equal(verified.value.version, version);
      t.equal(verified.value.root.threshold, 2);
      trusted = { current: verified.value };
    }
    const last = 'current' in trusted ? trusted.current : undefined;
    t.match(last?.revoked, [{ authority: 'tan-hoa' }]);
    t.equal(last?.authorities[0]?.grants[0]?.minutesADay, 120);
    t.equal(statSync(join(folder, 'root-1')).mode & 0o777, 0o600);
    t.match(ran.stderr, /E_TRUST_SIGNATURE/, 'the one with too few signatures, and no other');
  },
);
