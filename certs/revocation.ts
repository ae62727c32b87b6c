import { readFile } from 'node:fs/promises';
import { checkServerIdentity, type DetailedPeerCertificate, type PeerCertificate } from 'node:tls';
import type { X509Certificate } from 'node:crypto';
import { writeAtomic } from '../agent/core/atomic-file.js';
import { LoaError } from '../agent/core/errors.js';
import { plainSerial, readRevocationList, type RevocationList } from './revocation-list.js';

/** What became of a list that was offered. */
export type Offered = 'new' | 'known' | 'older';

/** The revocation list in force: kept on the disk, and asked at each handshake, so that a new one needs no restart. */
export class Revocation {
  readonly #path: string;
  readonly #issuers: readonly X509Certificate[];
  #list: RevocationList | undefined;
  #peer: PeerCertificate | undefined;

  private constructor(path: string, issuers: readonly X509Certificate[]) {
    this.#path = path;
    this.#issuers = issuers;
  }

  /**
   * Reads the list that was kept, and verifies it again.
   * @param issuers whose lists are believed
   * @throws LoaError `E_REVOCATION_LIST` with the opened object's path where the kept one is damaged
   */
  static async open(path: string, issuers: readonly X509Certificate[]): Promise<Revocation> {
    const revocation = new Revocation(path, issuers);
    const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw new LoaError('E_REVOCATION_LIST', `${path} cannot be read`, { cause });
    });
    if (bytes !== undefined) revocation.#list = readRevocationList(bytes, issuers);
    return revocation;
  }

  /** Nothing is revoked until a list is offered: for a kept list that is damaged. */
  static empty(path: string, issuers: readonly X509Certificate[]): Revocation {
    return new Revocation(path, issuers);
  }

  /** How many certificates are revoked, and when a newer list is due, wall time in milliseconds; undefined without a list. */
  get inForce(): { readonly revoked: number; readonly nextUpdateMs: number } | undefined {
    return this.#list && { revoked: this.#list.serials.size, nextUpdateMs: this.#list.nextUpdateMs };
  }

  /**
   * Takes a list. An older one changes nothing: otherwise a copy of last year's would let back in what was revoked since.
   * @throws LoaError `E_REVOCATION_LIST`, `E_STORE_WRITE`
   */
  async offer(bytes: Uint8Array): Promise<Offered> {
    const list = readRevocationList(bytes, this.#issuers);
    const known = this.#list?.thisUpdateMs ?? -Infinity;
    if (list.thisUpdateMs === known) return 'known';
    if (list.thisUpdateMs < known) return 'older';
    await writeAtomic(this.#path, bytes, 0o644);
    this.#list = list;
    return 'new';
  }

  /** For `tls.connect`: the host's name as Node checks it, then that nothing of the chain is revoked. */
  readonly checkServerIdentity = (host: string, peer: PeerCertificate): Error | undefined => {
    const wrong = checkServerIdentity(host, peer);
    if (wrong !== undefined) return wrong;
    this.#peer = peer;
    return this.#revokedIn(peer)
      ? new LoaError('E_LINK_TLS', `the certificate of ${host} is revoked`, { fields: { host } })
      : undefined;
  };

  /** The same for a server that is not the broker: {@link isPeerRevoked} is not about it. */
  readonly checkOtherServer = (host: string, peer: PeerCertificate): Error | undefined => {
    const wrong = checkServerIdentity(host, peer);
    if (wrong !== undefined || !this.#revokedIn(peer)) return wrong;
    return new LoaError('E_LINK_TLS', `the certificate of ${host} is revoked`, { fields: { host } });
  };

  /** Is the server that was connected to last revoked by the list in force now? */
  isPeerRevoked(): boolean {
    return this.#peer !== undefined && this.#revokedIn(this.#peer);
  }

  #revokedIn(peer: PeerCertificate): boolean {
    const list = this.#list;
    if (list === undefined) return false;
    const seen = new Set<string>();
    for (let one = peer as DetailedPeerCertificate; !seen.has(one.fingerprint256);) {
      seen.add(one.fingerprint256);
      const issuer = one.issuerCertificate as DetailedPeerCertificate | undefined;
      if (issuer === undefined) return false;
      if (issuer.fingerprint256 === list.issuer && list.serials.has(plainSerial(one.serialNumber)))
        return true;
      one = issuer;
    }
    return false;
  }
}
