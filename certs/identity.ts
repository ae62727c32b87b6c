import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { instant } from '../agent/core/clock.js';
import { checkChain, checkValidity, type CertificateChain } from './certificate-chain.js';
import type { DeviceAlgorithm, DeviceKey } from './device-key.js';

/** What receipts and events are signed with; fits `signMessage` of protocols. */
export interface DeviceSigner {
  readonly key: KeyObject;
  /** JWK thumbprint (RFC 7638) of the public key. */
  readonly kid: string;
  readonly algorithm: DeviceAlgorithm;
}

/** Who the device is. The private key's text is in no property: logging or serialising an identity shows none of it. */
export class Identity {
  /** Common name of the certificate = MQTT client id. */
  readonly receiverId: string;
  /** The device's certificate and those between it and an anchor. */
  readonly certificatePem: string;
  /** The only certificate authorities that are trusted, each in PEM. */
  readonly anchorsPem: readonly string[];
  /** The instant from which the device's certificate is valid. */
  readonly notBeforeMs: number;
  /** The first instant after which the chain is no longer valid. */
  readonly notAfterMs: number;
  /** SHA-256 of the certificate, lower-case hexadecimal. */
  readonly fingerprint: string;
  readonly #keyPem: string;
  readonly #chain: CertificateChain;
  readonly #signer: DeviceSigner;

  private constructor(chain: CertificateChain, keyPem: string, signer: DeviceSigner) {
    this.receiverId = chain.receiverId;
    // The anchor itself is not sent (RFC 8446, 4.4.2).
    this.certificatePem = chain.path.slice(0, -1).join('');
    this.anchorsPem = chain.anchors.map(String);
    this.notBeforeMs = Date.parse(chain.leaf.validFrom);
    this.notAfterMs = Math.min(...chain.path.map(({ validTo }) => Date.parse(validTo)));
    this.fingerprint = createHash('sha256').update(chain.leaf.raw).digest('hex');
    this.#keyPem = keyPem;
    this.#chain = chain;
    this.#signer = signer;
  }

  /** Puts together what has been checked; see loadIdentity. */
  static async of(chain: CertificateChain, keyPem: string, deviceKey: DeviceKey): Promise<Identity> {
    const publicJwk = createPublicKey(deviceKey.key).export({ format: 'jwk' });
    const kid = await calculateJwkThumbprint(publicJwk);
    return new Identity(chain, keyPem, { ...deviceKey, kid });
  }

  /** What receipts and events are signed with. */
  get signer(): DeviceSigner {
    return this.#signer;
  }

  /**
   * The same device under another set of anchors.
   * @throws LoaError `E_IDENTITY_FOREIGN` where none of them issued its certificate, `E_IDENTITY_CERTIFICATE`
   */
  async withAnchors(anchorsPem: string): Promise<Identity> {
    const { key, algorithm } = this.#signer;
    return Identity.of(checkChain(this.certificatePem, anchorsPem, key), this.#keyPem, { key, algorithm });
  }

  /** The private key, PKCS#8 PEM. For TLS alone: never log it. */
  privateKeyPem(): string {
    return this.#keyPem;
  }

  /**
   * Throws where a certificate of the chain has expired or is not yet valid.
   * @throws LoaError `E_IDENTITY_EXPIRED`
   */
  checkValidity(nowMs: number): void {
    checkValidity(this.#chain, nowMs);
  }

  /** What may be shown. */
  toJSON(): { receiverId: string; fingerprint: string; notAfter: string; kid: string } {
    const { receiverId, fingerprint } = this;
    return { receiverId, fingerprint, notAfter: instant(this.notAfterMs), kid: this.#signer.kid };
  }

  [inspect.custom](): string {
    return `Identity ${JSON.stringify(this)}`;
  }
}
