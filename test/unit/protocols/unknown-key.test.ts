import t from 'tap';
import { KeyRing } from '../../../protocols/key-ring.js';
import { readSigned, signMessage, TYP } from '../../../protocols/signed-message.js';
import { playStartWith } from '../../fixtures/trust/messages.js';
import { authorityWith, newSigner, trustWith } from '../../fixtures/trust/signers.js';

const { subtle } = globalThis.crypto;

/** How often a signature was verified or a key imported while something ran. */
async function arithmeticOf(work: () => Promise<unknown>): Promise<number> {
  let calls = 0;
  const verify = subtle.verify.bind(subtle);
  const importKey = subtle.importKey.bind(subtle);
  subtle.verify = (...args) => {
    calls += 1;
    return verify(...args);
  };
  subtle.importKey = ((...args: Parameters<typeof importKey>) => {
    calls += 1;
    return importKey(...args);
  }) as typeof importKey;
  try {
    await work();
  } finally {
    Reflect.deleteProperty(subtle, 'verify');
    Reflect.deleteProperty(subtle, 'importKey');
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
    await arithmeticOf(async () => t.ok((await readSigned(honest, ring)).ok)),
    1,
    'a known key is verified once',
  );
  const calls = await arithmeticOf(async () => {
    const outcome = await readSigned(foreign, ring);
    t.match(outcome, { ok: false, refusal: { code: 'E_SIGNATURE_KEY' } });
  });
  t.equal(calls, 0);
});
