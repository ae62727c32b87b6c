import { LoaError } from '../agent/core/errors.js';
import { EstClient } from './est/est-client.js';
import { leafFirst } from './est/leaf-first.js';
import type { Identity } from './identity.js';
import { isIdentityFault, stageCertificate, stageRequest } from './staged-identity.js';

/** What came of asking for the next certificate. */
export type AskOutcome =
  | { readonly kind: 'issued' }
  | { readonly kind: 'pending'; readonly retryAfterMs: number }
  /** The server did not issue, or could not be reached. */
  | { readonly kind: 'failed'; readonly why: LoaError }
  /** It issued something that this device cannot use. */
  | { readonly kind: 'rejected'; readonly why: LoaError };

/**
 * Asks for the certificate after the present one (RFC 7030, 4.2.2) with a new key, and stages both beside it. The
 * present certificate may have expired: whether that is enough is the province's to say.
 * @throws what is no LoaError
 */
export async function askForNext(options: {
  readonly folder: string;
  readonly identity: Identity;
  readonly url: string;
  readonly nowMs: () => number;
  readonly signal?: AbortSignal;
}): Promise<AskOutcome> {
  const { folder, identity, url, nowMs, signal } = options;
  const { receiverId, anchorsPem } = identity;
  try {
    const client = new EstClient({ url, anchorsPem, nowMs, ...(signal === undefined ? {} : { signal }) });
    const kind = await client.demandedKey();
    const { requestPem } = await stageRequest({ folder, receiverId, kind });
    const answer = await client.reenrol(requestPem, identity.privateKeyPem(), identity.certificatePem);
    if (answer.kind === 'pending') return answer;
    const certificatePem = await leafFirst(answer.certificatesPem, requestPem);
    await stageCertificate({ folder, certificatePem, receiverId, nowMs: nowMs() });
    return { kind: 'issued' };
  } catch (error) {
    if (!(error instanceof LoaError)) throw error;
    return { kind: isIdentityFault(error) ? 'rejected' : 'failed', why: error };
  }
}
