import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { identityFiles } from '../../../certs/identity-folder.js';
import { makeKeyAndRequest } from '../../../certs/make-identity.js';
import { openssl, opensslMissing } from '../../fixtures/certificates/openssl-authority.js';
import { folderOf, receiverId, rejectsWith } from '../../fixtures/certificates/enrolled.js';

const skip = opensslMissing();

t.test('the request of a new key is accepted by OpenSSL and names the receiver', { skip }, async (t) => {
  const folder = folderOf(t);
  const made = await makeKeyAndRequest({ folder, receiverId });
  t.equal(made.keyMade, true);
  t.equal(statSync(made.keyPath).mode & 0o777, 0o600);
  t.match(readFileSync(made.keyPath, 'utf8'), /^-----BEGIN PRIVATE KEY-----\n/);
  t.equal(readFileSync(made.requestPath, 'utf8'), made.requestPem);
  const text = openssl('req', '-in', made.requestPath, '-verify', '-noout', '-text');
  t.match(text, /Subject: CN ?= ?loa-0001/);
  t.match(text, /URI:urn:loa:receiver:loa-0001/);
  t.match(text, /prime256v1/);
});

t.test('requests of RSA and Ed25519 keys that were brought along verify too', { skip }, async (t) => {
  for (const algorithm of ['RSA', 'ED25519']) {
    const folder = folderOf(t);
    mkdirSync(folder, { recursive: true });
    openssl('genpkey', '-algorithm', algorithm, '-out', identityFiles(folder).key);
    chmodSync(identityFiles(folder).key, 0o600);
    const made = await makeKeyAndRequest({ folder, receiverId });
    t.equal(made.keyMade, false);
    t.match(openssl('req', '-in', made.requestPath, '-verify', '-noout', '-text'), /CN ?= ?loa-0001/);
  }
});

t.test('a key that is there is kept, and made anew only when asked', async (t) => {
  const folder = folderOf(t);
  const { keyPath } = await makeKeyAndRequest({ folder, receiverId });
  const first = readFileSync(keyPath, 'utf8');
  t.equal((await makeKeyAndRequest({ folder, receiverId })).keyMade, false);
  t.equal(readFileSync(keyPath, 'utf8'), first);
  t.equal((await makeKeyAndRequest({ folder, receiverId, replace: true })).keyMade, true);
  t.not(readFileSync(keyPath, 'utf8'), first);
});

t.test('a damaged key is an error, not a reason to make another', async (t) => {
  const folder = folderOf(t);
  const { keyPath } = await makeKeyAndRequest({ folder, receiverId });
  writeFileSync(keyPath, 'damaged');
  await rejectsWith(t, makeKeyAndRequest({ folder, receiverId }), 'E_IDENTITY_KEY', /not a private key/);
  t.equal(readFileSync(keyPath, 'utf8'), 'damaged');
});

t.test('a dangling link in place of the key is not written through', async (t) => {
  const folder = folderOf(t);
  mkdirSync(folder, { recursive: true });
  const elsewhere = join(folder, 'elsewhere');
  symlinkSync(elsewhere, identityFiles(folder).key);
  await rejectsWith(t, makeKeyAndRequest({ folder, receiverId }), 'E_IDENTITY_KEY', /cannot be opened/);
  await makeKeyAndRequest({ folder, receiverId, replace: true });
  t.equal(existsSync(elsewhere), false);
});

t.test('a receiver id that is no identifier is refused before anything is written', async (t) => {
  for (const id of ['', 'a/b', 'a\nb', '-a', 'a'.repeat(65), 'xã']) {
    const folder = folderOf(t);
    await rejectsWith(t, makeKeyAndRequest({ folder, receiverId: id }), 'E_USAGE', /receiver id/);
    t.equal(existsSync(identityFiles(folder).key), false);
  }
});
