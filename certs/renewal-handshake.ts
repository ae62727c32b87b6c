import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { LoaError, messageOf } from '../agent/core/errors.js';
import type { Identity } from './identity.js';
import { tlsOptions } from './tls-options.js';

/** Whether a broker took an identity. */
export type HandshakeOutcome =
  | { readonly kind: 'tested' }
  /** No answer, or the broker itself was not believed: nothing is known of the identity. */
  | {
      readonly kind: 'untested';
      readonly why: LoaError;
      /** The broker answered, and its certificate does not hold by the anchors of the identity. */
      readonly distrusted: boolean;
    }
  | { readonly kind: 'rejected'; readonly why: LoaError };

/** How long a broker must keep the connection after the handshake, and how long all of it may take. */
export const HANDSHAKE_TIMES = { holdMs: 3_000, limitMs: 20_000 } as const;

/**
 * Tries an identity on the broker: a mutual TLS handshake on a connection of its own, with no word of MQTT, since a
 * second client with the receiver's id would end its session. In TLS 1.3 the client's handshake ends before the server
 * has looked at the certificate (RFC 8446, 4.4.2 and 2), so that the connection must also be kept for `holdMs`.
 */
export function tryHandshake(
  identity: Identity,
  broker: { readonly host: string; readonly port: number },
  options: {
    readonly times?: { readonly holdMs: number; readonly limitMs: number } | undefined;
    readonly signal?: AbortSignal;
  } = {},
): Promise<HandshakeOutcome> {
  const { times = HANDSHAKE_TIMES, signal } = options;
  return new Promise((resolve) => {
    const timers: NodeJS.Timeout[] = [];
    let shaken = false;
    const end = (outcome: HandshakeOutcome): void => {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener('abort', stopped);
      socket?.destroy();
      resolve(outcome);
    };
    const fail = (error: unknown): void => end(outcomeOf(error, shaken));
    const stopped = (): void => fail(new Error('given up'));
    signal?.addEventListener('abort', stopped, { once: true });
    let socket: TLSSocket | undefined;
    try {
      socket = connect({
        ...tlsOptions(identity),
        ...broker,
        ...(isIP(broker.host) === 0 ? { servername: broker.host } : {}),
      });
    } catch (error) {
      // Key or certificate that TLS cannot use at all.
      end({ kind: 'rejected', why: rejection(messageOf(error), error) });
      return;
    }
    timers.push(setTimeout(() => fail(new Error('no answer in time')), times.limitMs));
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the broker ended the connection')));
    // Read, so that an alert or the end is seen.
    socket.resume();
    socket.once('secureConnect', () => {
      shaken = true;
      timers.push(setTimeout(() => end({ kind: 'tested' }), times.holdMs));
    });
  });
}

/** Node's codes for a server's certificate that does not hold: OpenSSL's X509_V_ERR names, and its own. */
const DISTRUST = /^(?!ERR_SSL_).*(?:CERT|ISSUER|SIGNATURE)/;

function outcomeOf(error: unknown, shaken: boolean): HandshakeOutcome {
  const { code } = error as { code?: unknown };
  // The other side's alerts, of both TLS versions: about us. Before the handshake everything else is about them or the network.
  const alert = typeof code === 'string' && /^ERR_SSL_.*ALERT/.test(code);
  if (shaken || alert) return { kind: 'rejected', why: rejection(messageOf(error), error) };
  return {
    kind: 'untested',
    distrusted: typeof code === 'string' && DISTRUST.test(code),
    why: new LoaError('E_LINK_CONNECT', `not tested: ${messageOf(error)}`, { cause: error }),
  };
}

function rejection(detail: string, cause: unknown): LoaError {
  return new LoaError('E_IDENTITY_STAGED', `the broker does not take it: ${detail}`, { cause });
}
