import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { makeKeyAndRequest } from '../../certs/make-identity.js';
import { identityFiles } from '../../certs/identity-folder.js';
import { systemClock } from '../../agent/core/clock.js';
import { KeyRing } from '../../protocols/key-ring.js';
import type { Assignment } from '../../protocols/messages/assignment.js';
import type { Command, SignedDocument } from '../../protocols/messages/catalogue.js';
import { TYP } from '../../protocols/signed-message.js';
import type { TrustDocument } from '../../protocols/trust-document.js';
import {
  assignmentWith,
  emergencySetWith,
  nowMs,
  playStartWith,
  playStopWith,
} from '../fixtures/trust/messages.js';
import { signTrust, type Signer } from '../fixtures/trust/signers.js';
import { CertificateAuthority } from '../source-system/certificate-authority.js';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AUTHORITY_IDS, Cast } from './cast.js';

/** What the fuzzer starts from: honest messages, documents and certificates, and the keys of friend and foe. */
export interface Corpus {
  readonly cast: Cast;
  readonly ring: KeyRing;
  readonly trust: TrustDocument;
  readonly assignment: Assignment;
  readonly nowMs: number;
  /** Honest messages of the province. */
  readonly messages: readonly (Command | SignedDocument)[];
  /** The same, signed by the province. */
  readonly signed: readonly string[];
  /** The next trust document, rightly signed. */
  readonly nextTrust: string;
  readonly certificates: Certificates;
}

/** A device's key, its certificate, and certificates for the same key and name from authorities that are not its own. */
export interface Certificates {
  readonly key: KeyObject;
  readonly anchorsPem: string;
  readonly honestPem: string;
  readonly foreignPems: readonly string[];
}

/** Makes keys and corpus. */
export async function makeCorpus(): Promise<Corpus> {
  const cast = await Cast.make();
  const trust = cast.trust();
  const { id, authority, issuedAt, expiresAt, target } = playStartWith();
  const envelope = { id, authority, issuedAt, expiresAt };
  const messages: (Command | SignedDocument)[] = [
    ...[playStartWith(), playStopWith(), emergencySetWith(), assignmentWith({ revision: 2 })],
    { type: 'renew', ...envelope, target, body: { withinS: 60 } },
    { type: 'update', ...envelope, target, body: { percent: 20, groups: ['g-1'], hold: false, back: false } },
    { type: 'retire', ...envelope, target: { receiver: 'loa-0001', epoch: 3 }, body: {} },
  ];
  return {
    cast,
    trust,
    ring: await KeyRing.of(trust),
    assignment: assignmentWith(),
    nowMs,
    messages,
    signed: messages.map((message) => signedText(message, cast.signers.province, TYP[message.type])),
    nextTrust: await signTrust(cast.trust({ version: 2 }), cast.roots),
    certificates: await makeCertificates(),
  };
}

/** A compact JWS (RFC 7515) by ES256, signed at once; `kid` may be another key's. */
export function signedText(message: object, signer: Signer, typ: string, kid = signer.kid): string {
  const encoded = (text: string): string => Buffer.from(text).toString('base64url');
  const header = encoded(JSON.stringify({ alg: 'ES256', kid, typ }));
  const data = `${header}.${encoded(JSON.stringify(message))}`;
  const signature = sign('sha256', Buffer.from(data), { key: signer.key, dsaEncoding: 'ieee-p1363' });
  return `${data}.${signature.toString('base64url')}`;
}

/** The messages that each of these may not send, whatever else stands in them. */
export function outOfScope(corpus: Corpus): readonly { message: object; signer: Signer; typ: string }[] {
  const { commune, neighbour, brigade, stranger } = corpus.cast.signers;
  const as = (message: Command | SignedDocument, who: keyof typeof AUTHORITY_IDS, signer: Signer) => ({
    message: { ...message, authority: AUTHORITY_IDS[who] },
    signer,
    typ: TYP[message.type],
  });
  const speakers = ['play.start', 'play.stop'];
  return corpus.messages.flatMap((message) => [
    as(message, 'stranger', stranger),
    as(message, 'neighbour', neighbour),
    ...(speakers.includes(message.type) ? [] : [as(message, 'commune', commune)]),
    ...(message.type === 'emergency.set' ? [] : [as(message, 'brigade', brigade)]),
  ]);
}

async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'loa-fuzz-'));
  try {
    const { requestPem } = await makeKeyAndRequest({
      folder: join(folder, 'identity'),
      receiverId: 'loa-0001',
    });
    const key = createPrivateKey(await readFile(identityFiles(join(folder, 'identity')).key));
    const own = await CertificateAuthority.create(systemClock);
    const foreign = await Promise.all([1, 2, 3].map(() => CertificateAuthority.create(systemClock)));
    return {
      key,
      anchorsPem: own.anchorsPem,
      honestPem: await own.signRequest(requestPem, 'loa-0001'),
      foreignPems: await Promise.all(foreign.map((ca) => ca.signRequest(requestPem, 'loa-0001'))),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
