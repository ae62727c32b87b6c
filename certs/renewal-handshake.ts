import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** Handshakes that must each end without a word before that counts as a refusal, and the time between two. */
const SILENT_ENDS = 3;
const AGAIN_MS = 500;
/** A refusal follows upon the handshake within a round trip, and the handshake took at least one: what ends this much later is none. */
const LATE_MS = 250;

/** What a try needs beside the identity and the broker. */
interface TryOptions {
  readonly times?: { readonly holdMs: number; readonly limitMs: number } | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Tries an identity on the broker: a mutual TLS handshake on a connection of its own, with no word of MQTT, since a
 * second client with the receiver's id would end its session. In TLS 1.3 the client's handshake ends before the server
 * has looked at the certificate (RFC 8446, 4.4.2 and 2), so that the connection must also be kept for `holdMs`. A broker that
 * refuses says so by an alert, and at once. Mosquitto 2.0.21 (Debian 13) ends connections that have not said a word of MQTT at
 * the next full second: an end without an alert that comes late is no refusal, and an early one is believed at the third time.
 */
export async function tryHandshake(
  identity: Identity,
  broker: { readonly host: string; readonly port: number },
  options: TryOptions = {},
): Promise<HandshakeOutcome> {
  for (let ends = 1; ; ends += 1) {
    const outcome = await shakeHands(identity, broker, options);
    const silent = outcome.kind === 'rejected' && !isExplained(outcome.why.cause);
    if (!silent || ends >= SILENT_ENDS || options.signal?.aborted === true) return outcome;
    // Given up meanwhile: what was seen stands.
    await sleep(AGAIN_MS, undefined, options).catch(() => undefined);
  }
}

function shakeHands(
  identity: Identity,
  broker: { readonly host: string; readonly port: number },
  { times = HANDSHAKE_TIMES, signal }: TryOptions,
): Promise<HandshakeOutcome> {
  return new Promise((resolve) => {
    const timers: NodeJS.Timeout[] = [];
    const startedMs = performance.now();
    let shakenMs: number | undefined;
    const end = (outcome: HandshakeOutcome): void => {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener('abort', stopped);
      socket?.destroy();
      resolve(outcome);
    };
    const fail = (error: unknown): void => end(outcomeOf(error, shakenMs !== undefined));
    const ended = (): void => {
      const late = shakenMs !== undefined && performance.now() - shakenMs > shakenMs - startedMs + LATE_MS;
      if (late) end({ kind: 'tested' });
      else fail(new Error('the broker ended the connection'));
    };
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
    socket.on('close', ended);
    // Read, so that an alert or the end is seen.
    socket.resume();
    socket.once('secureConnect', () => {
      shakenMs = performance.now();
      timers.push(setTimeout(() => end({ kind: 'tested' }), times.holdMs));
    });
  });
}

/** Node's codes for a server's certificate that does not hold: OpenSSL's X509_V_ERR names, and its own. */
const DISTRUST = /^(?!ERR_SSL_).*(?:CERT|ISSUER|SIGNATURE)/;

function outcomeOf(error: unknown, shaken: boolean): HandshakeOutcome {
  const { code } = error as { code?: unknown };
  // Before the handshake everything but an alert is about them or the network.
  if (shaken || isAlert(error)) return { kind: 'rejected', why: rejection(messageOf(error), error) };
  return {
    kind: 'untested',
    distrusted: typeof code === 'string' && DISTRUST.test(code),
    why: new LoaError('E_LINK_CONNECT', `not tested: ${messageOf(error)}`, { cause: error }),
  };
}

/** The other side's alerts, of both TLS versions: about us. */
function isAlert(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^ERR_SSL_.*ALERT/.test(code);
}

/** Said by an alert, or by our own TLS, which cannot use the pair at all; not the bare end of a connection. */
function isExplained(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('ERR_');
}

function rejection(detail: string, cause: unknown): LoaError {
  return new LoaError('E_IDENTITY_STAGED', `the broker does not take it: ${detail}`, { cause });
}
