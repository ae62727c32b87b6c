import type { X509Certificate } from 'node:crypto';
import { isRoot } from './anchors.js';
import { issuedBy } from './certificate-chain.js';

/** What an EST server's answer to /cacerts means for the anchors in force. */
export type AnchorsOffer =
  | { readonly kind: 'same' }
  /** Another set, every new one of it vouched for by one in force. */
  | {
      readonly kind: 'changed';
      readonly anchorsPem: string;
      readonly added: readonly X509Certificate[];
      readonly removed: readonly X509Certificate[];
    }
  /** New roots that no anchor in force has signed for; none at all where the answer holds no anchor. */
  | { readonly kind: 'unvouched'; readonly roots: readonly X509Certificate[] };

/**
 * Judges the CA certificates of an EST server that the present anchors vouch for (RFC 7030, 4.1.3). Its TLS key alone
 * must not be able to bring in a foreign authority: a new root is believed where the answer also holds a certificate of
 * its name and key signed by an anchor in force (NewWithOld; RFC 4210, 4.4). What is neither a root nor in force (OldWithNew,
 * NewWithOld, what stands between) is no anchor. One that is not offered any more goes only where one of its age or younger is
 * offered: a server with last year's set takes nothing back.
 */
export function judgeOffer(
  answer: readonly X509Certificate[],
  inForce: readonly X509Certificate[],
  nowMs: number,
): AnchorsOffer {
  const added = answer.filter(
    (one, at) =>
      isRoot(one) &&
      Date.parse(one.validTo) >= nowMs &&
      !inForce.some((other) => same(one, other)) &&
      answer.findIndex((other) => same(one, other)) === at,
  );
  const unvouched = added.filter((one) => !isVouchedFor(one, answer, inForce, nowMs));
  const offered = [...inForce.filter((one) => answer.some((other) => same(one, other))), ...added];
  if (unvouched.length > 0 || offered.length === 0) return { kind: 'unvouched', roots: unvouched };
  const removed = inForce.filter(
    (one) => !offered.includes(one) && offered.some((other) => startOf(other) >= startOf(one)),
  );
  if (added.length === 0 && removed.length === 0) return { kind: 'same' };
  return { kind: 'changed', anchorsPem: setOf(inForce, added, removed), added, removed };
}

function isVouchedFor(
  root: X509Certificate,
  answer: readonly X509Certificate[],
  inForce: readonly X509Certificate[],
  nowMs: number,
): boolean {
  const key = spkiOf(root);
  return answer.some(
    (link) =>
      link.ca &&
      link.subject === root.subject &&
      spkiOf(link).equals(key) &&
      Date.parse(link.validFrom) <= nowMs &&
      Date.parse(link.validTo) >= nowMs &&
      inForce.some((anchor) => issuedBy(anchor, link)),
  );
}

function setOf(
  inForce: readonly X509Certificate[],
  added: readonly X509Certificate[],
  removed: readonly X509Certificate[],
): string {
  return [...inForce.filter((one) => !removed.includes(one)), ...added].map(String).join('');
}

function startOf(certificate: X509Certificate): number {
  return Date.parse(certificate.validFrom);
}

function same(one: X509Certificate, other: X509Certificate): boolean {
  return one.fingerprint256 === other.fingerprint256;
}

function spkiOf(certificate: X509Certificate): Buffer {
  return certificate.publicKey.export({ format: 'der', type: 'spki' });
}
