import { LoaError } from '../agent/core/errors.js';
import { anchorsFault } from './anchors.js';
import { EstClient } from './est/est-client.js';
import type { Identity } from './identity.js';
import { tryHandshake } from './renewal-handshake.js';

/** What came of trying a set of anchors. */
export type AnchorsTrial =
  | { readonly kind: 'holds' }
  /** The device's own certificate was not issued by one of them: it must be renewed first. */
  | { readonly kind: 'own'; readonly why: LoaError }
  /** The broker's or the EST server's certificate does not lead to one of them. */
  | { readonly kind: 'foreign'; readonly why: LoaError }
  /** The broker could not be reached: nothing is known yet. */
  | { readonly kind: 'untested'; readonly why: LoaError };

/** What a trial needs. */
export interface TrialOptions {
  readonly identity: Identity;
  /** The set, PEM. */
  readonly anchorsPem: string;
  readonly broker: { readonly host: string; readonly port: number };
  /** EST server, empty for none. */
  readonly url: string;
  readonly nowMs: () => number;
  readonly signal?: AbortSignal;
  /** Times of the handshake; for tests. */
  readonly times?: { readonly holdMs: number; readonly limitMs: number } | undefined;
}

/**
 * Tries a set of anchors by what they are for: the device's own chain, a TLS connection to the broker, one to the EST server.
 * @throws what is no LoaError
 */
export async function tryAnchors(options: TrialOptions): Promise<AnchorsTrial> {
  const { anchorsPem, broker, times, signal } = options;
  const moved = await under(options);
  if (moved instanceof LoaError) return { kind: 'own', why: moved };
  const outcome = await tryHandshake(moved, broker, { times, ...(signal === undefined ? {} : { signal }) });
  if (outcome.kind === 'rejected') {
    const why = anchorsFault('the broker does not take the certificate of this device', outcome.why);
    return { kind: 'untested', why };
  }
  if (outcome.kind === 'untested') {
    return outcome.distrusted
      ? { kind: 'foreign', why: anchorsFault(`the broker: ${outcome.why.message}`, outcome.why) }
      : outcome;
  }
  return options.url === '' ? { kind: 'holds' } : estTrial(options, anchorsPem);
}

async function under({ identity, anchorsPem }: TrialOptions): Promise<Identity | LoaError> {
  try {
    return await identity.withAnchors(anchorsPem);
  } catch (error) {
    if (error instanceof LoaError) return error;
    throw error;
  }
}

async function estTrial({ url, nowMs, signal }: TrialOptions, anchorsPem: string): Promise<AnchorsTrial> {
  try {
    const client = new EstClient({
      ...{ url, anchorsPem: [anchorsPem], nowMs },
      ...(signal === undefined ? {} : { signal }),
    });
    await client.caCertificates();
    return { kind: 'holds' };
  } catch (error) {
    if (!(error instanceof LoaError)) throw error;
    // One that is away says nothing against the set: the broker's word is enough.
    return error.code === 'E_ENROL_TLS'
      ? { kind: 'foreign', why: anchorsFault(`the EST server: ${error.message}`, error) }
      : { kind: 'holds' };
  }
}
