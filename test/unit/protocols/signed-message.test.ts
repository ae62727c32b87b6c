import { createHmac } from 'node:crypto';
import { CompactSign, SignJWT } from 'jose';
import t, { type Test } from 'tap';
import { KeyRing } from '../../../protocols/key-ring.js';
import { MESSAGE_LIMIT_BYTES, readSigned, signMessage, TYP } from '../../../protocols/signed-message.js';
import {
  assignmentWith,
  emergencySetWith,
  playStartWith,
  playStopWith,
} from '../../fixtures/trust/messages.js';
import { authorityWith, newSigner, trustWith, type Signer } from '../../fixtures/trust/signers.js';

const [province, commune, stranger, root] = await Promise.all([
  newSigner(),
  newSigner('EdDSA'),
  newSigner(),
  newSigner(),
]);
const ring = await KeyRing.of(
  trustWith([root], {
    authorities: [authorityWith(province), authorityWith(commune, { id: 'commune', homeArea: 'xa-001' })],
  }),
);
const command = TYP['play.start'];

async function codeFor(jws: string | Uint8Array): Promise<string | undefined> {
  const outcome = readSigned(typeof jws === 'string' ? Buffer.from(jws) : jws, ring);
  return outcome.ok ? undefined : outcome.refusal.code;
}

function encoded(value: object | string): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** A JWS with exactly this header and payload text, signed rightly whatever the header says. */
async function rawJws(
  header: object | string,
  payload: object | string,
  signer: Signer = province,
): Promise<string> {
  const { sign } = await import('node:crypto');
  const input = `${encoded(header)}.${encoded(payload)}`;
  const key = { key: signer.key, dsaEncoding: 'ieee-p1363' as const };
  const signature = sign(signer.algorithm === 'ES256' ? 'sha256' : null, Buffer.from(input), key);
  return `${input}.${signature.toString('base64url')}`;
}

const rightHeader = { alg: 'ES256', kid: province.kid, typ: command };

t.test('every kind of signed message is read, with either algorithm', async (t) => {
  const messages = [playStartWith(), playStopWith(), emergencySetWith(), assignmentWith()];
  for (const [id, signer] of [
    ['province', province],
    ['commune', commune],
  ] as const) {
    for (const message of messages) {
      const said = { ...message, authority: id };
      const outcome = readSigned(Buffer.from(await signMessage(said, TYP[said.type], signer)), ring);
      t.match(outcome, { ok: true, value: { key: { authority: { id } } } });
      if (outcome.ok) t.same(outcome.value.message, said);
    }
  }
  t.equal(
    await codeFor(await rawJws(rightHeader, playStartWith())),
    undefined,
    'the raw signer of this test is right',
  );
});

t.test('a message that is no compact JWS is garbage', async (t) => {
  const good = await signMessage(playStartWith(), command, province);
  const garbage = [
    '',
    '.',
    '..',
    '...',
    'a.b',
    'not a jws',
    `${good}.`,
    `${good}=`,
    ` ${good}`,
    `${good}\n`,
    '{}',
    good.replace('.', ''),
  ];
  for (const text of garbage)
    t.equal(await codeFor(text), 'E_MESSAGE_GARBAGE', JSON.stringify(text.slice(0, 20)));
  t.equal(await codeFor(Buffer.from([0xff, 0xfe, 0x00])), 'E_MESSAGE_GARBAGE');
  t.equal(
    await codeFor(`${encoded('{"alg":1,"alg":2}')}.e30.AA`),
    'E_MESSAGE_GARBAGE',
    'a header field twice',
  );
});

t.test('a message of a megabyte is refused by its size alone', async (t) => {
  t.equal(await codeFor(Buffer.alloc(1_000_000, 'a')), 'E_MESSAGE_SIZE');
  t.equal(await codeFor(Buffer.alloc(MESSAGE_LIMIT_BYTES + 1, 'a')), 'E_MESSAGE_SIZE');
  t.equal(await codeFor(Buffer.alloc(MESSAGE_LIMIT_BYTES, 'a')), 'E_MESSAGE_GARBAGE');
});

t.test('only the algorithm of the key is taken, never one that the message chooses', async (t) => {
  const payload = playStartWith();
  t.equal(
    await codeFor(`${encoded({ ...rightHeader, alg: 'none' })}.${encoded(payload)}.`),
    'E_SIGNATURE_ALGORITHM',
  );
  const publicBytes = Buffer.from(JSON.stringify(province.jwk));
  const hmac = await new SignJWT({}).setProtectedHeader({ ...rightHeader, alg: 'HS256' }).sign(publicBytes);
  t.equal(await codeFor(hmac), 'E_SIGNATURE_ALGORITHM', 'HMAC with the public key as the secret');
  const input = `${encoded(rightHeader)}.${encoded(payload)}`;
  const spki = Buffer.from(province.jwk.x, 'base64url');
  const faked = createHmac('sha256', spki).update(input).digest('base64url');
  t.equal(await codeFor(`${input}.${faked}`), 'E_SIGNATURE_INVALID', 'HMAC under the right header');
  t.equal(await codeFor(await rawJws({ ...rightHeader, alg: 'EdDSA' }, payload)), 'E_SIGNATURE_ALGORITHM');
  t.equal(await codeFor(await rawJws({ ...rightHeader, alg: 'RS256' }, payload)), 'E_SIGNATURE_ALGORITHM');
});

t.test('a header with anything more, less or else is refused', async (t) => {
  const headers: object[] = [
    { ...rightHeader, crit: ['b64'], b64: false },
    { ...rightHeader, crit: ['exp'], exp: 1 },
    { ...rightHeader, crit: [] },
    { ...rightHeader, jwk: province.jwk },
    { ...rightHeader, jku: 'https://stranger.example/keys' },
    { ...rightHeader, x5c: [] },
    { ...rightHeader, kid: 7 },
    { ...rightHeader, kid: 'a\u001b[31m' },
    { ...rightHeader, typ: 'JWT' },
    { ...rightHeader, typ: TYP.receipt },
    { alg: 'ES256', kid: province.kid },
    { alg: 'ES256', typ: command },
    [],
  ];
  for (const header of headers) {
    t.equal(
      await codeFor(await rawJws(header, playStartWith())),
      'E_SIGNATURE_ALGORITHM',
      JSON.stringify(header),
    );
  }
});

t.test('an unknown key is refused, that of the root and of a device included', async (t) => {
  for (const signer of [stranger, root]) {
    t.equal(await codeFor(await signMessage(playStartWith(), command, signer)), 'E_SIGNATURE_KEY');
  }
});

t.test('a signature of another key under a known name does not hold', async (t) => {
  const forged = { ...stranger, kid: province.kid };
  t.equal(await codeFor(await signMessage(playStartWith(), command, forged)), 'E_SIGNATURE_INVALID');
});

t.test('a message altered anywhere does not hold', async (t) => {
  const good = await signMessage(playStartWith(), command, province);
  const [head = '', , signature = ''] = good.split('.');
  const louder = encoded(playStartWith({}, { class: 'priority' }));
  t.equal(await codeFor(`${head}.${louder}.${signature}`), 'E_SIGNATURE_INVALID', 'payload');
  t.equal(await codeFor(good.slice(0, -20)), 'E_SIGNATURE_INVALID', 'cut off');
  // 64 bytes are 85 characters and two bits: the last character is A, Q, g or w.
  const respelled = `${good.slice(0, -1)}${String.fromCharCode(good.charCodeAt(good.length - 1) + 1)}`;
  t.same(Buffer.from(respelled.split('.')[2] ?? '', 'base64url'), Buffer.from(signature, 'base64url'));
  t.equal(await codeFor(respelled), 'E_SIGNATURE_INVALID', 'the same signature in another spelling');
  t.equal(await codeFor(`${head}..${signature}`), 'E_SIGNATURE_INVALID', 'no payload');
  const zeros = Buffer.alloc(64).toString('base64url');
  t.equal(await codeFor(`${head}.${louder}.${zeros}`), 'E_SIGNATURE_INVALID', 'r = s = 0 (CVE-2022-21449)');
  const retyped = await signMessage(playStartWith(), TYP['emergency.set'], province);
  t.equal(
    await codeFor(`${head}.${retyped.split('.')[1] ?? ''}.${retyped.split('.')[2] ?? ''}`),
    'E_SIGNATURE_INVALID',
    'header',
  );
});

t.test('one kind of message is never taken for another', async (t) => {
  t.equal(
    await codeFor(await signMessage(playStartWith(), TYP['emergency.set'], province)),
    'E_SIGNATURE_ALGORITHM',
  );
  t.equal(await codeFor(await signMessage(emergencySetWith(), command, province)), 'E_SIGNATURE_ALGORITHM');
  t.equal(
    await codeFor(await signMessage(assignmentWith(), TYP['emergency.set'], province)),
    'E_SIGNATURE_ALGORITHM',
  );
});

t.test('an unknown type is refused by name, and its name cannot colour a log', async (t) => {
  for (const type of [
    'play.pause',
    'receipt',
    'state',
    'constructor',
    '__proto__x',
    'toString',
    '',
    '\u001b[2J',
  ]) {
    const outcome = readSigned(Buffer.from(await rawJws(rightHeader, { ...playStartWith(), type })), ring);
    t.match(outcome, { ok: false, refusal: { code: 'E_MESSAGE_TYPE' } });
    if (!outcome.ok) t.notMatch(outcome.refusal.detail, /\p{Cc}/u);
  }
  for (const payload of [{}, { type: 1 }, [], 'null', '7']) {
    t.equal(await codeFor(await rawJws(rightHeader, payload)), 'E_MESSAGE_TYPE', JSON.stringify(payload));
  }
});

t.test('an unknown class has an error of its own', async (t) => {
  for (const bulletinClass of ['emergency', 'local', 'urgent', '', 1, null, undefined]) {
    const message = playStartWith();
    const said = { ...message, body: { ...message.body, class: bulletinClass } };
    t.equal(await codeFor(await rawJws(rightHeader, said)), 'E_MESSAGE_CLASS', String(bulletinClass));
  }
});

t.test('a field that is missing, wrong or too many is refused', async (t) => {
  const good = playStartWith();
  const { target, ...withoutTarget } = good;
  const wrong: [string, object][] = [
    ['no target', withoutTarget],
    ['two targets', { ...good, target: { ...target, group: 'cho' } }],
    ['a receiver without epoch', { ...good, target: { receiver: 'loa-0001' } }],
    ['an extra field', { ...good, note: 'x' }],
    ['an extra field inside', { ...good, body: { ...good.body, volume: 11 } }],
    ['a louder gain', { ...good, body: { ...good.body, gainDb: 6 } }],
    ['an id of version 4', { ...good, id: '7c5a2a5e-6d0b-4b8e-9d59-0a5a6f0e5f11' }],
    ['an instant without offset', { ...good, issuedAt: '2026-11-23T03:00:00' }],
    ['a day that is none', { ...good, issuedAt: '2026-02-30T03:00:00Z' }],
    ['a leap second', { ...good, issuedAt: '2026-12-31T23:59:60Z' }],
    ['a title of two lines', { ...good, body: { ...good.body, title: 'a\nb' } }],
    ['a title with an escape sequence', { ...good, body: { ...good.body, title: 'a\u001b[2Jb' } }],
    ['a title that turns its direction', { ...good, body: { ...good.body, title: 'a\u202eb' } }],
    ['no title', { ...good, body: { ...good.body, title: '' } }],
    ['an area that is a path', { ...good, target: { area: '../xa' } }],
    ['an assignment of a whole area', { ...assignmentWith(), slot: { area: 'xa-001' } }],
  ];
  for (const [what, message] of wrong) {
    const typ = 'slot' in message ? TYP.assignment : command;
    t.equal(await codeFor(await rawJws({ ...rightHeader, typ }, message)), 'E_MESSAGE_SCHEMA', what);
  }
});

t.test('a payload with a key twice is garbage though it is signed', async (t) => {
  const text = JSON.stringify(playStartWith());
  for (const twice of ['"class":"priority"', '"\\u0063lass":"priority"', '"class":"normal"']) {
    const payload = text.replace('"class":"normal"', `"class":"normal",${twice}`);
    t.equal(await codeFor(await rawJws(rightHeader, payload)), 'E_MESSAGE_GARBAGE', twice);
  }
  t.equal(
    await codeFor(await rawJws(rightHeader, text.replace('{', '{"__proto__":{},'))),
    'E_MESSAGE_GARBAGE',
  );
  t.equal(await codeFor(await rawJws(rightHeader, `\uFEFF${text}`)), 'E_MESSAGE_GARBAGE', 'byte order mark');
});

t.test("an authority cannot speak in another's name", async (t) => {
  const jws = await signMessage(playStartWith(), command, commune);
  t.equal(await codeFor(jws), 'E_AUTHORITY_GRANT');
});

t.test('a compressed or encrypted look-alike is not opened', async (t) => {
  const zip = await new CompactSign(Buffer.from('{}'))
    .setProtectedHeader({ ...rightHeader, zip: 'DEF' })
    .sign(province.key);
  t.equal(await codeFor(zip), 'E_SIGNATURE_ALGORITHM');
  t.equal(await codeFor(`${encoded({ alg: 'dir', enc: 'A256GCM' })}..a.b.c`), 'E_MESSAGE_GARBAGE');
});

t.test('any single character changed is refused, or leaves the message as it was', async (t: Test) => {
  const good = await signMessage(playStopWith(), command, province);
  const [, payload] = good.split('.');
  for (let i = 0; i < good.length; i += 7) {
    const changed = good.slice(0, i) + (good[i] === 'A' ? 'B' : 'A') + good.slice(i + 1);
    // The last character of a part has bits that mean nothing (RFC 4648, 3.5).
    if ((await codeFor(changed)) === undefined) t.equal(changed.split('.')[1], payload, `character ${i}`);
  }
});
