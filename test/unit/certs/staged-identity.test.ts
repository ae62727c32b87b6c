import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { identityFiles } from '../../../certs/identity-folder.js';
import { installCertificate } from '../../../certs/install-certificate.js';
import { readIdentity } from '../../../certs/load-identity.js';
import { makeKeyAndRequest } from '../../../certs/make-identity.js';
import {
  dropStaged,
  fallBack,
  pairFiles,
  promote,
  readPairs,
  readStaged,
  recoverIdentity,
  stageCertificate,
  stageRequest,
} from '../../../certs/staged-identity.js';
import { opensslMissing } from '../../fixtures/certificates/openssl-authority.js';
import { enrolled, nowMs, receiverId, rejectsWith } from '../../fixtures/certificates/enrolled.js';

const skip = opensslMissing();
const kind = 'ec-p256';

t.test(
  'a staged pair changes nothing until it is promoted; then the old one is kept',
  { skip },
  async (t) => {
    const { folder, authority } = await enrolled(t);
    const first = await readIdentity(folder);
    const { requestPem, files } = await stageRequest({ folder, receiverId, kind });
    t.equal(statSync(files.key).mode & 0o777, 0o600);
    const certificatePem = authority.sign(requestPem);
    const staged = await stageCertificate({ folder, certificatePem, receiverId, nowMs });
    t.equal((await readIdentity(folder)).fingerprint, first.fingerprint);
    t.equal((await promote(folder)).fingerprint, staged.fingerprint);
    t.equal((await readIdentity(folder)).fingerprint, staged.fingerprint);
    t.same(await readPairs(folder), { current: 1, staged: undefined, previous: 0 });
    t.equal((await fallBack(folder)).fingerprint, first.fingerprint);
    t.same(await readPairs(folder), { current: 0, staged: undefined, previous: undefined });
    t.notOk(existsSync(files.key));
  },
);

t.test('a third pair takes the place of the first, whose key is removed', { skip }, async (t) => {
  const { folder, authority } = await enrolled(t);
  for (let i = 0; i < 3; i += 1) {
    const { requestPem } = await stageRequest({ folder, receiverId, kind });
    await stageCertificate({ folder, certificatePem: authority.sign(requestPem), receiverId, nowMs });
    await promote(folder);
  }
  t.same(await readPairs(folder), { current: 3, staged: undefined, previous: 2 });
  t.notOk(existsSync(identityFiles(folder).key));
  t.notOk(existsSync(pairFiles(folder, 1).key));
  t.ok(existsSync(identityFiles(folder).anchors), 'anchors are of no pair');
});

t.test('asking twice is for one key; a torn staged key is made again', { skip }, async (t) => {
  const { folder } = await enrolled(t);
  const { files } = await stageRequest({ folder, receiverId, kind });
  const key = readFileSync(files.key, 'utf8');
  t.equal((await stageRequest({ folder, receiverId, kind })).keyMade, false);
  t.equal(readFileSync(files.key, 'utf8'), key);
  writeFileSync(files.key, '');
  t.equal((await stageRequest({ folder, receiverId, kind })).keyMade, true);
  t.match(readFileSync(files.key, 'utf8'), /PRIVATE KEY/);
});

t.test('a certificate of another receiver, authority or key is not staged', { skip }, async (t) => {
  const { folder, authority, request } = await enrolled(t);
  const other = await enrolled(t);
  const { requestPem } = await stageRequest({ folder, receiverId, kind });
  const stage = (certificatePem: string): Promise<unknown> =>
    stageCertificate({ folder, certificatePem, receiverId, nowMs });
  await rejectsWith(t, stage(authority.sign(request)), 'E_IDENTITY_CERTIFICATE', /another key/);
  await rejectsWith(t, stage(other.authority.sign(requestPem)), 'E_IDENTITY_FOREIGN', /anchor/);
  const renamed = authority.sign(requestPem, { subject: '/CN=loa-0002' });
  await rejectsWith(t, stage(renamed), 'E_IDENTITY_CERTIFICATE', /loa-0002/);
  t.equal(await readStaged(folder), undefined);
  await dropStaged(folder);
  await rejectsWith(t, promote(folder), 'E_IDENTITY_STAGED', /no pair/);
});

t.test(
  'a pair in force that cannot be read gives way to the previous one at the start',
  { skip },
  async (t) => {
    const { folder, authority } = await enrolled(t);
    const first = await readIdentity(folder);
    const { requestPem } = await stageRequest({ folder, receiverId, kind });
    await stageCertificate({ folder, certificatePem: authority.sign(requestPem), receiverId, nowMs });
    await promote(folder);
    t.equal(await recoverIdentity(folder), undefined);
    writeFileSync(pairFiles(folder, 1).certificate, 'rotten');
    t.equal((await recoverIdentity(folder))?.code, 'E_IDENTITY_CERTIFICATE');
    t.equal((await readIdentity(folder)).fingerprint, first.fingerprint);
  },
);

t.test('a link to somewhere else is not followed', { skip }, async (t) => {
  const { folder } = await enrolled(t);
  symlinkSync('/tmp', join(folder, 'current'));
  await rejectsWith(t, readIdentity(folder), 'E_IDENTITY_CERTIFICATE', /something else/);
});

t.test(
  'a new key that a technician asks for leaves the device its identity until it is installed',
  { skip },
  async (t) => {
    const { folder, authority } = await enrolled(t);
    const first = await readIdentity(folder);
    const { requestPem, keyMade } = await makeKeyAndRequest({ folder, receiverId, replace: true });
    t.equal(keyMade, true);
    t.equal((await readIdentity(folder)).fingerprint, first.fingerprint);
    const installed = await installCertificate({
      ...{ folder, certificatePem: authority.sign(requestPem), anchorsPem: authority.certificatePem, nowMs },
    });
    t.not(installed.fingerprint, first.fingerprint);
    t.equal((await readIdentity(folder)).fingerprint, installed.fingerprint);
    t.equal((await readPairs(folder)).previous, 0);
  },
);
