import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { EstClient, type EstCredentials } from '../../certs/est/est-client.js';
import { enrolOverNetwork, type EnrolRequest } from '../../certs/est/enrol.js';
import { identityFiles } from '../../certs/identity-folder.js';
import { loadIdentity, readIdentity } from '../../certs/load-identity.js';
import { askForNext } from '../../certs/renewal-steps.js';
import { promote, readPairs, readStaged } from '../../certs/staged-identity.js';
import { CertificateAuthority } from '../source-system/certificate-authority.js';
import { systemClock } from '../../agent/core/clock.js';
import { openssl, opensslMissing } from '../fixtures/certificates/openssl-authority.js';
import { folderOf, rejectsWith } from '../fixtures/certificates/enrolled.js';
import { estProvince, fingerprintOf, type EstProvince } from '../support/est-province.js';

const ID = 'loa-0001';
const DAY_MS = 86_400_000;
const nowMs = (): number => Date.now();

function request(
  province: EstProvince,
  folder: string,
  credentials: EstCredentials,
  more: Partial<EnrolRequest> = {},
): EnrolRequest {
  return {
    ...{ folder, receiverId: ID, url: province.server.url, fingerprint: province.fingerprint, credentials },
    ...{ replace: false, nowMs, wait: () => Promise.resolve(false), ...more },
  };
}

function byToken(province: EstProvince, receiverId = ID): EstCredentials {
  return { kind: 'token', receiverId, token: province.admissions.newToken(receiverId) };
}

t.test('a receiver enrols with a one-time token and knows its province by a fingerprint', async (t) => {
  const province = await estProvince(t);
  const folder = folderOf(t);
  const identity = await enrolOverNetwork(request(province, folder, byToken(province)));
  t.equal(identity.receiverId, ID);
  t.same(
    identity.anchorsPem,
    [province.ca.anchorsPem.trim()].map((pem) => `${pem}\n`),
  );
  t.equal((await loadIdentity(folder, Date.now())).fingerprint, identity.fingerprint);
  t.same(
    province.server.answered.map(({ operation }) => operation),
    ['cacerts', 'csrattrs', 'simpleenroll'],
  );
});

t.test('a server with another fingerprint gets neither token nor request', async (t) => {
  const province = await estProvince(t);
  const asked = request(province, folderOf(t), byToken(province), { fingerprint: 'ab'.repeat(32) });
  await rejectsWith(t, enrolOverNetwork(asked), 'E_ENROL_FINGERPRINT', /fingerprint/);
  t.same(
    province.server.answered.map(({ operation }) => operation),
    ['cacerts'],
  );
});

t.test('a server that shows the right CA but is not vouched for by it gets nothing more', async (t) => {
  const ca = await CertificateAuthority.create(systemClock);
  const other = await CertificateAuthority.create(systemClock, 'Somebody else');
  const province = await estProvince(t, { ca, identity: await other.issueServer() });
  await rejectsWith(
    t,
    enrolOverNetwork(request(province, folderOf(t), byToken(province))),
    'E_ENROL_TLS',
    /certificate/,
  );
  t.equal(province.server.answered.length, 1);
});

t.test('a token is for one receiver and one key, and is not in what is thrown', async (t) => {
  const province = await estProvince(t);
  const folder = folderOf(t);
  const token = byToken(province);
  await enrolOverNetwork(request(province, folder, token));
  // The same key may ask again: an answer may be lost.
  const client = new EstClient({ url: province.server.url, anchorsPem: [province.ca.anchorsPem], nowMs });
  const again = await client.enrol(readFileSync(identityFiles(folder).request, 'utf8'), token);
  t.equal(again.kind, 'issued');
  const refusals: [EstCredentials, string][] = [
    [token, ID],
    [{ kind: 'token', receiverId: ID, token: 'guessed' }, ID],
    [byToken(province, 'loa-0002'), ID],
  ];
  for (const [credentials, receiverId] of refusals) {
    const asked = request(province, folderOf(t), credentials, { receiverId });
    const error = await rejectsWith(t, enrolOverNetwork(asked), 'E_ENROL_REFUSED', /401/);
    if (credentials.kind === 'token') t.notMatch(JSON.stringify(error) + error.stack, credentials.token);
  }
});

t.test('a factory certificate enrols only where the list names it for that receiver', async (t) => {
  const factory = await CertificateAuthority.create(systemClock, 'Factory');
  const province = await estProvince(t, { factoryAnchorsPem: factory.anchorsPem });
  const { keyPem, certificatePem } = await factory.issueReceiver('serial-77');
  const credentials = { kind: 'certificate', keyPem, certificatePem } as const;
  await rejectsWith(
    t,
    enrolOverNetwork(request(province, folderOf(t), credentials)),
    'E_ENROL_REFUSED',
    /401/,
  );
  province.admissions.admitFactory(certificatePem, 'loa-0002');
  await rejectsWith(
    t,
    enrolOverNetwork(request(province, folderOf(t), credentials)),
    'E_ENROL_REFUSED',
    /401/,
  );
  province.admissions.admitFactory(certificatePem, ID);
  const identity = await enrolOverNetwork(request(province, folderOf(t), credentials));
  t.equal(identity.receiverId, ID);
});

t.test('202 is waited for as long as Retry-After says; giving up keeps the key', async (t) => {
  const province = await estProvince(t);
  const folder = folderOf(t);
  const credentials = byToken(province);
  province.server.hold(1, 7);
  await rejectsWith(
    t,
    enrolOverNetwork(request(province, folder, credentials)),
    'E_ENROL_PENDING',
    /not decided/,
  );
  const key = readFileSync(identityFiles(folder).key, 'utf8');
  const waits: number[] = [];
  province.server.hold(2, 7);
  const wait = (afterMs: number): Promise<boolean> => Promise.resolve(waits.push(afterMs) < 5);
  await enrolOverNetwork(request(province, folder, credentials, { wait }));
  t.same(waits, [7_000, 7_000]);
  t.equal(readFileSync(identityFiles(folder).key, 'utf8'), key);
});

t.test('the key is RSA where the server demands it', { skip: opensslMissing() }, async (t) => {
  const province = await estProvince(t, { demand: 'rsa-2048' });
  const folder = folderOf(t);
  const identity = await enrolOverNetwork(request(province, folder, byToken(province)));
  t.equal(identity.signer.algorithm, 'RS256');
  const text = openssl('req', '-in', identityFiles(folder).request, '-verify', '-noout', '-text');
  t.match(text, /2048 bit/);
});

t.test('a demand that cannot be met is told before a key is made', async (t) => {
  for (const demand of ['ec-p384', 'rsa-1024'] as const) {
    const province = await estProvince(t, { demand });
    const asked = request(province, folderOf(t), byToken(province));
    await rejectsWith(t, enrolOverNetwork(asked), 'E_ENROL_DEMAND', /demands/);
  }
});

t.test('renewal makes a new key beside the old one, and OpenSSL verifies the chain', async (t) => {
  const province = await estProvince(t);
  const folder = folderOf(t);
  const first = await enrolOverNetwork(request(province, folder, byToken(province)));
  const asked = await askForNext({ folder, identity: first, url: province.server.url, nowMs });
  t.equal(asked.kind, 'issued');
  t.equal((await readIdentity(folder)).fingerprint, first.fingerprint, 'the old one is still in force');
  const staged = await readStaged(folder);
  t.not(staged?.privateKeyPem(), first.privateKeyPem());
  const second = await promote(folder);
  t.equal((await readIdentity(folder)).fingerprint, second.fingerprint);
  t.same(await readPairs(folder), { current: 1, staged: undefined, previous: 0 });
  if (opensslMissing() === false) {
    const leaf = join(folder, 'leaf.pem');
    writeFileSync(leaf, second.certificatePem);
    t.match(openssl('verify', '-CAfile', identityFiles(folder).anchors, leaf), /OK/);
  }
});

t.test('an expired certificate renews where the province has it on its list, and only there', async (t) => {
  const at = Date.now() - 540 * DAY_MS;
  const ca = await CertificateAuthority.create({ ...systemClock, nowMs: () => at });
  const names = await ca.issueServer({ notAfter: new Date(Date.now() + DAY_MS) });
  const province = await estProvince(t, { ca, identity: names });
  const folder = folderOf(t);
  province.validity = { notBefore: new Date(at), notAfter: new Date(at + 365 * DAY_MS) };
  const enrolled = request(province, folder, byToken(province), { nowMs: () => at + DAY_MS });
  const identity = await enrolOverNetwork(enrolled);
  province.validity = { notAfter: new Date(Date.now() + DAY_MS) };
  const { url } = province.server;
  const refused = await askForNext({ folder, identity, url, nowMs });
  t.match(refused, { kind: 'failed', why: { code: 'E_ENROL_REFUSED' } });
  province.admissions.admitAfterExpiry(ID);
  t.match(await askForNext({ folder, identity, url, nowMs }), { kind: 'issued' });
  province.admissions.block(ID);
  t.match(await askForNext({ folder, identity, url, nowMs }), { kind: 'failed' });
  t.equal((await promote(folder)).receiverId, ID);
});

t.test('what an authority issues under another name or with a date to come is rejected', async (t) => {
  const province = await estProvince(t);
  const folder = folderOf(t);
  const identity = await enrolOverNetwork(request(province, folder, byToken(province)));
  province.validity = { notBefore: new Date(Date.now() + DAY_MS) };
  const { url } = province.server;
  const early = await askForNext({ folder, identity, url, nowMs });
  t.match(early, { kind: 'rejected', why: { code: 'E_IDENTITY_EXPIRED' } });
  t.equal(await readStaged(folder), undefined);
  t.equal(fingerprintOf(identity.certificatePem), identity.fingerprint);
});
