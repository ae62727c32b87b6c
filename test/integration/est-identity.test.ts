import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { systemClock } from '../../agent/core/clock.js';
import { identityFolder } from '../../certs/identity-folder.js';
import { loadIdentity } from '../../certs/load-identity.js';
import { tryHandshake } from '../../certs/renewal-handshake.js';
import { filesInForce } from '../../certs/staged-identity.js';
import { changeAuthorityOnAir } from '../faults/authority-on-air.js';
import { killEverywhere } from '../faults/identity-kill.js';
import { renewOnAir } from '../faults/renewal-on-air.js';
import { authorityOf, enrolled } from '../fixtures/certificates/enrolled.js';
import { openssl, opensslMissing } from '../fixtures/certificates/openssl-authority.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { estProvince } from '../support/est-province.js';
import { missingTool } from '../support/external-tool.js';
import { CertificateAuthority } from '../source-system/certificate-authority.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const MAIN = join(repositoryRoot(import.meta.url), 'dist', 'agent', 'main.js');
const ID = 'loa-0001';

/** Runs `loa` with a line on file descriptor 3. */
async function loa(
  configPath: string,
  args: readonly string[],
  secret?: string,
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [MAIN, ...args, '--config', configPath], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let said = '';
  for (const output of [child.stdout, child.stderr])
    output?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const pipe = child.stdio[3] as NodeJS.WritableStream;
  pipe.on('error', () => undefined);
  pipe.end(`${secret ?? ''}\n`);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

async function configured(t: Test): Promise<{ folder: string; configPath: string }> {
  const folder = await temporaryFolder(t);
  const configPath = join(folder, 'loa.json');
  writeFileSync(configPath, JSON.stringify({ stateFolder: join(folder, 'state'), language: 'en' }));
  return { folder, configPath };
}

t.test('loa certificate enrol and show, with the token on a file descriptor and in no output', async (t) => {
  const province = await estProvince(t);
  const { folder, configPath } = await configured(t);
  const token = province.admissions.newToken(ID);
  const enrol = ['certificate', 'enrol', '--id', ID, '--url', province.server.url];
  const known = ['--ca-fingerprint', province.fingerprint, '--token-fd', '3'];
  const bad = await loa(configPath, [...enrol, ...known], 'a-wrong-token');
  t.equal(bad.code, 1);
  t.match(bad.said, /E_ENROL_REFUSED/);
  t.notMatch(bad.said, /a-wrong-token/);
  const done = await loa(configPath, [...enrol, ...known], token);
  t.equal(done.code, 0, done.said);
  t.notMatch(done.said, token);
  const identity = await loadIdentity(identityFolder(join(folder, 'state')), Date.now());
  const shown = await loa(configPath, ['certificate', 'show', '--json']);
  t.match(JSON.parse(shown.said), { current: { receiverId: ID, fingerprint: identity.fingerprint } });
  t.equal((await loa(configPath, [...enrol, ...known], token)).code, 2, 'not over one that is there');
});

t.test(
  'loa certificate import reads the passphrase from a file descriptor',
  { skip: opensslMissing() },
  async (t) => {
    const { folder, configPath } = await configured(t);
    const source = await enrolledNow(t);
    const files = await filesInForce(source);
    const p12 = join(folder, 'device.p12');
    openssl(
      ...['pkcs12', '-export', '-inkey', files.key, '-in', files.certificate, '-certfile', files.anchors],
      ...['-passout', 'pass:on-paper', '-out', p12],
    );
    const run = (secret: string): ReturnType<typeof loa> =>
      loa(configPath, ['certificate', 'import', '--file', p12, '--passphrase-fd', '3'], secret);
    t.match(await run('guessed'), { code: 1, said: /E_IDENTITY_BUNDLE/ });
    t.match(await run('on-paper'), { code: 0, said: new RegExp(ID) });
    t.equal((await loadIdentity(identityFolder(join(folder, 'state')), Date.now())).receiverId, ID);
  },
);

async function enrolledNow(t: Test): Promise<string> {
  const ca = await CertificateAuthority.create(systemClock);
  const folder = join(await temporaryFolder(t), 'identity');
  mkdirSync(folder);
  const { keyPem, certificatePem } = await ca.issueReceiver(ID);
  writeFileSync(join(folder, 'device.key'), keyPem, { mode: 0o600 });
  writeFileSync(join(folder, 'device.crt'), certificatePem);
  writeFileSync(join(folder, 'anchors.pem'), ca.anchorsPem);
  return folder;
}

t.test(
  'a broker that refuses a certificate is told from one that is away',
  { skip: opensslMissing() },
  async (t) => {
    const { folder, authority } = await enrolled(t);
    const identity = await loadIdentity(folder, Date.parse('2026-11-23T03:00:00Z'));
    const other = authorityOf(t, 'Another province');
    const at = join(authority.folder, 'server');
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${at}.key`);
    openssl('req', '-new', '-key', `${at}.key`, '-subj', '/CN=localhost', '-out', `${at}.csr`);
    const cert = authority.sign(readFileSync(`${at}.csr`, 'utf8'), {
      extensions: 'subjectAltName=DNS:localhost\n',
    });
    const times = { holdMs: 300, limitMs: 3_000 };
    const listen = async (ca: string, maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<Server> => {
      const key = readFileSync(`${at}.key`);
      const server = createServer({ key, cert, ca, requestCert: true, rejectUnauthorized: true, maxVersion });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.teardown(() => server.close());
      return server;
    };
    const tried = async (server: Server): Promise<string> => {
      const { port } = server.address() as AddressInfo;
      return (await tryHandshake(identity, { host: 'localhost', port }, { times })).kind;
    };
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      t.equal(await tried(await listen(authority.certificatePem, version)), 'tested', version);
      // Node's server ends a TLS 1.2 connection without an alert, as a network may: nothing is known then.
      const refused = version === 'TLSv1.3' ? 'rejected' : 'untested';
      t.equal(await tried(await listen(other.certificatePem, version)), refused, version);
    }
    const away = await tryHandshake(identity, { host: 'localhost', port: 1 }, { times });
    t.equal(away.kind, 'untested');
  },
);

t.test('a death at a change of the disk leaves a working identity', { timeout: 200_000 }, async (t) => {
  // Every n, and both kinds of death: ./build/prove trust --item 3.
  for (const report of await killEverywhere(t, ['power-cut'], { stride: 3 })) {
    t.ok(report.deaths >= 2, `${report.step}: ${report.deaths} deaths`);
    t.same(report.faults, []);
  }
});

t.test(
  'the authority of a running receiver changes under a bulletin: rotated, revoked, taken back',
  { timeout: 200_000, skip: missingTool('mosquitto') || missingTool('ffmpeg') },
  async (t) => {
    const run = await changeAuthorityOnAir(t);
    for (const { what, took, seen } of run.steps) t.ok(took, `${what}: ${seen}`);
    t.equal(run.steps.length, 8);
    t.same(run.comparison.failures, []);
    t.equal(run.longestSilenceMs, 0);
    t.equal(run.disbelieved, 0);
  },
);

t.test(
  'a running receiver renews its certificate without a gap, and tells no secret',
  { timeout: 120_000, skip: missingTool('ffmpeg') || missingTool('prlimit') },
  async (t) => {
    const run = await renewOnAir(t);
    t.same(run.comparison.failures, []);
    t.ok(run.comparison.windowsLoud > 10);
    t.equal(run.underruns, 0);
    t.not(run.fingerprints.after, run.fingerprints.before);
    t.equal(run.fingerprints.connected, run.fingerprints.after);
    t.ok(run.previousKept);
    t.equal(run.disbelieved, 0);
    t.same(run.leaks, []);
    t.ok(run.coresForbidden);
  },
);
