import { createHash, randomBytes, timingSafeEqual, X509Certificate } from 'node:crypto';
import type { Clock } from '../../agent/core/clock.js';
import type { TokenFolder } from './token-folder.js';

interface Token {
  readonly receiverId: string;
  readonly hash: Buffer;
  readonly untilMs: number;
  /** Hash of the public key that it was used for first; it holds for no other. */
  usedFor: string | undefined;
}

/** Who may have a certificate: the province's lists. */
export class EstAdmissions {
  readonly #clock: Clock;
  readonly #folder: TokenFolder | undefined;
  readonly #tokens: Token[] = [];
  readonly #factory = new Map<string, string>();
  readonly #afterExpiry = new Set<string>();
  readonly #blocked = new Set<string>();

  /** @param folder tokens that another process has handed out */
  constructor(clock: Clock, folder?: TokenFolder) {
    this.#clock = clock;
    this.#folder = folder;
  }

  /**
   * A one-time token for one receiver. It is one key's: a receiver whose power was cut after the answer may ask again
   * with the same key, and nobody with another one.
   */
  newToken(receiverId: string, forMs = 3_600_000): string {
    const token = randomBytes(18).toString('base64url');
    this.#tokens.push({
      ...{ receiverId, hash: hashOf(token), untilMs: this.#clock.nowMs() + forMs, usedFor: undefined },
    });
    if (this.#tokens.length > 10_000) this.#tokens.shift();
    return token;
  }

  /** May this token make a certificate of that key for that receiver? It is used up by the answer yes. */
  async useToken(receiverId: string, token: string, publicKeyDer: Uint8Array): Promise<boolean> {
    if (this.#blocked.has(receiverId)) return false;
    const given = hashOf(token);
    const found = this.#tokens.find(
      (one) => one.receiverId === receiverId && timingSafeEqual(one.hash, given),
    );
    if (found === undefined) return (await this.#folder?.use(receiverId, token, publicKeyDer)) ?? false;
    if (found.untilMs < this.#clock.nowMs()) return false;
    const key = hashOf(publicKeyDer).toString('hex');
    found.usedFor ??= key;
    return found.usedFor === key;
  }

  /** A factory certificate that may enrol as this receiver. */
  admitFactory(certificatePem: string, receiverId: string): void {
    this.#factory.set(new X509Certificate(certificatePem).fingerprint256, receiverId);
  }

  /** The receiver that a factory certificate may enrol as. */
  factoryReceiver(certificate: X509Certificate): string | undefined {
    const receiverId = this.#factory.get(certificate.fingerprint256);
    return receiverId !== undefined && !this.#blocked.has(receiverId) ? receiverId : undefined;
  }

  /** This receiver may renew with a certificate that has expired. */
  admitAfterExpiry(receiverId: string): void {
    this.#afterExpiry.add(receiverId);
  }

  /** May it renew? */
  mayRenew(receiverId: string, expired: boolean): boolean {
    return !this.#blocked.has(receiverId) && (!expired || this.#afterExpiry.has(receiverId));
  }

  /** Nothing more for this receiver: stolen or retired. */
  block(receiverId: string): void {
    this.#blocked.add(receiverId);
  }
}

function hashOf(value: string | Uint8Array): Buffer {
  return createHash('sha256').update(value).digest();
}
