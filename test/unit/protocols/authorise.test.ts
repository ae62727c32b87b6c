import t from 'tap';
import { authorise, type Standing } from '../../../protocols/authorise.js';
import { KeyRing, type RingKey } from '../../../protocols/key-ring.js';
import type { Beat } from '../../../protocols/messages/beat.js';
import type { DownMessage } from '../../../protocols/messages/catalogue.js';
import type { Authority, TrustDocument } from '../../../protocols/trust-document.js';
import {
  assignmentWith,
  at,
  emergencySetWith,
  nowMs,
  playStartWith,
  playStopWith,
} from '../../fixtures/trust/messages.js';
import { authorityWith, grantWith, newSigner, trustWith } from '../../fixtures/trust/signers.js';

const signer = await newSigner();
const standing: Standing = { receiver: 'loa-0001', assignment: assignmentWith(), nowMs };

/** The province's key, with parts of its authority and of the trust document changed. */
async function keyWith(
  parts: Partial<Authority> = {},
  revoked: TrustDocument['revoked'] = [],
): Promise<RingKey> {
  const ring = await KeyRing.of(trustWith([], { authorities: [authorityWith(signer, parts)], revoked }));
  const key = ring.find(signer.kid);
  if (key === undefined) throw new Error('the ring has lost the key');
  return key;
}

const key = await keyWith();
const grants = (...parts: Parameters<typeof grantWith>[0][]): Partial<Authority> => ({
  grants: parts.map(grantWith),
});
const stored = { kind: 'stored', name: 'chime' } as const;
const spoken = { kind: 'text', lang: 'vi', text: 'Xin chào bà con' } as const;
const file = {
  kind: 'file',
  url: 'https://media.example/a.mp3',
  sha256: 'a'.repeat(64),
  onInterrupt: 'resume',
} as const;
const severe = emergencySetWith().body.emergencies[0];
if (severe === undefined) throw new Error('the emergency of the fixture is gone');
const storedEmergency = emergencySetWith({ body: { emergencies: [{ ...severe, content: [stored] }] } });
const day = 86_400;

function beatWith(): Beat {
  return {
    ...{ type: 'beat', authority: 'province', slot: { receiver: 'loa-0001' } },
    ...{ at: at(0), trustVersion: 1, documents: [] },
  };
}

interface Case {
  readonly what: string;
  readonly message?: DownMessage;
  readonly key?: RingKey;
  readonly standing?: Partial<Standing>;
  /** Undefined where it is allowed. */
  readonly code?: string;
}

const cases: Case[] = [
  { what: 'a play for its area' },
  { what: 'a play for its group', message: playStartWith({ target: { group: 'cho' } }) },
  {
    what: 'a play for this receiver',
    message: playStartWith({ target: { receiver: 'loa-0001', epoch: 3 } }),
  },
  { what: 'a stop', message: playStopWith() },
  { what: 'an emergency', message: emergencySetWith() },
  { what: 'an emergency for this receiver', message: emergencySetWith({ slot: { receiver: 'loa-0001' } }) },
  { what: 'an empty set of emergencies', message: emergencySetWith({ body: { emergencies: [] } }) },
  { what: 'a new assignment', message: assignmentWith({ revision: 2 }) },

  {
    what: 'an authority whose area is not above',
    key: await keyWith({ homeArea: 'xa-002' }),
    code: 'E_AUTHORITY_AREA',
  },
  { what: 'an authority of the receiver’s own hamlet', key: await keyWith({ homeArea: 'thon-01' }) },
  {
    what: 'a neighbour’s emergency',
    message: emergencySetWith(),
    key: await keyWith({ homeArea: 'xa-002' }),
    code: 'E_AUTHORITY_AREA',
  },
  {
    what: 'a neighbour’s play for a group that the receiver is in',
    message: playStartWith({ target: { group: 'cho' } }),
    key: await keyWith({ homeArea: 'xa-002' }),
    code: 'E_AUTHORITY_AREA',
  },
  {
    what: 'a hamlet’s play for the whole province, heard in the hamlet',
    message: playStartWith({ target: { area: 'tinh-01' } }),
    key: await keyWith({ homeArea: 'thon-01' }),
  },

  {
    what: 'a play for another area',
    message: playStartWith({ target: { area: 'xa-002' } }),
    code: 'E_COMMAND_TARGET',
  },
  {
    what: 'a play for another group',
    message: playStartWith({ target: { group: 'x' } }),
    code: 'E_COMMAND_TARGET',
  },
  {
    what: 'a play for another receiver',
    message: playStartWith({ target: { receiver: 'loa-0002', epoch: 3 } }),
    code: 'E_COMMAND_TARGET',
  },
  {
    what: 'a play for an earlier epoch',
    message: playStartWith({ target: { receiver: 'loa-0001', epoch: 2 } }),
    code: 'E_COMMAND_TARGET',
  },
  {
    what: 'a play for a later epoch',
    message: playStartWith({ target: { receiver: 'loa-0001', epoch: 4 } }),
    code: 'E_COMMAND_TARGET',
  },
  {
    what: 'an emergency elsewhere',
    message: emergencySetWith({ slot: { area: 'xa-002' } }),
    code: 'E_COMMAND_TARGET',
  },
  {
    what: 'an emergency for another receiver',
    message: emergencySetWith({ slot: { receiver: 'loa-0002' } }),
    code: 'E_COMMAND_TARGET',
  },
  {
    what: 'an assignment of another receiver',
    message: assignmentWith({ slot: { receiver: 'loa-0002' } }),
    code: 'E_COMMAND_TARGET',
  },

  { what: 'a play before any assignment', standing: { assignment: undefined }, code: 'E_AUTHORITY_AREA' },
  {
    what: 'an emergency before any assignment',
    message: emergencySetWith(),
    standing: { assignment: undefined },
    code: 'E_AUTHORITY_AREA',
  },
  { what: 'the first assignment', message: assignmentWith(), standing: { assignment: undefined } },
  {
    what: 'a first assignment outside its authority’s area',
    message: assignmentWith({}, { areas: ['thon-01', 'xa-001', 'tinh-02'] }),
    standing: { assignment: undefined },
    code: 'E_AUTHORITY_AREA',
  },
  {
    what: 'an assignment without its own home',
    message: assignmentWith({}, { areas: ['tinh-01'] }),
    code: 'E_MESSAGE_SCHEMA',
  },
  {
    what: 'a neighbour’s assignment that takes the receiver over',
    message: assignmentWith({ revision: 9 }, { home: 'xa-002', areas: ['xa-002', 'tinh-01'] }),
    key: await keyWith({ homeArea: 'xa-002' }),
    code: 'E_AUTHORITY_AREA',
  },
  {
    what: 'an assignment that gives the receiver away',
    message: assignmentWith({ revision: 9 }, { home: 'xa-009', areas: ['xa-009', 'tinh-02'] }),
    code: 'E_AUTHORITY_AREA',
  },
  {
    what: 'an assignment to two provinces while they merge',
    message: assignmentWith({ revision: 9 }, { areas: ['thon-01', 'xa-001', 'tinh-01', 'tinh-02'] }),
  },

  {
    what: 'a type that is not granted',
    key: await keyWith(grants({ messages: ['play.stop'] })),
    code: 'E_AUTHORITY_GRANT',
  },
  { what: 'no grant at all', key: await keyWith({ grants: [] }), code: 'E_AUTHORITY_GRANT' },
  {
    what: 'a priority bulletin of who may send normal ones',
    message: playStartWith({}, { class: 'priority' }),
    key: await keyWith(grants({ maxClass: 'normal' })),
    code: 'E_AUTHORITY_GRANT',
  },
  { what: 'a priority bulletin of who may', message: playStartWith({}, { class: 'priority' }) },
  {
    what: 'a live play of who may send stored sounds',
    key: await keyWith(grants({ content: 'stored' })),
    code: 'E_AUTHORITY_GRANT',
  },
  {
    what: 'a file of who may send stored sounds',
    message: playStartWith({}, { source: file }),
    key: await keyWith(grants({ content: 'stored' })),
    code: 'E_AUTHORITY_GRANT',
  },
  {
    what: 'a text of who may send stored sounds',
    message: playStartWith({}, { source: spoken }),
    key: await keyWith(grants({ content: 'stored' })),
    code: 'E_AUTHORITY_GRANT',
  },
  {
    what: 'line in of who may send stored sounds',
    message: playStartWith({}, { source: { kind: 'capture' } }),
    key: await keyWith(grants({ content: 'stored' })),
    code: 'E_AUTHORITY_GRANT',
  },
  {
    what: 'a stored sound with a text to fall back on, of who may send stored sounds',
    message: playStartWith({}, { source: stored, fallback: [spoken] }),
    key: await keyWith(grants({ content: 'stored' })),
    code: 'E_AUTHORITY_GRANT',
  },
  { what: 'a text of who may send anything', message: playStartWith({}, { source: spoken }) },
  {
    what: 'a stored sound of who may send stored sounds',
    message: playStartWith({}, { source: stored }),
    key: await keyWith(grants({ content: 'stored' })),
  },
  {
    what: 'an emergency with a free sound of who may send stored sounds',
    message: emergencySetWith(),
    key: await keyWith(grants({ content: 'stored' })),
    code: 'E_AUTHORITY_GRANT',
  },
  {
    what: 'an emergency with stored sounds of who may send stored sounds',
    message: storedEmergency,
    key: await keyWith(grants({ content: 'stored' })),
  },
  {
    what: 'an emergency with a numbered message of who may send stored sounds',
    message: {
      ...storedEmergency,
      body: {
        emergencies: storedEmergency.body.emergencies.map((one) => ({
          ...one,
          content: [{ kind: 'message', number: 12 }, ...one.content],
        })),
      },
    },
    key: await keyWith(grants({ content: 'stored' })),
  },
  {
    what: 'a CAP document with a stored sound, of who may send stored sounds',
    message: {
      ...storedEmergency,
      body: { emergencies: storedEmergency.body.emergencies.map((one) => ({ ...one, cap: '<alert/>' })) },
    },
    key: await keyWith(grants({ content: 'stored' })),
    code: 'E_AUTHORITY_GRANT',
  },
  { what: 'a play as long as granted', key: await keyWith(grants({ longestPlayMs: 70_000 })) },
  {
    what: 'a play a millisecond too long',
    key: await keyWith(grants({ longestPlayMs: 69_999 })),
    code: 'E_AUTHORITY_GRANT',
  },
  {
    what: 'a play whose length counts from startAt',
    message: playStartWith({}, { startAt: at(30), until: at(60) }),
    key: await keyWith(grants({ longestPlayMs: 30_000 })),
  },
  {
    what: 'a play that began long ago',
    message: playStartWith({}, { startAt: at(-7200), until: at(60) }),
    code: 'E_AUTHORITY_GRANT',
  },
  {
    what: 'what the second of two grants allows',
    message: playStartWith({}, { class: 'priority', source: stored }),
    key: await keyWith(grants({ maxClass: 'normal' }, { content: 'stored' })),
  },
  {
    what: 'what two grants allow only together',
    message: playStartWith({}, { class: 'priority' }),
    key: await keyWith(grants({ maxClass: 'normal' }, { content: 'stored' })),
    code: 'E_AUTHORITY_GRANT',
  },

  {
    what: 'a play within the hours granted',
    key: await keyWith(grants({ hours: [{ from: '10:00', to: '10:01' }] })),
  },
  {
    what: 'a play that begins before the hours granted',
    key: await keyWith(grants({ hours: [{ from: '10:01', to: '24:00' }] })),
    code: 'E_AUTHORITY_HOURS',
  },
  {
    what: 'a play that ends after the hours granted',
    message: playStartWith({}, { until: at(61) }),
    key: await keyWith(grants({ hours: [{ from: '00:00', to: '10:01' }] })),
    code: 'E_AUTHORITY_HOURS',
  },
  {
    what: 'a play in the second of two spans of hours',
    key: await keyWith(
      grants({
        hours: [
          { from: '05:00', to: '06:00' },
          { from: '09:30', to: '11:00' },
        ],
      }),
    ),
  },
  {
    what: 'an emergency outside the hours granted for plays',
    message: emergencySetWith(),
    key: await keyWith(grants({ hours: [{ from: '05:00', to: '06:00' }] })),
  },
  {
    what: 'a play when the minutes of the day are used up',
    key: await keyWith(grants({ minutesADay: 10 })),
    standing: { heardTodayMs: (id) => (id === 'province' ? 600_000 : 0) },
    code: 'E_AUTHORITY_MINUTES',
  },
  {
    what: 'a play with a second of the day left',
    key: await keyWith(grants({ minutesADay: 10 })),
    standing: { heardTodayMs: () => 599_000 },
  },
  {
    what: 'an emergency when the minutes of the day are used up',
    message: emergencySetWith(),
    key: await keyWith(grants({ minutesADay: 10 })),
    standing: { heardTodayMs: () => 600_000 },
  },
  {
    what: 'a beat of who may speak but not give the time',
    message: beatWith(),
    key: await keyWith(grants({ messages: ['play.start', 'emergency.set', 'assignment'] })),
    code: 'E_AUTHORITY_GRANT',
  },
  {
    what: 'an assignment of who may give the time alone',
    message: assignmentWith({ revision: 2 }),
    key: await keyWith(grants({ messages: ['beat'] })),
    code: 'E_AUTHORITY_GRANT',
  },
  { what: 'a beat of who may give the time', message: beatWith() },

  {
    what: 'an expired command',
    message: playStartWith({ issuedAt: at(-60), expiresAt: at(0) }),
    code: 'E_COMMAND_EXPIRED',
  },
  { what: 'a command in its last second', message: playStopWith({ expiresAt: at(1) }) },
  { what: 'a lease that has ended', message: playStartWith({}, { until: at(0) }), code: 'E_COMMAND_EXPIRED' },
  {
    what: 'a sender four minutes ahead',
    message: playStartWith({ issuedAt: at(240), expiresAt: at(300) }, { until: at(300) }),
  },
  {
    what: 'a command from six minutes ahead',
    message: playStartWith({ issuedAt: at(360), expiresAt: at(400) }, { until: at(400) }),
    code: 'E_COMMAND_TIME',
  },
  {
    what: 'a document from the future',
    message: emergencySetWith({ issuedAt: at(360) }),
    code: 'E_COMMAND_TIME',
  },
  { what: 'an old document', message: emergencySetWith({ issuedAt: at(-30 * day) }) },
  {
    what: 'a live play that lives eleven minutes',
    message: playStartWith({ expiresAt: at(650) }),
    code: 'E_COMMAND_TIME',
  },
  { what: 'a live play that lives ten minutes', message: playStartWith({ expiresAt: at(590) }) },
  { what: 'a file that lives an hour', message: playStartWith({ expiresAt: at(3600) }, { source: file }) },
  {
    what: 'a file that lives two days',
    message: playStartWith({ expiresAt: at(2 * day) }, { source: file }),
    code: 'E_COMMAND_TIME',
  },
  {
    what: 'a stop that lives two days',
    message: playStopWith({ expiresAt: at(2 * day) }),
    code: 'E_COMMAND_TIME',
  },
  {
    what: 'a command for later',
    message: playStopWith({ notBefore: at(360), expiresAt: at(600) }),
    code: 'E_COMMAND_TIME',
  },
  { what: 'a command for about now', message: playStopWith({ notBefore: at(60), expiresAt: at(600) }) },
  {
    what: 'a play that starts after it ends',
    message: playStartWith({ expiresAt: at(3600) }, { source: file, startAt: at(120), until: at(60) }),
    code: 'E_COMMAND_TIME',
  },
  {
    what: 'a play booked for after the command has expired',
    message: playStartWith({}, { startAt: at(30 * day), until: at(30 * day + 60) }),
    code: 'E_COMMAND_TIME',
  },

  {
    what: 'a revoked authority',
    key: await keyWith({}, [{ authority: 'province', since: at(-1) }]),
    code: 'E_AUTHORITY_REVOKED',
  },
  {
    what: 'a revoked key',
    key: await keyWith({}, [{ kid: signer.kid, since: at(0) }]),
    code: 'E_AUTHORITY_REVOKED',
  },
  {
    what: 'an emergency of a revoked authority',
    message: emergencySetWith({ issuedAt: at(-day) }),
    key: await keyWith({}, [{ authority: 'province', since: at(-1) }]),
    code: 'E_AUTHORITY_REVOKED',
  },
  {
    what: 'an authority that will be revoked',
    key: await keyWith({}, [{ authority: 'province', since: at(60) }]),
  },
  {
    what: 'another authority’s revocation',
    key: await keyWith({}, [{ authority: 'commune', since: at(-1) }]),
  },
  {
    what: 'a key before its validity',
    key: await keyWith({ keys: [{ jwk: signer.jwk, notBefore: at(1), notAfter: at(day) }] }),
    code: 'E_AUTHORITY_REVOKED',
  },
  {
    what: 'a key after its validity',
    key: await keyWith({ keys: [{ jwk: signer.jwk, notBefore: at(-day), notAfter: at(-1) }] }),
    code: 'E_AUTHORITY_REVOKED',
  },
];

for (const one of cases) {
  const verdict = one.code === undefined ? 'allowed' : `refused with ${one.code}`;
  t.test(`${one.what} is ${verdict}`, (t) => {
    const outcome = authorise(one.message ?? playStartWith(), one.key ?? key, {
      ...standing,
      ...one.standing,
    });
    t.equal(outcome.ok ? undefined : outcome.refusal.code, one.code);
    if (!outcome.ok) t.equal(outcome.refusal.fields?.authority, 'province');
    t.end();
  });
}
