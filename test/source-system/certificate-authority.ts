import './reflect-metadata.js';
import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Clock } from '../../agent/core/clock.js';
import { LoaError, messageOf } from '../../agent/core/errors.js';
import { identifier } from '../../protocols/messages/common.js';

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const CLOCK_SLACK_MS = 3_600_000;

/** A certificate with its private key (PKCS#8), both PEM. */
export interface Identity {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** When a certificate is valid; by default from an hour ago, for a year. Both in the past make an expired one. */
export interface Validity {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** Common name of the certificates that may send commands and read what receivers say. */
export const OPERATOR_NAME = 'operator';

/** The URI in a receiver's certificate (SAN) that says it is a receiver's. */
export function receiverUri(id: string): string {
  return `urn:loa:receiver:${id}`;
}

interface Leaf extends Validity {
  readonly commonName: string;
  readonly publicKey: webcrypto.CryptoKey | x509.PublicKey;
  readonly usage: x509.ExtendedKeyUsage;
  readonly names: x509.JsonGeneralNames;
}

/**
 * The province's authority for TLS (not for what may be said on air: that is the trust document). One root, EC P-256,
 * certificates by RFC 5280.
 */
export class CertificateAuthority {
  readonly identity: Identity;
  readonly #certificate: x509.X509Certificate;
  readonly #key: webcrypto.CryptoKey;
  readonly #clock: Clock;

  private constructor(identity: Identity, key: webcrypto.CryptoKey, clock: Clock) {
    this.identity = identity;
    this.#certificate = new x509.X509Certificate(identity.certificatePem);
    this.#key = key;
    this.#clock = clock;
  }

  /** A new authority, valid for ten years. */
  static async create(clock: Clock, name = 'Loa test province CA'): Promise<CertificateAuthority> {
    const keys = await newKeyPair();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [name] }],
      notBefore: new Date(clock.nowMs() - CLOCK_SLACK_MS),
      notAfter: new Date(clock.nowMs() + 3650 * DAY_MS),
      signingAlgorithm: SIGNATURE,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const identity = { certificatePem: pemOf(certificate), keyPem: await pemOfKey(keys.privateKey) };
    return new CertificateAuthority(identity, keys.privateKey, clock);
  }

  /** An authority made earlier, from its certificate and key. */
  static async load(identity: Identity, clock: Clock): Promise<CertificateAuthority> {
    const der = createPrivateKey(identity.keyPem).export({ type: 'pkcs8', format: 'der' });
    const key = await webcrypto.subtle.importKey('pkcs8', der, CURVE, false, ['sign']);
    return new CertificateAuthority(identity, key, clock);
  }

  /** The anchor that a receiver installs, PEM. */
  get anchorsPem(): string {
    return this.identity.certificatePem;
  }

  /** A server's certificate for `localhost`, 127.0.0.1, ::1 and the names given, with a new key. */
  async issueServer(options: Validity & { readonly names?: readonly string[] } = {}): Promise<Identity> {
    const keys = await newKeyPair();
    const names = ['localhost', ...(options.names ?? [])];
    const certificate = await this.#issue({
      ...options,
      commonName: names[1] ?? 'localhost',
      publicKey: keys.publicKey,
      usage: x509.ExtendedKeyUsage.serverAuth,
      names: [
        ...names.map((value) => ({ type: 'dns' as const, value })),
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ],
    });
    return { certificatePem: certificate, keyPem: await pemOfKey(keys.privateKey) };
  }

  /** A client's certificate that may publish down-topics and read up-topics, with a new key. */
  async issueOperator(validity: Validity = {}): Promise<Identity> {
    return this.#issueClient(OPERATOR_NAME, 'urn:loa:operator', validity);
  }

  /** A receiver's certificate with a key made here: for tests that need no CSR. */
  async issueReceiver(id: string, validity: Validity = {}): Promise<Identity> {
    return this.#issueClient(id, receiverUri(id), validity);
  }

  /**
   * Signs a receiver's CSR (PKCS#10, RFC 2986, PEM). Nothing but name and key is taken from it.
   * @param admittedId the id that the province admits; the CSR's common name must be the same
   * @returns the certificate, PEM
   * @throws LoaError `E_IDENTITY_CERTIFICATE` for a CSR that is unreadable, whose signature does not hold, that has
   *   another name, or a key that is neither EC P-256 nor RSA of at least 2048 bits
   */
  async signRequest(csrPem: string, admittedId: string, validity: Validity = {}): Promise<string> {
    if (!identifier.safeParse(admittedId).success || admittedId.startsWith(OPERATOR_NAME)) {
      throw new LoaError('E_IDENTITY_CERTIFICATE', `not a receiver id: ${admittedId.slice(0, 80)}`);
    }
    const request = readRequest(csrPem);
    const names = request.subjectName.getField('CN');
    if (names.length !== 1 || names[0] !== admittedId) {
      throw new LoaError(
        'E_IDENTITY_CERTIFICATE',
        `the CSR is for ${names.join(', ')}, not for ${admittedId}`,
      );
    }
    if (!isStrongKey(request.publicKey.rawData)) {
      throw new LoaError('E_IDENTITY_CERTIFICATE', 'the key of the CSR must be EC P-256 or RSA of 2048 bits');
    }
    if (!(await request.verify())) {
      throw new LoaError('E_IDENTITY_CERTIFICATE', 'the signature of the CSR does not hold');
    }
    return this.#issue({
      ...validity,
      commonName: admittedId,
      publicKey: request.publicKey,
      usage: x509.ExtendedKeyUsage.clientAuth,
      names: [{ type: 'url', value: receiverUri(admittedId) }],
    });
  }

  /**
   * This authority's word for another one: a certificate of the other's name and key, signed by this one (NewWithOld where the
   * other is the newer; RFC 4210, 4.4). PEM.
   */
  async vouchFor(other: CertificateAuthority, validity: Validity = {}): Promise<string> {
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: other.#certificate.subjectName,
      issuer: this.#certificate.subjectName,
      notBefore: validity.notBefore ?? new Date(this.#clock.nowMs() - CLOCK_SLACK_MS),
      notAfter: validity.notAfter ?? new Date(this.#clock.nowMs() + 365 * DAY_MS),
      signingAlgorithm: SIGNATURE,
      signingKey: this.#key,
      publicKey: other.#certificate.publicKey,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(other.#certificate.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(this.#certificate.publicKey),
      ],
    });
    return pemOf(certificate);
  }

  /** A revocation list (RFC 5280, 5), PEM, of the certificates given; due again in 30 days. */
  async revocationList(revokedPem: readonly string[], thisUpdateMs = this.#clock.nowMs()): Promise<string> {
    const crl = await x509.X509CrlGenerator.create({
      issuer: this.#certificate.subjectName,
      thisUpdate: new Date(thisUpdateMs),
      nextUpdate: new Date(thisUpdateMs + 30 * DAY_MS),
      signingAlgorithm: SIGNATURE,
      signingKey: this.#key,
      entries: revokedPem.map((pem) => ({
        serialNumber: new x509.X509Certificate(pem).serialNumber,
        revocationDate: new Date(thisUpdateMs),
      })),
      extensions: [await x509.AuthorityKeyIdentifierExtension.create(this.#certificate.publicKey)],
    });
    return `${x509.PemConverter.encode(crl.rawData, 'X509 CRL')}\n`;
  }

  async #issueClient(commonName: string, uri: string, validity: Validity): Promise<Identity> {
    const keys = await newKeyPair();
    const certificatePem = await this.#issue({
      ...validity,
      commonName,
      publicKey: keys.publicKey,
      usage: x509.ExtendedKeyUsage.clientAuth,
      names: [{ type: 'url', value: uri }],
    });
    return { certificatePem, keyPem: await pemOfKey(keys.privateKey) };
  }

  async #issue(leaf: Leaf): Promise<string> {
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: [{ CN: [leaf.commonName] }],
      issuer: this.#certificate.subjectName,
      notBefore: leaf.notBefore ?? new Date(this.#clock.nowMs() - CLOCK_SLACK_MS),
      notAfter: leaf.notAfter ?? new Date(this.#clock.nowMs() + 365 * DAY_MS),
      signingAlgorithm: SIGNATURE,
      signingKey: this.#key,
      publicKey: leaf.publicKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([leaf.usage]),
        new x509.SubjectAlternativeNameExtension(leaf.names),
        await x509.SubjectKeyIdentifierExtension.create(leaf.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(this.#certificate.publicKey),
      ],
    });
    return pemOf(certificate);
  }
}

function readRequest(csrPem: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(csrPem);
  } catch (cause) {
    throw new LoaError('E_IDENTITY_CERTIFICATE', `not a CSR: ${messageOf(cause)}`, { cause });
  }
}

function isStrongKey(spki: ArrayBuffer): boolean {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  if (key.asymmetricKeyType === 'ec') return key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
}

async function newKeyPair(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);
}

/** 127 random bits, positive (RFC 5280, 4.1.2.2). */
function newSerial(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', key);
  return `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`;
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
