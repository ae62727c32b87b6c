import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import t from 'tap';
import { readRevocationList } from '../../../certs/revocation-list.js';
import { Revocation } from '../../../certs/revocation.js';
import { openssl, OpensslAuthority, opensslMissing } from '../../fixtures/certificates/openssl-authority.js';

const skip = opensslMissing();

/** A list by OpenSSL alone, of certificates by their PEM. */
function listOf(authority: OpensslAuthority, revoked: readonly string[], update: string): Buffer {
  const at = (name: string): string => join(authority.folder, name);
  const serials = revoked.map((pem) => new X509Certificate(pem).serialNumber);
  const lines = serials.map((serial) => `R\t350101000000Z\t260101000000Z\t${serial}\tunknown\t/CN=x\n`);
  writeFileSync(at('index.txt'), lines.join(''));
  const dates = ['-crl_lastupdate', `2026${update}000000Z`, '-crl_nextupdate', '20300101000000Z'];
  const signer = ['-config', at('ca.cnf'), '-keyfile', at('ca.key'), '-cert', at('ca.crt')];
  openssl('ca', '-gencrl', ...signer, ...dates, '-out', at('crl.pem'));
  return readFileSync(at('crl.pem'));
}

function serverOf(authority: OpensslAuthority): { key: string; cert: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const at = (name: string): string => join(authority.folder, name);
  writeFileSync(at('server.key'), key);
  openssl('req', '-new', '-key', at('server.key'), '-subj', '/CN=localhost', '-out', at('server.csr'));
  const extensions = 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n';
  return { key, cert: authority.sign(readFileSync(at('server.csr'), 'utf8'), { extensions }) };
}

t.test('a list of OpenSSL is read and its signature verified', { skip }, (t) => {
  const authority = new OpensslAuthority('province');
  const foreign = new OpensslAuthority('foreign');
  t.teardown(() => [authority, foreign].forEach((one) => one.close()));
  const issuers = [new X509Certificate(authority.certificatePem)];
  const server = serverOf(authority);
  const pem = listOf(authority, [server.cert], '1101');
  const list = readRevocationList(pem, issuers);
  t.same([...list.serials], [new X509Certificate(server.cert).serialNumber.replace(/^0+/, '')]);
  t.equal(list.thisUpdateMs, Date.parse('2026-11-01T00:00:00Z'));
  t.equal(list.nextUpdateMs, Date.parse('2030-01-01T00:00:00Z'));
  const none = listOf(authority, [], '1101');
  t.equal(readRevocationList(none, issuers).serials.size, 0);
  const wrong = { code: 'E_REVOCATION_LIST' };
  t.throws(() => readRevocationList(listOf(foreign, [], '1101'), issuers), wrong);
  const der = Buffer.from(pem.toString().replace(/-----[^-]+-----|\s/g, ''), 'base64');
  t.equal(readRevocationList(der, issuers).serials.size, 1);
  for (let at = 0; at < der.length; at += 1) {
    const bent = Buffer.from(der);
    bent[at] = (bent[at] ?? 0) ^ 0x01;
    t.throws(() => readRevocationList(bent, issuers), wrong, `byte ${at} bent`);
    t.throws(() => readRevocationList(der.subarray(0, at), issuers), wrong, `cut at ${at}`);
  }
  t.end();
});

t.test(
  'a server on the list is refused at its next handshake, by the same running program',
  { skip },
  async (t) => {
    const authority = new OpensslAuthority('province');
    t.teardown(() => authority.close());
    const identity = serverOf(authority);
    const listener = createServer(identity, (socket) => socket.end()).listen(0, '127.0.0.1');
    t.teardown(() => listener.close());
    await once(listener, 'listening');
    const path = join(t.testdir(), 'revoked.crl');
    const issuers = [new X509Certificate(authority.certificatePem)];
    const revocation = await Revocation.open(path, issuers);
    const handshake = async (by: Revocation): Promise<string> => {
      const { port } = listener.address() as AddressInfo;
      const socket = connect({
        ...{ port, host: '127.0.0.1', servername: 'localhost', ca: authority.certificatePem },
        checkServerIdentity: by.checkServerIdentity,
      });
      try {
        await once(socket, 'secureConnect');
        return 'connected';
      } catch (error) {
        return (error as Error).message;
      } finally {
        socket.destroy();
      }
    };
    t.equal(await handshake(revocation), 'connected');
    t.equal(await revocation.offer(listOf(authority, [], '1101')), 'new');
    t.equal(await handshake(revocation), 'connected');
    t.notOk(revocation.isPeerRevoked());
    const second = listOf(authority, [identity.cert], '1102');
    t.equal(await revocation.offer(second), 'new');
    t.ok(revocation.isPeerRevoked(), 'the connection that is there must go');
    t.match(await handshake(revocation), /revoked/);
    t.equal(await revocation.offer(second), 'known');
    t.equal(
      await revocation.offer(listOf(authority, [], '1101')),
      'older',
      'an old list lets nobody back in',
    );
    t.match(await handshake(await Revocation.open(path, issuers)), /revoked/, 'and it outlives a restart');
  },
);
