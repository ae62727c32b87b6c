import { createHash, type KeyObject } from 'node:crypto';
import type { CryptoKey } from 'jose';
import { signMessage, TYP } from '../../protocols/signed-message.js';
import type { Store, StoreChange } from '../core/store.js';

const KEY = 'chain/head';

/** `previous` of the first record ever. */
export const GENESIS = '';

/** The device's own key. `kid` is the thumbprint (RFC 7638) of its public part. */
export interface RecordSigner {
  readonly key: CryptoKey | KeyObject;
  readonly kid: string;
  readonly algorithm: 'ES256' | 'EdDSA' | 'RS256';
}

/** A record signed and chained, not yet part of the chain. */
export interface SignedRecord {
  /** Compact JWS. */
  readonly jws: string;
  /** Moves the head on the disk; to be written together with the record. */
  readonly headChange: StoreChange;
  /** The record is out: the next one follows it. */
  accept(): void;
}

/** Receipts and events of one receiver, each naming the one before by its hash, so that none can be left out unseen. */
export interface RecordChain {
  /** Signs a message with `previous` put in. One at a time: accept or let go before the next. */
  sign(message: object, type: 'receipt' | 'event'): Promise<SignedRecord>;
}

/** What the next record will name: base64url of the SHA-256 of a compact JWS. */
export function digestOf(jws: string): string {
  return createHash('sha256').update(jws).digest('base64url');
}

/** The chain that the store holds the head of. @throws what the store throws */
export async function openChain(store: Store, signer: RecordSigner): Promise<RecordChain> {
  const kept = await store.get(KEY);
  let head = kept === undefined ? GENESIS : new TextDecoder().decode(kept);
  return {
    async sign(message, type) {
      const jws = await signMessage({ ...message, previous: head }, TYP[type], signer);
      const digest = digestOf(jws);
      return {
        jws,
        headChange: { put: KEY, value: new TextEncoder().encode(digest) },
        accept() {
          head = digest;
        },
      };
    },
  };
}
