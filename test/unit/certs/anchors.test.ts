import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { systemClock } from '../../../agent/core/clock.js';
import {
  anchorFiles,
  checkAnchors,
  dropStagedAnchors,
  promoteAnchors,
  readAnchors,
  readStagedAnchors,
  stageAnchors,
} from '../../../certs/anchors.js';
import { judgeOffer, type AnchorsOffer } from '../../../certs/anchors-offer.js';
import { readIdentity } from '../../../certs/load-identity.js';
import { recoverIdentity } from '../../../certs/staged-identity.js';
import { CertificateAuthority } from '../../source-system/certificate-authority.js';
import { rejectsWith } from '../../fixtures/certificates/enrolled.js';
import { openssl, opensslMissing } from '../../fixtures/certificates/openssl-authority.js';

const DAY_MS = 86_400_000;
const read = (...pems: readonly string[]): X509Certificate[] => pems.map((pem) => new X509Certificate(pem));

async function authorities(): Promise<{ old: CertificateAuthority; next: CertificateAuthority }> {
  const [old, next] = await Promise.all([
    CertificateAuthority.create(systemClock, 'Province 2026'),
    CertificateAuthority.create({ ...systemClock, nowMs: () => Date.now() + 60_000 }, 'Province 2036'),
  ]);
  return { old, next };
}

/** An identity folder of a receiver of this authority. */
async function folderOf(t: Test, ca: CertificateAuthority): Promise<string> {
  const folder = join(t.testdir(), 'identity');
  mkdirSync(folder);
  const { keyPem, certificatePem } = await ca.issueReceiver('loa-0001');
  writeFileSync(join(folder, 'device.key'), keyPem, { mode: 0o600 });
  writeFileSync(join(folder, 'device.crt'), certificatePem);
  writeFileSync(join(folder, 'anchors.pem'), ca.anchorsPem);
  return folder;
}

t.test('the same roots in any order, with what stands between, are no change', async (t) => {
  const { old, next } = await authorities();
  const inForce = read(old.anchorsPem, next.anchorsPem);
  const answer = read(next.anchorsPem, await old.vouchFor(next), old.anchorsPem, await next.vouchFor(old));
  t.equal(judgeOffer(answer, inForce, Date.now()).kind, 'same');
});

t.test('a new root is believed where one in force has signed for its name and key', async (t) => {
  const { old, next } = await authorities();
  const offer = judgeOffer(
    read(old.anchorsPem, next.anchorsPem, await old.vouchFor(next)),
    read(old.anchorsPem),
    Date.now(),
  );
  if (offer.kind !== 'changed') throw new Error(offer.kind);
  t.equal(offer.anchorsPem, [old.anchorsPem, next.anchorsPem].join(''));
  t.same(
    offer.added.map(({ subject }) => subject),
    ['CN=Province 2036'],
  );
  t.same(offer.removed, []);
  const after = judgeOffer(read(next.anchorsPem), read(old.anchorsPem, next.anchorsPem), Date.now());
  t.match(after, { kind: 'changed', anchorsPem: next.anchorsPem, added: [] }, 'and the old one goes later');
});

t.test('a server with an older set takes no younger root back', async (t) => {
  const { old, next } = await authorities();
  const both = read(old.anchorsPem, next.anchorsPem);
  t.equal(judgeOffer(read(old.anchorsPem), both, Date.now()).kind, 'same');
  t.equal(
    judgeOffer(read(old.anchorsPem), read(next.anchorsPem), Date.now()).kind,
    'unvouched',
    'nor does it come back by itself',
  );
});

t.test('a foreign root is not believed, whatever else comes with it', async (t) => {
  const { old, next } = await authorities();
  const foreign = await CertificateAuthority.create(systemClock, 'Province 2036');
  const stranger = await CertificateAuthority.create(systemClock, 'Somebody');
  const { certificatePem: receiver } = await old.issueReceiver('loa-0001');
  const judged = (...answer: string[]): AnchorsOffer['kind'] =>
    judgeOffer(read(old.anchorsPem, ...answer), read(old.anchorsPem), Date.now()).kind;
  t.equal(judged(next.anchorsPem), 'unvouched', 'nobody signed for it');
  t.equal(judged(foreign.anchorsPem, await old.vouchFor(next)), 'unvouched', 'same name, another key');
  t.equal(judged(stranger.anchorsPem, await stranger.vouchFor(stranger)), 'unvouched', 'by itself');
  t.equal(judged(next.anchorsPem, await stranger.vouchFor(next)), 'unvouched', 'by a stranger');
  t.equal(judged(next.anchorsPem, receiver), 'unvouched', 'a leaf of the old authority is no word for it');
  const late = { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) };
  t.equal(judged(next.anchorsPem, await old.vouchFor(next, late)), 'unvouched', 'by a word that has expired');
  t.equal(
    judgeOffer(read(stranger.anchorsPem), read(old.anchorsPem), Date.now()).kind,
    'unvouched',
    'none of ours',
  );
  t.equal(judgeOffer([], read(old.anchorsPem), Date.now()).kind, 'unvouched', 'an empty answer');
});

t.test('what a technician brings must be roots that are valid', { skip: opensslMissing() }, async (t) => {
  const { old, next } = await authorities();
  const both = old.anchorsPem + next.anchorsPem;
  t.equal(checkAnchors(`a word\n${both}${old.anchorsPem}`, Date.now()), both, 'once each, and nothing else');
  const code = { code: 'E_IDENTITY_ANCHORS' };
  const { certificatePem } = await old.issueServer();
  t.throws(() => checkAnchors(certificatePem, Date.now()), code, 'a server is no authority');
  t.throws(() => checkAnchors('', Date.now()), code);
  t.throws(() => checkAnchors(both.slice(0, -60), Date.now()), code, 'cut off');
  t.throws(() => checkAnchors(both, Date.now() + 20 * 365 * DAY_MS), code, 'expired');
  const file = join(t.testdir(), 'vouched.pem');
  writeFileSync(file, await old.vouchFor(next));
  writeFileSync(`${file}.ca`, old.anchorsPem);
  t.match(openssl('x509', '-in', file, '-noout', '-issuer', '-subject'), /2026[^]*2036/);
});

t.test('a staged set comes into force by one rename, and the old one is kept', async (t) => {
  const { old, next } = await authorities();
  const folder = await folderOf(t, old);
  const both = old.anchorsPem + next.anchorsPem;
  await rejectsWith(t, promoteAnchors(folder), 'E_IDENTITY_ANCHORS', /nothing is staged/);
  await stageAnchors(folder, both);
  t.equal((await readAnchors(folder)).length, 1, 'staged is not in force');
  t.equal(await readStagedAnchors(folder), both);
  await promoteAnchors(folder);
  t.equal((await readAnchors(folder)).length, 2);
  t.equal(await readStagedAnchors(folder), undefined);
  t.equal(readFileSync(anchorFiles(folder).previous, 'utf8'), old.anchorsPem);
  t.equal((await readIdentity(folder)).anchorsPem.length, 2);
  await stageAnchors(folder, next.anchorsPem);
  await dropStagedAnchors(folder);
  t.notOk(existsSync(anchorFiles(folder).staged));
});

t.test('an identity knows whether other anchors would hold it', async (t) => {
  const { old, next } = await authorities();
  const identity = await readIdentity(await folderOf(t, old));
  const moved = await identity.withAnchors(old.anchorsPem + next.anchorsPem);
  t.equal(moved.fingerprint, identity.fingerprint);
  t.equal(moved.privateKeyPem(), identity.privateKeyPem());
  t.equal(moved.anchorsPem.length, 2);
  await rejectsWith(t, identity.withAnchors(next.anchorsPem), 'E_IDENTITY_FOREIGN', /not issued/);
});

t.test('anchors that the disk has damaged are replaced by the previous ones at the start', async (t) => {
  const { old, next } = await authorities();
  const folder = await folderOf(t, old);
  await stageAnchors(folder, old.anchorsPem + next.anchorsPem);
  await promoteAnchors(folder);
  t.equal(await recoverIdentity(folder), undefined, 'nothing to do');
  writeFileSync(anchorFiles(folder).inForce, '');
  const fault = await recoverIdentity(folder);
  t.match(fault, { code: 'E_IDENTITY_CERTIFICATE' }, 'and told');
  t.equal((await readIdentity(folder)).anchorsPem.length, 1);
  t.same(
    readdirSync(folder).filter((name) => name.endsWith('.new')),
    [],
  );
});
