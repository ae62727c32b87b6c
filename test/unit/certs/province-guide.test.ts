import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { checkAnchors } from '../../../certs/anchors.js';
import { judgeOffer } from '../../../certs/anchors-offer.js';
import { installCertificate } from '../../../certs/install-certificate.js';
import { makeKeyAndRequest } from '../../../certs/make-identity.js';
import { plainSerial, readRevocationList } from '../../../certs/revocation-list.js';
import { opensslMissing } from '../../fixtures/certificates/openssl-authority.js';
import { repositoryRoot } from '../../heard/repository-root.js';

t.test(
  'the commands of the province’s guide make what a receiver accepts',
  { skip: opensslMissing() },
  async (t) => {
    const guide = readFileSync(join(repositoryRoot(import.meta.url), 'certs', 'PROVINCE.md'), 'utf8');
    const blocks = [...guide.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
    t.equal(blocks.length, 5);
    const folder = t.testdir();
    const identity = join(folder, 'identity');
    const { requestPem } = await makeKeyAndRequest({ folder: identity, receiverId: 'loa-0001' });
    writeFileSync(join(folder, 'device.csr'), requestPem);
    const ran = spawnSync('sh', ['-e'], {
      cwd: folder,
      input: blocks.join('\n'),
      encoding: 'utf8',
      timeout: 60_000,
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
    const read = (name: string): X509Certificate => new X509Certificate(text(name));
    const answer = ['anchors.pem', 'anchors-2.pem', 'vouched.pem'].map(read);
    const offer = judgeOffer(answer, [read('anchors.pem')], Date.now());
    t.match(offer, { kind: 'changed', anchorsPem: checkAnchors(text('both.pem'), Date.now()), removed: [] });
    t.equal(judgeOffer(answer.slice(0, 2), [read('anchors.pem')], Date.now()).kind, 'unvouched');
  },
);
