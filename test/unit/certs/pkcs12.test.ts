import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readIdentity } from '../../../certs/load-identity.js';
import { importPkcs12, openPkcs12 } from '../../../certs/pkcs12.js';
import { filesInForce, readPairs } from '../../../certs/staged-identity.js';
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
const PASSPHRASE = 'mat khau 123';

function bundle(authority: OpensslAuthority, algorithm: 'EC' | 'RSA', more: readonly string[] = []): Buffer {
  const at = (name: string): string => join(authority.folder, name);
  const curve = algorithm === 'EC' ? ['-pkeyopt', 'ec_paramgen_curve:P-256'] : [];
  openssl('genpkey', '-algorithm', algorithm, ...curve, '-out', at('d.key'));
  openssl('req', '-new', '-key', at('d.key'), '-subj', `/CN=${receiverId}`, '-out', at('d.csr'));
  writeFileSync(at('d.crt'), authority.sign(readFileSync(at('d.csr'), 'utf8')));
  openssl(
    ...['pkcs12', '-export', '-inkey', at('d.key'), '-in', at('d.crt'), '-certfile', at('ca.crt')],
    ...['-passout', `pass:${PASSPHRASE}`, '-out', at('d.p12'), ...more],
  );
  return readFileSync(at('d.p12'));
}

async function imported(t: Test, file: Buffer, folder: string): Promise<void> {
  const identity = await importPkcs12({ folder, file, passphrase: PASSPHRASE, receiverId, nowMs });
  t.equal(identity.receiverId, receiverId);
  t.equal((await readIdentity(folder)).fingerprint, identity.fingerprint);
  t.equal(statSync((await filesInForce(folder)).key).mode & 0o777, 0o600);
}

t.test(
  'files that OpenSSL makes, with either kind of key and of either age, are imported',
  { skip },
  async (t) => {
    const authority = authorityOf(t);
    await imported(t, bundle(authority, 'EC'), folderOf(t));
    await imported(t, bundle(authority, 'RSA'), folderOf(t));
    const old = ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'];
    await imported(t, bundle(authority, 'EC', old), folderOf(t));
  },
);

t.test(
  'a wrong passphrase or a damaged file leaves everything as it was, and is not quoted',
  { skip },
  async (t) => {
    const { folder, authority } = await enrolled(t);
    const before = await readIdentity(folder);
    const file = bundle(authority, 'EC');
    const damaged = Buffer.from(file);
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 0xff;
    for (const [bytes, passphrase] of [
      [file, 'wrong-word'],
      [damaged, PASSPHRASE],
      [file.subarray(0, 100), PASSPHRASE],
      [Buffer.alloc(0), PASSPHRASE],
    ] as const) {
      const work = importPkcs12({ folder, file: bytes, passphrase, nowMs });
      const error = await rejectsWith(t, work, 'E_IDENTITY_BUNDLE', /cannot be opened/);
      t.notMatch(String(error.stack) + String(error.cause), /wrong-word|khau/);
    }
    t.equal((await readIdentity(folder)).fingerprint, before.fingerprint);
  },
);

t.test('an import keeps what was in force as the previous pair', { skip }, async (t) => {
  const { folder, authority } = await enrolled(t);
  await imported(t, bundle(authority, 'EC'), folder);
  t.same(await readPairs(folder), { current: 1, staged: undefined, previous: 0 });
});

t.test('a file of another authority than the installed one is refused', { skip }, async (t) => {
  const { folder } = await enrolled(t);
  const file = bundle(authorityOf(t, 'Somebody else'), 'EC');
  const work = importPkcs12({ folder, file, passphrase: PASSPHRASE, nowMs });
  await rejectsWith(t, work, 'E_IDENTITY_FOREIGN', /anchor/);
});

t.test('a file without a key, or too large, is refused', { skip }, async (t) => {
  const authority = authorityOf(t);
  const at = (name: string): string => join(authority.folder, name);
  openssl(
    ...['pkcs12', '-export', '-nokeys', '-in', at('ca.crt'), '-passout', 'pass:x', '-out', at('n.p12')],
  );
  await rejectsWith(t, openPkcs12(readFileSync(at('n.p12')), 'x'), 'E_IDENTITY_BUNDLE', /0 keys/);
  await rejectsWith(t, openPkcs12(readFileSync(at('n.p12')), 'mật'), 'E_IDENTITY_BUNDLE', /ASCII/);
  await rejectsWith(t, openPkcs12(Buffer.alloc(300_000), 'x'), 'E_IDENTITY_BUNDLE', /larger/);
});
