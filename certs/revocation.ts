import { readFile } from 'node:fs/promises';
import { checkServerIdentity, type DetailedPeerCertificate, type PeerCertificate } from 'node:tls';
import type { X509Certificate } from 'node:crypto';
import { writeAtomic } from '../agent/core/atomic-file.js';
import { LoaError } from '../agent/core/errors.js';
import { plainSerial, readRevocationLists, type RevocationList } from './revocation-list.js';

/** What became of a list that was offered. */
export type Offered = 'new' | 'known' | 'older';

/** A list in force, and its text for the disk. */
interface Kept {
  readonly list: RevocationList;
  readonly pem: string;
}

/**
 * The revocation lists in force, one of each authority: kept on the disk, and asked at each handshake, so that a new one
 * needs no restart.
 */
export class Revocation {
  readonly #path: string;
  #issuers: readonly X509Certificate[];
  /** By the fingerprint of their issuer. */
  #lists = new Map<string, Kept>();
  #peer: PeerCertificate | undefined;

  private constructor(path: string, issuers: readonly X509Certificate[]) {
    this.#path = path;
    this.#issuers = issuers;
  }

  /**
   * Reads the lists that were kept, and verifies them again.
   * @param issuers whose lists are believed
   * @throws LoaError `E_REVOCATION_LIST` with the opened object's path where the kept ones are damaged
   */
  static async open(path: string, issuers: readonly X509Certificate[]): Promise<Revocation> {
    const revocation = new Revocation(path, issuers);
    const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw new LoaError('E_REVOCATION_LIST', `${path} cannot be read`, { cause });
    });
    if (bytes !== undefined) {
      for (const kept of readRevocationLists(bytes, issuers)) revocation.#lists.set(kept.list.issuer, kept);
    }
    return revocation;
  }

  /** Nothing is revoked until a list is offered: for a kept list that is damaged. */
  static empty(path: string, issuers: readonly X509Certificate[]): Revocation {
    return new Revocation(path, issuers);
  }

  /** How many certificates are revoked, and when a newer list is due, wall time in milliseconds; undefined without a list. */
  get inForce(): { readonly revoked: number; readonly nextUpdateMs: number } | undefined {
    const lists = [...this.#lists.values()].map(({ list }) => list);
    if (lists.length === 0) return undefined;
    return {
      revoked: lists.reduce((sum, { serials }) => sum + serials.size, 0),
      nextUpdateMs: Math.min(...lists.map(({ nextUpdateMs }) => nextUpdateMs)),
    };
  }

  /** Whose lists are believed from now on. What another authority had revoked is forgotten with it. */
  trust(issuers: readonly X509Certificate[]): void {
    this.#issuers = issuers;
    const known = new Set(issuers.map(({ fingerprint256 }) => fingerprint256));
    this.#lists = new Map([...this.#lists].filter(([issuer]) => known.has(issuer)));
  }

  /**
   * Takes a list, or several in PEM. An older one changes nothing: otherwise a copy of last year's would let back in what was
   * revoked since.
   * @throws LoaError `E_REVOCATION_LIST`, `E_STORE_WRITE`
   */
  async offer(bytes: Uint8Array): Promise<Offered> {
    const offered = readRevocationLists(bytes, this.#issuers);
    const ageOf = ({ list }: Kept): number =>
      list.thisUpdateMs - (this.#lists.get(list.issuer)?.list.thisUpdateMs ?? -Infinity);
    const newer = offered.filter((one) => ageOf(one) > 0);
    if (newer.length === 0) return offered.some((one) => ageOf(one) < 0) ? 'older' : 'known';
    const lists = new Map([...this.#lists, ...newer.map((one) => [one.list.issuer, one] as const)]);
    await writeAtomic(this.#path, [...lists.values()].map(({ pem }) => pem).join(''), 0o644);
    this.#lists = lists;
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

  /** Does the certificate of the server that was connected to last lead to one of these? True before any was. */
  isPeerFrom(anchors: readonly X509Certificate[]): boolean {
    if (this.#peer === undefined) return true;
    const known = new Set(anchors.map(({ fingerprint256 }) => fingerprint256));
    return chainOf(this.#peer).some(({ fingerprint256 }) => known.has(fingerprint256));
  }

  #revokedIn(peer: PeerCertificate): boolean {
    const chain = chainOf(peer);
    return chain.some((one, at) => {
      const issuer = chain[at + 1] ?? (at === chain.length - 1 ? one : undefined);
      const list = issuer && this.#lists.get(issuer.fingerprint256)?.list;
      return list?.serials.has(plainSerial(one.serialNumber)) === true;
    });
  }
}

/** A server's certificate and those above it, up to the one that signed itself. */
function chainOf(peer: PeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  for (
    let one = peer as DetailedPeerCertificate | undefined;
    one !== undefined;
    one = one.issuerCertificate
  ) {
    if (chain.some(({ fingerprint256 }) => fingerprint256 === one?.fingerprint256)) break;
    chain.push(one);
  }
  return chain;
}
