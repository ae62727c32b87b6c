import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
import { connect, createServer, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { join } from 'node:path';
import { compactVerify } from 'jose';
import t, { type Test } from 'tap';
import type { LoaError } from '../../../agent/core/errors.js';
import { identityFiles } from '../../../certs/identity-folder.js';
import { installCertificate } from '../../../certs/install-certificate.js';
import { loadIdentity, readIdentity } from '../../../certs/load-identity.js';
import { makeKeyAndRequest } from '../../../certs/make-identity.js';
import { tlsOptions } from '../../../certs/tls-options.js';
import { signMessage, TYP } from '../../../protocols/signed-message.js';
import {
  openssl,
  opensslMissing,
  type OpensslAuthority,
} from '../../fixtures/certificates/openssl-authority.js';
import {
  authorityOf,
  enrolled,
  folderOf,
  nowMs,
  receiverId,
  rejectsWith,
} from '../../fixtures/certificates/enrolled.js';

const skip = opensslMissing();

t.test('an installed certificate gives an identity that signs and names the device', { skip }, async (t) => {
  const { folder } = await enrolled(t);
  const identity = await loadIdentity(folder, nowMs);
  t.equal(identity.receiverId, receiverId);
  t.equal(identity.notAfterMs, Date.parse('2035-01-01T00:00:00Z'));
  const printed = openssl(
    'x509',
    '-in',
    identityFiles(folder).certificate,
    '-noout',
    '-fingerprint',
    '-sha256',
  );
  t.equal(identity.fingerprint, printed.trim().split('=')[1]?.replaceAll(':', '').toLowerCase());
  const jws = await signMessage({ hello: 1 }, TYP.receipt, identity.signer);
  const { X509Certificate } = await import('node:crypto');
  const { publicKey } = new X509Certificate(identity.certificatePem);
  const verified = await compactVerify(jws, publicKey, { algorithms: ['ES256'] });
  t.equal(verified.protectedHeader.kid, identity.signer.kid);
});

t.test('an identity shows its private key to nobody who prints it', { skip }, async (t) => {
  const { folder } = await enrolled(t);
  const identity = await loadIdentity(folder, nowMs);
  const secret = identity.privateKeyPem().split('\n')[1] ?? '';
  t.ok(secret.length > 40);
  const shown = [
    JSON.stringify({ identity }),
    inspect(identity, { showHidden: true, depth: 10, getters: true }),
    inspect({ identity }, { customInspect: false, showHidden: true, depth: 10, getters: true }),
    JSON.stringify(Object.entries(identity)),
    JSON.stringify({ ...identity }),
  ].join('\n');
  t.notMatch(shown, secret);
  t.notMatch(shown, 'PRIVATE KEY');
  t.match(shown, receiverId);
});

t.test('errors about a key never quote it', { skip }, async (t) => {
  const { folder } = await enrolled(t);
  const { key } = identityFiles(folder);
  const pem = readFileSync(key, 'utf8');
  const secret = pem.split('\n')[1] ?? '';
  writeFileSync(key, pem.replace('-----END', 'x----END'), { mode: 0o600 });
  const error = await rejectsWith(t, loadIdentity(folder, nowMs), 'E_IDENTITY_KEY', /not a private key/);
  t.notMatch(inspect(error, { depth: 10, showHidden: true }), secret);
});

t.test('what is wrong with a key is said', { skip }, async (t) => {
  const { folder } = await enrolled(t);
  const { key } = identityFiles(folder);
  const good = readFileSync(key, 'utf8');
  const refuses = (pattern: RegExp): Promise<LoaError> =>
    rejectsWith(t, loadIdentity(folder, nowMs), 'E_IDENTITY_KEY', pattern);
  const put = (text: string): void => {
    writeFileSync(key, text);
    chmodSync(key, 0o600);
  };

  chmodSync(key, 0o644);
  t.equal((await refuses(/mode 0644 lets others in/)).fields.path, key);
  chmodSync(key, 0o640);
  await refuses(/mode 0640/);
  put(openssl('pkcs8', '-topk8', '-in', (put(good), key), '-v2', 'aes-256-cbc', '-passout', 'pass:secret'));
  await refuses(/encrypted/);
  put(good.slice(0, good.length / 2));
  await refuses(/not a private key/);
  put(openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'));
  await refuses(/neither EC P-256/);
  put(openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'));
  await refuses(/neither EC P-256/);
  put('x'.repeat(300_000));
  await refuses(/too many/);
  await unlink(key);
  await refuses(/missing/);
  mkdirSync(key);
  await refuses(/not a regular file|cannot be opened/);
});

t.test('what is wrong with a certificate is said, and installs nothing', { skip }, async (t) => {
  const { folder, authority, request } = await enrolled(t);
  const { certificate } = identityFiles(folder);
  const before = readFileSync(certificate, 'utf8');
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const otherKey = join(folder, `${randomUUID()}.key`);
  writeFileSync(otherKey, other.export({ format: 'pem', type: 'pkcs8' }));
  const otherRequest = openssl('req', '-new', '-key', otherKey, '-subj', '/CN=loa-0001');
  const foreign = authorityOf(t, 'Province'); // The same name as the real one.
  const good = authority.sign(request);
  const anonymous = foreign.sign(request, { extensions: 'authorityKeyIdentifier=none\n' });
  const cases: [string, string, string, RegExp, string?][] = [
    ['truncated', good.slice(0, good.length / 2), 'E_IDENTITY_CERTIFICATE', /cut off or damaged/],
    ['damaged', good.replace(/\n[A-Za-z0-9+/]{64}\n/, '\nAAAA\n'), 'E_IDENTITY_CERTIFICATE', /damaged/],
    ['empty', '', 'E_IDENTITY_CERTIFICATE', /no certificate/],
    ['for another key', authority.sign(otherRequest), 'E_IDENTITY_CERTIFICATE', /another key/],
    ['foreign', foreign.sign(request), 'E_IDENTITY_FOREIGN', /not issued by an anchor/],
    ['foreign, told by its signature alone', anonymous, 'E_IDENTITY_FOREIGN', /not issued by an anchor/],
    [
      'expired',
      authority.sign(request, { notAfter: '20260101000000Z' }),
      'E_IDENTITY_EXPIRED',
      /expired at 2026-01-01T/,
    ],
    [
      'not yet valid',
      authority.sign(request, { notBefore: '20270101000000Z' }),
      'E_IDENTITY_EXPIRED',
      /not valid before 2027-01-01T/,
    ],
    [
      'without a name',
      authority.sign(request, { subject: '/O=Loa' }),
      'E_IDENTITY_CERTIFICATE',
      /common name/,
    ],
    [
      'of two names',
      authority.sign(request, { subject: '/CN=loa-0001/CN=loa-0002' }),
      'E_IDENTITY_CERTIFICATE',
      /several common names/,
    ],
    [
      'of a strange name',
      authority.sign(request, { subject: '/CN=loa 1' }),
      'E_IDENTITY_CERTIFICATE',
      /not a receiver id/,
    ],
    [
      'of another receiver',
      authority.sign(request, { subject: '/CN=loa-0002' }),
      'E_IDENTITY_CERTIFICATE',
      /is for loa-0002/,
    ],
    [
      'for servers',
      authority.sign(request, { extensions: 'extendedKeyUsage=serverAuth\n' }),
      'E_IDENTITY_CERTIFICATE',
      /TLS clients/,
    ],
    ['without anchors', good, 'E_IDENTITY_CERTIFICATE', /anchors.pem holds no certificate/, ''],
  ];
  for (const [what, certificatePem, code, pattern, anchorsPem = authority.certificatePem] of cases) {
    await t.test(`a certificate ${what} is refused with ${code}`, async (t) => {
      const work = installCertificate({ folder, certificatePem, anchorsPem, receiverId, nowMs });
      await rejectsWith(t, work, code, pattern);
      t.equal(readFileSync(certificate, 'utf8'), before);
    });
  }
});

t.test('an identity that has expired tells its dates and can still be read', { skip }, async (t) => {
  const { folder } = await enrolled(t);
  const lateMs = Date.parse('2035-01-02T00:00:00Z');
  const late = await rejectsWith(t, loadIdentity(folder, lateMs), 'E_IDENTITY_EXPIRED', /expired/);
  t.match(late.fields, { notAfter: '2035-01-01T00:00:00.000Z', now: '2035-01-02T00:00:00.000Z' });
  await rejectsWith(t, loadIdentity(folder, 0), 'E_IDENTITY_EXPIRED', /not valid before/);
  const identity = await readIdentity(folder);
  t.equal(identity.receiverId, receiverId);
  t.throws(() => identity.checkValidity(lateMs), { code: 'E_IDENTITY_EXPIRED' });
});

t.test('changed files are found when the identity is loaded', { skip }, async (t) => {
  const { folder } = await enrolled(t);
  const files = identityFiles(folder);
  const anchors = readFileSync(files.anchors, 'utf8');
  writeFileSync(files.anchors, authorityOf(t, 'Province').certificatePem);
  await rejectsWith(t, loadIdentity(folder, nowMs), 'E_IDENTITY_FOREIGN', /not issued/);
  writeFileSync(files.anchors, anchors);
  await rename(files.certificate, `${files.certificate}.old`);
  await rejectsWith(t, loadIdentity(folder, nowMs), 'E_IDENTITY_CERTIFICATE', /missing/);
});

t.test(
  'a certificate of an intermediate authority is taken with its chain, and not without',
  { skip },
  async (t) => {
    const folder = folderOf(t);
    const root = authorityOf(t, 'Root');
    const between = authorityOf(t, 'Between', root);
    const { requestPem } = await makeKeyAndRequest({ folder, receiverId });
    const leaf = between.sign(requestPem);
    const anchorsPem = root.certificatePem;
    await rejectsWith(
      t,
      installCertificate({ folder, certificatePem: leaf, anchorsPem, nowMs }),
      'E_IDENTITY_FOREIGN',
      /anchor/,
    );
    const certificatePem = leaf + between.certificatePem;
    const identity = await installCertificate({ folder, certificatePem, anchorsPem, nowMs });
    t.equal(identity.certificatePem.match(/BEGIN CERTIFICATE/g)?.length, 2);
  },
);

t.test('a device certificate cannot issue another', { skip }, async (t) => {
  const { folder, authority } = await enrolled(t);
  const files = identityFiles(folder);
  const sub = folderOf(t);
  await makeKeyAndRequest({ folder: sub, receiverId: 'loa-0666' });
  const forged = join(sub, 'forged.crt');
  openssl(
    ...['x509', '-req', '-in', identityFiles(sub).request, '-CA', files.certificate, '-CAkey', files.key],
    ...['-set_serial', '7', '-days', '3650', '-out', forged],
  );
  const certificatePem = readFileSync(forged, 'utf8') + readFileSync(files.certificate, 'utf8');
  const work = installCertificate({
    folder: sub,
    certificatePem,
    anchorsPem: authority.certificatePem,
    nowMs,
  });
  await rejectsWith(t, work, 'E_IDENTITY_FOREIGN', /not issued by an anchor/);
});

t.test('an RSA-2048 key with its certificate is accepted', { skip }, async (t) => {
  const folder = folderOf(t);
  const authority = authorityOf(t);
  mkdirSync(folder, { recursive: true });
  openssl(
    'genpkey',
    '-algorithm',
    'RSA',
    '-pkeyopt',
    'rsa_keygen_bits:2048',
    '-out',
    identityFiles(folder).key,
  );
  chmodSync(identityFiles(folder).key, 0o600);
  const { requestPem } = await makeKeyAndRequest({ folder, receiverId });
  const certificatePem = authority.sign(requestPem);
  const identity = await installCertificate({
    folder,
    certificatePem,
    anchorsPem: authority.certificatePem,
    nowMs,
  });
  t.equal(identity.signer.algorithm, 'RS256');
});

t.test(
  'the TLS options open a mutual handshake with the province and with no one else',
  { skip },
  async (t) => {
    const { folder, authority } = await enrolled(t);
    const real = tlsOptions(await loadIdentity(folder, nowMs));
    t.match(real, { minVersion: 'TLSv1.2', rejectUnauthorized: true, ca: [/BEGIN CERTIFICATE/] });
    t.equal(await handshake(t, authority, real), receiverId);
    await t.rejects(handshake(t, authorityOf(t, 'Province'), real), /certificate|self.signed|signature/i);
  },
);

/** The common name that a server of `authority` sees. */
async function handshake(t: Test, authority: OpensslAuthority, options: object): Promise<unknown> {
  const keyPath = join(authority.folder, 'server.key');
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', keyPath);
  const request = openssl('req', '-new', '-key', keyPath, '-subj', '/CN=localhost');
  const cert = authority.sign(request, { extensions: 'subjectAltName=DNS:localhost\n' });
  const key = readFileSync(keyPath, 'utf8');
  const asked = { key, cert, ca: authority.certificatePem, requestCert: true, rejectUnauthorized: true };
  const server = createServer(asked, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(String(socket.getPeerCertificate().subject.CN));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ ...options, port, host: '127.0.0.1', servername: 'localhost' });
    socket.on('data', (bytes: Buffer) => resolve(bytes.toString()));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed without an answer')));
  });
}

t.test('loading an identity loads no certificate library', async (t) => {
  const { execFileSync } = await import('node:child_process');
  const module = new URL('../../../certs/load-identity.js', import.meta.url).href;
  const probe = `await import(${JSON.stringify(module)});
    const { createRequire } = await import('node:module');
    console.log(Object.keys(createRequire(${JSON.stringify(module)}).cache).filter((p) => /node-forge|peculiar/.test(p)).length);`;
  t.equal(
    execFileSync(process.execPath, ['--input-type=module', '-e', probe], { encoding: 'utf8' }).trim(),
    '0',
  );
});
