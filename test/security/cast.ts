import { randomBytes } from 'node:crypto';
import { instant } from '../../agent/core/clock.js';
import type { Assignment } from '../../protocols/messages/assignment.js';
import type { Emergency, EmergencySet } from '../../protocols/messages/emergency.js';
import type { PlayStart, PlayStop } from '../../protocols/messages/play.js';
import { signMessage, TYP } from '../../protocols/signed-message.js';
import type { TrustDocument } from '../../protocols/trust-document.js';
import {
  authorityWith,
  grantWith,
  newSigner,
  signTrust,
  trustWith,
  type Signer,
} from '../fixtures/trust/signers.js';
import type { Bench } from './bench.js';

/** Who takes part, by role. `stranger` is in no trust document. */
export interface Signers {
  readonly province: Signer;
  readonly commune: Signer;
  readonly neighbour: Signer;
  readonly brigade: Signer;
  readonly stranger: Signer;
}

/** The id of each authority. */
export const AUTHORITY_IDS: Readonly<Record<keyof Signers, string>> = {
  province: 'province',
  commune: 'xa-001',
  neighbour: 'xa-002',
  brigade: 'brigade',
  stranger: 'province',
};

const MINUTE_MS = 60_000;

/** The province's keys, its trust document, and messages made with them, honest ones unless parts are given. */
export class Cast {
  readonly roots: readonly Signer[];
  readonly signers: Signers;

  private constructor(roots: readonly Signer[], signers: Signers) {
    this.roots = roots;
    this.signers = signers;
  }

  /** New keys: three of the root, of which two must sign, and one for each authority. */
  static async make(): Promise<Cast> {
    const roots = await Promise.all([newSigner(), newSigner(), newSigner()]);
    const [province, commune, neighbour, brigade, stranger] = await Promise.all([
      newSigner(),
      newSigner(),
      newSigner(),
      newSigner(),
      newSigner(),
    ]);
    return new Cast(roots, { province, commune, neighbour, brigade, stranger });
  }

  /**
   * The trust document: the province may everything; the communes normal bulletins of an hour; the fire brigade of the
   * commune emergencies.
   */
  trust(parts: Partial<TrustDocument> = {}): TrustDocument {
    const { province, commune, neighbour, brigade } = this.signers;
    const speaker = grantWith({ messages: ['play.start', 'play.stop'], maxClass: 'normal' });
    const of = (signer: Signer, id: string, homeArea: string, level: number, grants = [speaker]) =>
      authorityWith(signer, { id, homeArea, level, grants });
    return trustWith(this.roots, {
      root: { threshold: 2, keys: this.roots.map(({ jwk }) => jwk) },
      authorities: [
        authorityWith(province),
        of(commune, 'xa-001', 'xa-001', 10),
        of(neighbour, 'xa-002', 'xa-002', 10),
        of(brigade, 'brigade', 'xa-001', 20, [grantWith({ messages: ['emergency.set'] })]),
      ],
      ...parts,
    });
  }

  /** A next trust document, signed by the root keys of these places. */
  async nextTrust(parts: Partial<TrustDocument>, places: readonly number[] = [0, 1]): Promise<string> {
    const signers = this.roots.filter((_, place) => places.includes(place));
    return signTrust(this.trust({ version: 2, ...parts }), signers);
  }

  /** A `play.start` of ten minutes with the stored chime. */
  play(
    bench: Bench,
    who: keyof Signers = 'province',
    parts: Partial<PlayStart> = {},
    body: Partial<PlayStart['body']> = {},
  ): PlayStart {
    const nowMs = bench.clock.nowMs();
    return {
      type: 'play.start',
      id: idAt(nowMs),
      authority: AUTHORITY_IDS[who],
      issuedAt: instant(nowMs - 1_000),
      expiresAt: instant(nowMs + 5 * MINUTE_MS),
      target: { area: 'xa-001' },
      body: {
        playId: idAt(nowMs),
        class: 'normal',
        rank: 0,
        title: 'Bản tin',
        source: { kind: 'stored', name: 'chime' },
        until: instant(nowMs + 10 * MINUTE_MS),
        gainDb: 0,
        ...body,
      },
      ...parts,
    };
  }

  /** A `play.stop` of a play. */
  stop(bench: Bench, who: keyof Signers, playId: string): PlayStop {
    const { id, authority, issuedAt, expiresAt, target } = this.play(bench, who);
    return { type: 'play.stop', id, authority, issuedAt, expiresAt, target, body: { playId } };
  }

  /** An emergency set with one flood in it, for an hour, or with what is given. */
  emergencySet(
    bench: Bench,
    who: keyof Signers = 'province',
    parts: Partial<EmergencySet> = {},
    emergencies?: readonly Emergency[],
  ): EmergencySet {
    const nowMs = bench.clock.nowMs();
    const flood: Emergency = {
      id: idAt(nowMs),
      status: 'actual',
      severity: 'severe',
      title: 'Lũ quét',
      startsAt: instant(nowMs - 1_000),
      endsAt: instant(nowMs + 60 * MINUTE_MS),
      repeatEveryMs: MINUTE_MS,
      content: [{ kind: 'stored', name: 'siren' }],
    };
    return {
      type: 'emergency.set',
      authority: AUTHORITY_IDS[who],
      slot: { area: 'xa-001' },
      revision: 1,
      epoch: 0,
      issuedAt: instant(nowMs - 1_000),
      body: { emergencies: [...(emergencies ?? [flood])] },
      ...parts,
    };
  }

  /** The assignment of a bench's receiver to `thon-01` in epoch 3, signed by the province unless said otherwise. */
  async assignment(bench: Bench, parts: Partial<Assignment> = {}, by?: keyof Signers): Promise<string> {
    const who = by ?? 'province';
    const message: Assignment = {
      type: 'assignment',
      authority: AUTHORITY_IDS[who],
      slot: { receiver: bench.receiver },
      revision: 1,
      epoch: 3,
      issuedAt: instant(bench.clock.nowMs() - 60 * MINUTE_MS),
      body: { home: 'thon-01', areas: ['thon-01', 'xa-001', 'tinh-01'], groups: [] },
      ...parts,
    };
    return this.sign(message, who);
  }

  /** Signs a message as one of the cast. */
  sign(message: { readonly type: keyof typeof TYP }, who: keyof Signers): Promise<string> {
    return signMessage(message, TYP[message.type], this.signers[who]);
  }
}

/** A UUID of version 7 (RFC 9562, 5.7) of an instant. */
export function idAt(nowMs: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Math.max(0, nowMs), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
