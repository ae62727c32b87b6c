import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import t from 'tap';
import { KeyRing } from '../../../protocols/key-ring.js';
import { readSigned, signMessage, TYP } from '../../../protocols/signed-message.js';
import { playStartWith } from '../../fixtures/trust/messages.js';
import { authorityWith, newSigner, trustWith } from '../../fixtures/trust/signers.js';

const { subtle } = globalThis.crypto;

/** How often a signature was verified or a key imported while something ran. */
function arithmeticOf(work: () => unknown): number {
  let calls = 0;
  const { verify } = crypto;
  const importKey = subtle.importKey.bind(subtle);
  const counting = (...args: Parameters<typeof verify>): ReturnType<typeof verify> => {
    calls += 1;
    return verify(...args);
  };
  crypto.verify = counting as typeof verify;
  subtle.importKey = ((...args: Parameters<typeof importKey>) => {
    calls += 1;
    return importKey(...args);
  }) as typeof importKey;
  syncBuiltinESMExports();
  try {
    work();
  } finally {
    crypto.verify = verify;
    Reflect.deleteProperty(subtle, 'importKey');
    syncBuiltinESMExports();
  }
  return calls;
}

t.test('a message of an unknown key is refused before any curve arithmetic', async (t) => {
  const province = await newSigner();
  const ring = await KeyRing.of(trustWith([province], { authorities: [authorityWith(province)] }));
  const signed = async (by: typeof province): Promise<Uint8Array> =>
    Buffer.from(await signMessage(playStartWith(), TYP['play.start'], by));
  const honest = await signed(province);
  const foreign = await signed(await newSigner());
  t.equal(
    arithmeticOf(() => t.ok(readSigned(honest, ring).ok)),
    1,
    'a known key is verified once',
  );
  const calls = arithmeticOf(() => {
    const outcome = readSigned(foreign, ring);
    t.match(outcome, { ok: false, refusal: { code: 'E_SIGNATURE_KEY' } });
  });
  t.equal(calls, 0);
});
