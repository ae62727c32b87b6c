import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../../agent/core/clock.js';
import { CertificateAuthority, receiverUri } from '../../source-system/certificate-authority.js';
import { missingTool, runTool } from '../../support/external-tool.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const withOpenssl = { skip: missingTool('openssl') };

async function openssl(...args: string[]): Promise<{ exitCode: number; text: string }> {
  const { exitCode, output, errorText } = await runTool('openssl', args);
  return { exitCode, text: output.toString('utf8') + errorText };
}

async function requestFor(folder: string, commonName: string, ...newKey: string[]): Promise<string> {
  const keyArgs = newKey.length > 0 ? newKey : ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const key = join(folder, 'device.key');
  const { output, exitCode, errorText } = await runTool('openssl', [
    ...['req', '-new', ...keyArgs, '-nodes', '-keyout', key, '-subj', `/CN=${commonName}`],
  ]);
  if (exitCode !== 0) throw new Error(errorText);
  return output.toString('utf8');
}

async function verify(folder: string, ca: CertificateAuthority, pem: string, purpose: string) {
  const anchors = join(folder, 'anchors.pem');
  const certificate = join(folder, 'cert.pem');
  await writeFile(anchors, ca.anchorsPem);
  await writeFile(certificate, pem);
  return openssl('verify', '-x509_strict', '-CAfile', anchors, '-purpose', purpose, certificate);
}

t.test(
  'OpenSSL verifies server, operator and receiver certificates, each for its purpose',
  withOpenssl,
  async (t) => {
    const folder = await temporaryFolder(t);
    const ca = await CertificateAuthority.create(systemClock);
    const server = await ca.issueServer({ names: ['media.example'] });
    const operator = await ca.issueOperator();
    const receiver = await ca.signRequest(await requestFor(folder, 'rx-1'), 'rx-1');
    for (const [pem, purpose, exitCode] of [
      [server.certificatePem, 'sslserver', 0],
      [server.certificatePem, 'sslclient', 2],
      [operator.certificatePem, 'sslclient', 0],
      [receiver, 'sslclient', 0],
      [receiver, 'sslserver', 2],
    ] as const) {
      t.equal((await verify(folder, ca, pem, purpose)).exitCode, exitCode, purpose);
    }
  },
);

t.test(
  'a receiver certificate carries its id as common name and as URI, and the key of the CSR',
  withOpenssl,
  async (t) => {
    const folder = await temporaryFolder(t);
    const ca = await CertificateAuthority.create(systemClock);
    const certificate = new X509Certificate(await ca.signRequest(await requestFor(folder, 'rx-1'), 'rx-1'));
    t.equal(certificate.subject, 'CN=rx-1');
    t.equal(certificate.subjectAltName, `URI:${receiverUri('rx-1')}`);
    const { text } = await openssl('pkey', '-in', join(folder, 'device.key'), '-pubout');
    t.equal(certificate.publicKey.export({ type: 'spki', format: 'pem' }), text);
  },
);

t.test('a CSR with an RSA key of 2048 bits is signed, one of 1024 bits is not', withOpenssl, async (t) => {
  const folder = await temporaryFolder(t);
  const ca = await CertificateAuthority.create(systemClock);
  const strong = await ca.signRequest(await requestFor(folder, 'rx-1', '-newkey', 'rsa:2048'), 'rx-1');
  t.equal((await verify(folder, ca, strong, 'sslclient')).exitCode, 0);
  const weak = await requestFor(folder, 'rx-1', '-newkey', 'rsa:1024');
  await t.rejects(ca.signRequest(weak, 'rx-1'), { code: 'E_IDENTITY_CERTIFICATE' });
});

t.test(
  'a CSR for another id, of an operator, damaged or not a CSR at all is refused',
  withOpenssl,
  async (t) => {
    const folder = await temporaryFolder(t);
    const ca = await CertificateAuthority.create(systemClock);
    const request = await requestFor(folder, 'rx-1');
    const der = Buffer.from(request.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
    const damaged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    for (const [pem, id] of [
      [request, 'rx-2'],
      [await requestFor(folder, 'operator'), 'operator'],
      [damaged, 'rx-1'],
      ['rubbish', 'rx-1'],
      [request, 'rx/1'],
    ] as const) {
      await t.rejects(ca.signRequest(pem, id), { code: 'E_IDENTITY_CERTIFICATE' }, id);
    }
  },
);

t.test('an expired certificate can be made, and OpenSSL calls it expired', withOpenssl, async (t) => {
  const folder = await temporaryFolder(t);
  const ca = await CertificateAuthority.create(systemClock);
  const dayAgo = systemClock.nowMs() - 86_400_000;
  const validity = { notBefore: new Date(dayAgo - 86_400_000), notAfter: new Date(dayAgo) };
  const { certificatePem } = await ca.issueReceiver('rx-1', validity);
  const { exitCode, text } = await verify(folder, ca, certificatePem, 'sslclient');
  t.equal(exitCode, 2);
  t.match(text, /certificate has expired/);
});

t.test(
  'an authority loaded again signs as before, and another authority does not vouch for it',
  withOpenssl,
  async (t) => {
    const folder = await temporaryFolder(t);
    const made = await CertificateAuthority.create(systemClock);
    const loaded = await CertificateAuthority.load(made.identity, systemClock);
    const stranger = await CertificateAuthority.create(systemClock);
    const { certificatePem } = await loaded.issueReceiver('rx-1');
    t.equal((await verify(folder, made, certificatePem, 'sslclient')).exitCode, 0);
    t.equal((await verify(folder, stranger, certificatePem, 'sslclient')).exitCode, 2);
  },
);
