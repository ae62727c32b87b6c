import t from 'tap';
import { KeyRing } from '../../../protocols/key-ring.js';
import { readPermit, type Permit, type PermitStanding } from '../../../protocols/permit.js';
import { signMessage, TYP } from '../../../protocols/signed-message.js';
import type { Authority, TrustDocument } from '../../../protocols/trust-document.js';
import { assignmentWith, at, nowMs } from '../../fixtures/trust/messages.js';
import { authorityWith, grantWith, newSigner, trustWith } from '../../fixtures/trust/signers.js';

const signer = await newSigner();
const standing: PermitStanding = { receiver: 'loa-0001', assignment: assignmentWith(), nowMs };
const fleet = (parts: Partial<Authority> = {}): Partial<Authority> => ({
  grants: [grantWith({ messages: ['permit'] })],
  ...parts,
});

/** Today of the country. */
const today = new Date(nowMs + 7 * 3_600_000).toISOString().slice(0, 10);
const DAY_S = 86_400;
const DAY_MS = DAY_S * 1_000;

function permitWith(parts: Partial<Permit> = {}): Permit {
  return {
    type: 'permit',
    id: '01936a00-9588-7c4b-82e8-c1865b86df6f',
    authority: 'province',
    issuedAt: at(-1),
    expiresAt: at(7 * DAY_S),
    receivers: ['loa-0000', 'loa-0001'],
    days: [today],
    ...parts,
  };
}

async function ringWith(
  parts: Partial<Authority> = {},
  revoked: TrustDocument['revoked'] = [],
): Promise<KeyRing> {
  return KeyRing.of(trustWith([], { authorities: [authorityWith(signer, fleet(parts))], revoked }));
}
const ring = await ringWith();
const signed = (permit: object, typ: (typeof TYP)[keyof typeof TYP] = TYP.permit): Promise<string> =>
  signMessage(permit, typ, signer);
const codeOf = async (text: string, by = ring, where = standing): Promise<string> => {
  const read = readPermit(text, by, where);
  return read.ok ? 'holds' : read.refusal.code;
};

t.test(
  'a permit of a fleet authority holds for a receiver that it lists on a day that it lists',
  async (t) => {
    t.match(readPermit(await signed(permitWith()), ring, standing), {
      ok: true,
      value: { days: [today] },
    });
  },
);

t.test('it is refused for another receiver, on another day, and when it has expired', async (t) => {
  t.equal(await codeOf(await signed(permitWith({ receivers: ['loa-0002'] }))), 'E_COMMAND_TARGET');
  t.equal(await codeOf(await signed(permitWith({ days: ['2026-01-01'] }))), 'E_COMMAND_TIME');
  t.equal(await codeOf(await signed(permitWith({ expiresAt: at(-1) }))), 'E_COMMAND_EXPIRED');
  t.equal(await codeOf(await signed(permitWith({ issuedAt: at(3_600) }))), 'E_COMMAND_TIME');
  t.equal(await codeOf(await signed(permitWith({ expiresAt: at(93 * DAY_S) }))), 'E_COMMAND_TIME');
});

t.test('its day is the country’s, from midnight to midnight in UTC+7', async (t) => {
  const text = await signed(permitWith({ expiresAt: at(30 * DAY_S) }));
  const midnightMs = Date.parse(`${today}T00:00:00+07:00`);
  const at7 = (ms: number): PermitStanding => ({ ...standing, nowMs: ms });
  t.equal(await codeOf(text, ring, at7(midnightMs + DAY_MS - 1)), 'holds');
  t.equal(await codeOf(text, ring, at7(midnightMs + DAY_MS)), 'E_COMMAND_TIME');
});

t.test(
  'it is refused of an authority without that right, of elsewhere, revoked, or in another’s name',
  async (t) => {
    const text = await signed(permitWith());
    const every = grantWith({}).messages.filter((one) => one !== 'permit');
    t.equal(
      await codeOf(text, await ringWith({ grants: [grantWith({ messages: every })] })),
      'E_AUTHORITY_GRANT',
    );
    t.equal(await codeOf(text, await ringWith({ homeArea: 'xa-002' })), 'E_AUTHORITY_AREA');
    t.equal(
      await codeOf(text, await ringWith({}, [{ authority: 'province', since: at(-10) }])),
      'E_AUTHORITY_REVOKED',
    );
    t.equal(await codeOf(await signed(permitWith({ authority: 'xa-001' }))), 'E_AUTHORITY_GRANT');
    t.equal(await codeOf(text, ring, { ...standing, assignment: undefined }), 'E_AUTHORITY_AREA');
  },
);

t.test('what was tampered with, signed by a stranger, or signed as something else is refused', async (t) => {
  const [header = '', , signature = ''] = (await signed(permitWith())).split('.');
  const other = Buffer.from(JSON.stringify(permitWith({ receivers: ['loa-0009'] }))).toString('base64url');
  t.equal(await codeOf([header, other, signature].join('.')), 'E_SIGNATURE_INVALID');
  const stranger = await newSigner();
  t.equal(await codeOf(await signMessage(permitWith(), TYP.permit, stranger)), 'E_SIGNATURE_KEY');
  t.equal(await codeOf(await signed(permitWith(), TYP.desired)), 'E_SIGNATURE_ALGORITHM');
  t.equal(await codeOf('not a permit'), 'E_MESSAGE_GARBAGE');
  for (const parts of [{ receivers: [] }, { days: ['25/11/2026'] }, { days: [] }, { type: 'desired' }])
    t.equal(
      await codeOf(await signed({ ...permitWith(), ...parts })),
      'E_MESSAGE_SCHEMA',
      JSON.stringify(parts),
    );
});
