import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { checkServerIdentity } from 'node:tls';
import t, { type Test } from 'tap';
import { openMirror } from '../../agent/link/mirror-fetch.js';
import { checkAnchors } from '../../certs/anchors.js';
import { judgeOffer } from '../../certs/anchors-offer.js';
import { installCertificate } from '../../certs/install-certificate.js';
import { makeKeyAndRequest } from '../../certs/make-identity.js';
import { plainSerial, readRevocationList } from '../../certs/revocation-list.js';
import { mirrorPath } from '../../protocols/mirror.js';
import { verifyTrust } from '../../protocols/trust-document.js';
import { opensslMissing } from '../fixtures/certificates/openssl-authority.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { missingTool } from '../support/external-tool.js';
import { freePort } from '../support/free-port.js';
import { waitUntil } from '../support/wait-until.js';

// Some twenty processes, one after the other.
t.setTimeout(110_000);

t.test(
  'the commands of the province’s guide make what a receiver accepts',
  { skip: opensslMissing(), timeout: 100_000 },
  async (t) => {
    const guide = readFileSync(join(repositoryRoot(import.meta.url), 'certs', 'PROVINCE.md'), 'utf8');
    const blocks = [...guide.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
    t.equal(blocks.length, 11);
    const folder = t.testdir();
    const identity = join(folder, 'identity');
    const { requestPem } = await makeKeyAndRequest({ folder: identity, receiverId: 'loa-0001' });
    writeFileSync(join(folder, 'device.csr'), requestPem);
    const port = await freePort();
    const ran = spawnSync('sh', ['-e'], {
      cwd: folder,
      env: { ...process.env, LOA: repositoryRoot(import.meta.url), MIRROR_PORT: `127.0.0.1:${port}` },
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
    await t.test('nginx serves the mirror so that a receiver reads it', { skip: missingTool('nginx') }, (t) =>
      readsFromNginx(t, folder, port),
    );
    const read = (name: string): X509Certificate => new X509Certificate(text(name));
    const answer = ['anchors.pem', 'anchors-2.pem', 'vouched.pem'].map(read);
    const offer = judgeOffer(answer, [read('anchors.pem')], Date.now());
    t.match(offer, { kind: 'changed', anchorsPem: checkAnchors(text('both.pem'), Date.now()), removed: [] });
    t.equal(judgeOffer(answer.slice(0, 2), [read('anchors.pem')], Date.now()).kind, 'unvouched');

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

/** Runs the guide's server block in an nginx of its own, without rights and files outside the folder. */
async function readsFromNginx(t: Test, folder: string, port: number): Promise<void> {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const temporary = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
  const config = `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr; events {}
    http { access_log off; ${temporary} include ${folder}/mirror-server.conf; }`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  const nginx = spawn('nginx', ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  nginx.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  t.teardown(() => nginx.kill('SIGKILL'));
  const anchorsPem = [readFileSync(join(folder, 'anchors.pem'), 'utf8')];
  const access = { anchorsPem, limitBytes: 65_536, timeoutMs: 5_000 };
  const connection = openMirror(
    {
      ...{ ...access, url: `https://127.0.0.1:${port}` },
      // The guide's name; nobody resolves it here.
      checkServerIdentity: (_, peer) => checkServerIdentity('mirror.tinh.example', peer),
    },
    new AbortController().signal,
  );
  t.teardown(() => connection.close());
  const path = mirrorPath('loa/v1/trust');
  const answer = await waitUntil('nginx answers', async () => {
    if (nginx.exitCode !== null) throw new Error(said);
    const found = await connection.fetch(path, undefined);
    return found.kind === 'document' ? found : undefined;
  });
  t.equal(Buffer.from(answer.bytes).toString(), readFileSync(join(folder, 'trust-4.json'), 'utf8'));
  t.ok(answer.etag, 'with an ETag');
  t.same(await connection.fetch(path, answer.etag), { kind: 'same' });
  t.same(await connection.fetch(mirrorPath('loa/v1/trust/5'), undefined), { kind: 'absent' });
}
