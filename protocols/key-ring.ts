import { KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
// By its parts: the whole of jose costs a start twice as much.
import { importJWK } from 'jose/key/import';
import type { Authority, PublicKey, TrustDocument } from './trust-document.js';

/** A public key of an authority, ready to verify with. */
export interface RingKey {
  readonly kid: string;
  readonly authority: Authority;
  readonly algorithm: 'ES256' | 'EdDSA';
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** When the key or its authority was revoked, if it was. */
  readonly revokedSinceMs: number | undefined;
  readonly key: KeyObject;
}

/** The keys of a trust document by their thumbprint (RFC 7638): an unknown one is refused before any arithmetic. */
export class KeyRing {
  readonly document: TrustDocument;
  readonly #keys: ReadonlyMap<string, RingKey>;

  private constructor(document: TrustDocument, keys: ReadonlyMap<string, RingKey>) {
    this.document = document;
    this.#keys = keys;
  }

  /** Imports every key of the document once. */
  static async of(document: TrustDocument): Promise<KeyRing> {
    const keys = new Map<string, RingKey>();
    for (const authority of document.authorities) {
      for (const { jwk, notBefore, notAfter } of authority.keys) {
        const kid = await calculateJwkThumbprint(jwk);
        keys.set(kid, {
          kid,
          authority,
          algorithm: algorithmOf(jwk),
          notBeforeMs: Date.parse(notBefore),
          notAfterMs: Date.parse(notAfter),
          revokedSinceMs: revokedSince(document, authority.id, kid),
          key: await importPublic(jwk),
        });
      }
    }
    return new KeyRing(document, keys);
  }

  /** The key with this thumbprint, or undefined. */
  find(kid: string): RingKey | undefined {
    return this.#keys.get(kid);
  }

  /** How many keys of an authority are within their validity and not revoked at an instant. */
  validKeys(authorityId: string, nowMs: number): number {
    return [...this.#keys.values()].filter(
      ({ authority, notBeforeMs, notAfterMs, revokedSinceMs = Infinity }) =>
        authority.id === authorityId && nowMs >= notBeforeMs && nowMs <= notAfterMs && nowMs < revokedSinceMs,
    ).length;
  }

  /** The authority with this id, or undefined. */
  authority(id: string): Authority | undefined {
    return this.document.authorities.find((authority) => authority.id === id);
  }
}

async function importPublic(jwk: PublicKey): Promise<KeyObject> {
  const key = await importJWK(jwk, algorithmOf(jwk));
  if (key instanceof Uint8Array) throw new TypeError('a public key was expected');
  return KeyObject.from(key);
}

function algorithmOf(jwk: PublicKey): 'ES256' | 'EdDSA' {
  return jwk.kty === 'EC' ? 'ES256' : 'EdDSA';
}

function revokedSince(document: TrustDocument, authorityId: string, kid: string): number | undefined {
  const instants = document.revoked
    .filter((entry) => ('authority' in entry ? entry.authority === authorityId : entry.kid === kid))
    .map((entry) => Date.parse(entry.since));
  return instants.length === 0 ? undefined : Math.min(...instants);
}
