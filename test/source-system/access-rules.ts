import { identifier } from '../../protocols/messages/common.js';
import { parseDownTopic, TOPIC_ROOT, upTopics } from '../../protocols/topics.js';
import { OPERATOR_NAME, receiverUri } from './certificate-authority.js';

/** Who is at the other end, as its certificate says. */
export type Peer = { readonly kind: 'operator' } | { readonly kind: 'receiver'; readonly id: string };

/** What of a certificate says who it is: common name and subject alternative names as `node:tls` prints them. */
export interface PeerCertificate {
  readonly commonName: string | undefined;
  readonly alternativeNames: string | undefined;
}

/** Whose certificate this is; undefined for one that is nobody's (a server's, for one). */
export function peerOf({ commonName, alternativeNames }: PeerCertificate): Peer | undefined {
  const uris = alternativeNames?.split(', ') ?? [];
  if (commonName === OPERATOR_NAME)
    return uris.includes('URI:urn:loa:operator') ? { kind: 'operator' } : undefined;
  if (commonName === undefined || !identifier.safeParse(commonName).success) return undefined;
  return uris.includes(`URI:${receiverUri(commonName)}`) ? { kind: 'receiver', id: commonName } : undefined;
}

/** A receiver's client id is its own id; operators, who may be several, have `operator` or `operator-…`. */
export function mayUseClientId(peer: Peer, clientId: string): boolean {
  if (peer.kind === 'receiver') return clientId === peer.id;
  return clientId === OPERATOR_NAME || clientId.startsWith(`${OPERATOR_NAME}-`);
}

/** May the peer publish on this topic? A receiver only on its own up-topics, an operator only on down-topics. */
export function mayPublish(peer: Peer, topic: string): boolean {
  if (peer.kind === 'receiver') return Object.values(upTopics).some((of) => of(peer.id) === topic);
  return parseDownTopic(topic) !== undefined;
}

/**
 * May the peer subscribe to this filter? An operator to any up-topic; a receiver to what a receiver reads: its own
 * topics, and those of any area or group (what is said there is signed, and no secret), with a `+` only for the
 * authority's slot.
 */
export function maySubscribe(peer: Peer, filter: string): boolean {
  if (peer.kind === 'operator') {
    return Object.values(upTopics).some((of) => {
      const parts = of('+').split('/');
      const asked = filter.split('/');
      return (
        asked.length === parts.length && parts.every((part, index) => part === '+' || part === asked[index])
      );
    });
  }
  const exact = filter.endsWith('/+') ? `${filter.slice(0, -1)}any` : filter;
  if (/[+#]/.test(exact)) return false;
  const topic = parseDownTopic(exact);
  if (topic === undefined || (exact !== filter && !['emergency', 'schedule'].includes(topic.kind)))
    return false;
  const ofReceivers = `${TOPIC_ROOT}/receiver/`;
  return !filter.startsWith(ofReceivers) || filter.startsWith(`${ofReceivers}${peer.id}/`);
}
