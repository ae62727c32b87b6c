import { generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { KeyRing } from '../../../protocols/key-ring.js';
import {
  rootFingerprint,
  trustDocument,
  verifyTrust,
  type PublicKey,
  type TrustDocument,
} from '../../../protocols/trust-document.js';
import { authorityWith, newSigner, signTrust, trustWith, type Signer } from '../../fixtures/trust/signers.js';

const [one, two, three, commune] = await Promise.all([
  newSigner(),
  newSigner('EdDSA'),
  newSigner(),
  newSigner(),
]);
const first = trustWith([one, two, three], {
  root: { threshold: 2, keys: [one.jwk, two.jwk, three.jwk] },
  authorities: [authorityWith(commune)],
});
const fingerprint = await rootFingerprint(first.root);

/** The code with which a document is refused, or undefined. */
async function codeFor(
  document: object,
  signers: readonly Signer[],
  trusted: Parameters<typeof verifyTrust>[1] = { current: first },
  typ?: string,
): Promise<string | undefined> {
  const outcome = await verifyTrust(await signTrust(document, signers, typ), trusted);
  return outcome.ok ? undefined : outcome.refusal.code;
}

const second: TrustDocument = { ...first, version: 2 };

t.test('the first document is taken by the fingerprint of its root', async (t) => {
  t.equal(await codeFor(first, [one, two], { fingerprint }), undefined);
  const spaced = fingerprint.toUpperCase().match(/../g)?.join(':') ?? '';
  t.equal(await codeFor(first, [one, two], { fingerprint: spaced }), undefined);
});

t.test('a first document with another root, threshold or fingerprint is refused', async (t) => {
  const other = trustWith([one], { root: { threshold: 1, keys: [one.jwk, two.jwk, three.jwk] } });
  t.equal(await codeFor(other, [one], { fingerprint }), 'E_TRUST_SIGNATURE');
  t.equal(await codeFor(trustWith([commune]), [commune], { fingerprint }), 'E_TRUST_SIGNATURE');
  t.equal(await codeFor(first, [one, two], { fingerprint: '' }), 'E_TRUST_SIGNATURE');
  t.equal(await codeFor(first, [one], { fingerprint }), 'E_TRUST_SIGNATURE');
});

t.test('the fingerprint does not depend on the order of the keys', async (t) => {
  t.equal(await rootFingerprint({ threshold: 2, keys: [three.jwk, one.jwk, two.jwk] }), fingerprint);
});

t.test('the next version is taken with the threshold of signatures', async (t) => {
  t.equal(await codeFor(second, [one, three]), undefined);
  t.equal(await codeFor(second, [two, three, one]), undefined);
});

t.test('too few signatures, however they are counted, are refused', async (t) => {
  t.equal(await codeFor(second, [one]), 'E_TRUST_SIGNATURE');
  t.equal(await codeFor(second, [one, one]), 'E_TRUST_SIGNATURE', 'the same key twice');
  t.equal(await codeFor(second, [one, commune]), 'E_TRUST_SIGNATURE', 'an authority is not a root');
  t.equal(await codeFor(second, [one, { ...two, key: three.key, algorithm: 'ES256' }]), 'E_TRUST_SIGNATURE');
  t.equal(
    await codeFor(second, [one, { ...three, kid: two.kid }]),
    'E_TRUST_SIGNATURE',
    "another key's name",
  );
  t.equal(
    await codeFor(second, [one, two], undefined, 'loa-command+jws'),
    'E_TRUST_SIGNATURE',
    'another typ',
  );
});

t.test('an older, repeated or skipped version is refused', async (t) => {
  for (const version of [1, 3, 100]) t.equal(await codeFor({ ...first, version }, [one, two]), 'E_TRUST_OLD');
  t.equal(await codeFor(first, [one, two], { current: second }), 'E_TRUST_OLD');
});

t.test('a new root must be signed by the old one and by itself', async (t) => {
  const four = await newSigner();
  const rotated: TrustDocument = { ...second, root: { threshold: 1, keys: [four.jwk] } };
  t.equal(await codeFor(rotated, [one, two, four]), undefined);
  t.equal(await codeFor(rotated, [one, two]), 'E_TRUST_SIGNATURE', 'not by itself');
  t.equal(await codeFor(rotated, [four]), 'E_TRUST_SIGNATURE', 'not by the old one');
  t.equal(await codeFor({ ...rotated, version: 3 }, [four], { current: rotated }), undefined);
  t.equal(await codeFor({ ...rotated, version: 3 }, [one, two], { current: rotated }), 'E_TRUST_SIGNATURE');
});

t.test('one root key in two spellings is refused: it would count twice', async (t) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const twin = one.jwk.x.slice(0, 42) + (alphabet[alphabet.indexOf(one.jwk.x[42] ?? '') + 1] ?? '');
  t.same(Buffer.from(twin, 'base64url'), Buffer.from(one.jwk.x, 'base64url'), 'the same 32 bytes');
  const keys = [one.jwk, { ...one.jwk, x: twin }];
  t.equal(await codeFor({ ...second, root: { threshold: 2, keys } }, [one, two]), 'E_TRUST_DOCUMENT');
});

t.test('a payload changed after it was signed is refused', async (t) => {
  const envelope = JSON.parse(await signTrust(second, [one, two])) as { payload: string };
  const changed = JSON.stringify({ ...second, authorities: [] });
  envelope.payload = Buffer.from(changed).toString('base64url');
  t.match(await verifyTrust(JSON.stringify(envelope), { current: first }), {
    refusal: { code: 'E_TRUST_SIGNATURE' },
  });
});

t.test('what is no trust document is refused by name', async (t) => {
  const offCurve: PublicKey = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) };
  const { d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const documents: Record<string, object> = {
    'a field too many': { ...second, extra: 1 },
    'no root key': { ...second, root: { threshold: 1, keys: [] } },
    'threshold 0': { ...second, root: { ...second.root, threshold: 0 } },
    'version 0': { ...second, version: 0 },
    'a private key': { ...second, root: { threshold: 1, keys: [{ ...two.jwk, d }] } },
    'an RSA key': { ...second, root: { threshold: 1, keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }] } },
    'a key off its curve': { ...second, authorities: [authorityWith({ ...commune, jwk: offCurve })] },
    'an authority twice': {
      ...second,
      authorities: [authorityWith(commune), authorityWith(await newSigner())],
    },
    'a key of two authorities': {
      ...second,
      authorities: [authorityWith(commune), authorityWith(commune, { id: 'x' })],
    },
    'a revocation of nothing': { ...second, revoked: [{ since: '2026-01-01T00:00:00Z' }] },
    'a revocation of two things': {
      ...second,
      revoked: [{ authority: 'a', kid: commune.kid, since: '2026-01-01T00:00:00Z' }],
    },
    'an unknown grant': {
      ...second,
      authorities: [{ ...authorityWith(commune), grants: [{ messages: ['everything'] }] }],
    },
  };
  for (const [what, document] of Object.entries(documents)) {
    t.equal(await codeFor(document, [one, two]), 'E_TRUST_DOCUMENT', what);
  }
  for (const text of [
    '',
    'null',
    '[]',
    '{}',
    '{"payload":"e30","signatures":[]}',
    '{"payload":"","payload":"e30"}',
  ]) {
    t.match(await verifyTrust(text, { current: first }), { refusal: { code: 'E_TRUST_DOCUMENT' } }, text);
  }
});

t.test('a key ring knows the keys, who they belong to, and since when they are revoked', async (t) => {
  const other = await newSigner('EdDSA');
  const ring = await KeyRing.of({
    ...first,
    authorities: [authorityWith(commune), authorityWith(other, { id: 'commune' })],
    revoked: [
      { authority: 'commune', since: '2026-05-01T00:00:00Z' },
      { kid: other.kid, since: '2026-04-01T00:00:00Z' },
    ],
  });
  t.match(ring.find(commune.kid), {
    authority: { id: 'province' },
    algorithm: 'ES256',
    revokedSinceMs: undefined,
  });
  t.match(ring.find(other.kid), { algorithm: 'EdDSA', revokedSinceMs: Date.parse('2026-04-01T00:00:00Z') });
  t.equal(ring.find(one.kid), undefined, 'a root key signs no message');
  t.equal(ring.authority('commune')?.id, 'commune');
  t.equal(ring.authority('nobody'), undefined);
});

t.test('a grant that says no more allows normal bulletins of an hour at most', (t) => {
  const { authorities } = trustDocument.parse({
    ...first,
    authorities: [{ ...authorityWith(commune), grants: [{ messages: ['play.start'] }] }],
  });
  t.match(authorities[0]?.grants[0], { maxClass: 'normal', longestPlayMs: 3_600_000 });
  t.end();
});
