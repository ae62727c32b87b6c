/** An emergency of nobody, taken once before a real one: code that has never run is slow when it first matters. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { authorise } from '../protocols/authorise.js';
import { KeyRing } from '../protocols/key-ring.js';
import type { Assignment } from '../protocols/messages/assignment.js';
import type { EmergencySet } from '../protocols/messages/emergency.js';
import { readSigned, signMessage, TYP } from '../protocols/signed-message.js';
import type { PublicKey, TrustDocument } from '../protocols/trust-document.js';
import { instant, type Clock } from './core/clock.js';
import type { Log } from './core/log.js';
import { Programme } from './programme/programme.js';

const NOBODY = 'rehearsal';
const MINUTE_MS = 60_000;
/** V8 compiles what has run a few times. */
const TIMES = 3;

/**
 * Signs an emergency with a key made for it, and takes it from the bytes of the wire to the order to the sound thread: as the receiver does, with
 * parts of its own that nobody hears. The first emergency took 80 ms longer than those after it, on a small board ten times that.
 * @returns how often it would have sounded, which is every time
 */
export async function rehearseEmergency(clock: Clock, log: Log): Promise<{ times: number; heard: number }> {
  const nowMs = clock.nowMs();
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const jwk: PublicKey = { kty: 'EC', crv: 'P-256', x, y };
  const ring = await KeyRing.of(trustOf(jwk, nowMs));
  const signer = { key: privateKey, kid: await calculateJwkThumbprint(jwk), algorithm: 'ES256' as const };
  const bytes = Buffer.from(await signMessage(setOf(nowMs), TYP['emergency.set'], signer));
  let heard = 0;
  for (let time = 0; time < TIMES; time += 1) {
    heard += sounds(bytes, ring, clock, log);
    // The link and the socket are served in between: on a small board this takes long.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { times: TIMES, heard };
}

function sounds(bytes: Uint8Array, ring: KeyRing, clock: Clock, log: Log): number {
  const read = readSigned(bytes, ring);
  if (!read.ok || read.value.message.type !== 'emergency.set') return 0;
  const { message, key } = read.value;
  const nowMs = clock.nowMs();
  if (!authorise(message, key, { receiver: NOBODY, assignment: ASSIGNMENT, nowMs }).ok) return 0;
  let opened = 0;
  const programme = new Programme({
    engine: { open: () => (opened += 1), order: () => undefined, close: () => undefined },
    ...{ clock, log, newId: randomUUID, memory: {} },
    listener: {
      onReceipt: () => undefined,
      onEvent: () => undefined,
      onSounded: () => undefined,
      onHeard: () => undefined,
    },
  });
  programme.setEmergencies(NOBODY, message, key.authority);
  programme.close();
  return opened;
}

const ASSIGNMENT: Assignment = {
  type: 'assignment',
  ...{ authority: NOBODY, slot: { receiver: NOBODY }, revision: 1, epoch: 0, issuedAt: instant(0) },
  body: { home: NOBODY, areas: [NOBODY], groups: [] },
};

function trustOf(jwk: PublicKey, nowMs: number): TrustDocument {
  const always = { notBefore: instant(nowMs - MINUTE_MS), notAfter: instant(nowMs + MINUTE_MS) };
  return {
    ...{ type: 'trust', version: 1, issuedAt: instant(nowMs), revoked: [] },
    root: { threshold: 1, keys: [jwk] },
    authorities: [
      {
        ...{ id: NOBODY, name: { vi: NOBODY, en: NOBODY }, homeArea: NOBODY, level: 0 },
        keys: [{ jwk, ...always }],
        grants: [{ messages: ['emergency.set'], maxClass: 'normal', longestPlayMs: 0, content: 'free' }],
      },
    ],
  };
}

function setOf(nowMs: number): EmergencySet {
  return {
    type: 'emergency.set',
    ...{ authority: NOBODY, slot: { area: NOBODY }, revision: 1, epoch: 0, issuedAt: instant(nowMs) },
    body: {
      emergencies: [
        {
          ...{ id: '01890a5d-ac96-774b-bcce-b302099a8057', status: 'actual', severity: 'extreme' },
          ...{ title: NOBODY, startsAt: instant(nowMs), endsAt: instant(nowMs + MINUTE_MS) },
          ...{ repeatEveryMs: MINUTE_MS, content: [{ kind: 'stored', name: 'siren' }], cap: capOf(nowMs) },
        },
      ],
    },
  };
}

function capOf(nowMs: number): string {
  const zoned = (ms: number): string => `${instant(ms).slice(0, 19)}+00:00`;
  return (
    `<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>${NOBODY}</identifier><sender>${NOBODY}</sender>` +
    `<sent>${zoned(nowMs)}</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info>` +
    '<language>vi-VN</language><category>Met</category><event>Lũ</event><urgency>Immediate</urgency>' +
    `<severity>Extreme</severity><certainty>Observed</certainty><expires>${zoned(nowMs + MINUTE_MS)}</expires>` +
    '<headline>Lũ</headline></info></alert>'
  );
}
