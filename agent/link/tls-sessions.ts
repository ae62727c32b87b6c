import { createHash } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../core/clock.js';

/** A session is used for a day at most: then certificate, name and revocation are looked at again. */
const LONGEST_MS = 86_400_000;
/** A session of each broker that is named in the settings. */
const KEPT = 8;

/**
 * TLS sessions to be resumed (RFC 8446, 2.2), which spares the certificates of both sides. They stay in memory: on the
 * disk they would be secrets. Node verifies nothing of a resumed session again, so each belongs to one host, one device
 * certificate and one set of anchors, and {@link forget} takes all of them where what is believed has changed.
 */
export class TlsSessions {
  private readonly kept = new Map<string, { readonly session: Buffer; readonly untilMs: number }>();

  constructor(private readonly clock: Clock) {}

  /** A session for such a connection, or undefined. */
  find(options: ConnectionOptions): Buffer | undefined {
    const found = this.kept.get(nameOf(options));
    return found !== undefined && this.clock.monotonicMs() < found.untilMs ? found.session : undefined;
  }

  /** The newest session of such a connection. One that came by resumption does not live longer for it. */
  keep(options: ConnectionOptions, session: Buffer, resumed: boolean): void {
    const name = nameOf(options);
    const before = this.kept.get(name);
    const untilMs = resumed && before !== undefined ? before.untilMs : this.clock.monotonicMs() + LONGEST_MS;
    this.kept.delete(name);
    this.kept.set(name, { session, untilMs });
    const oldest = this.kept.keys().next().value;
    if (this.kept.size > KEPT && oldest !== undefined) this.kept.delete(oldest);
  }

  /** The session of such a connection did not do. */
  drop(options: ConnectionOptions): void {
    this.kept.delete(nameOf(options));
  }

  /** Nothing is resumed any more. */
  forget(): void {
    this.kept.clear();
  }
}

function nameOf({ host, port, servername, cert, ca }: ConnectionOptions): string {
  const parts = [host, port, servername, cert, ca].map((part) =>
    typeof part === 'string' || typeof part === 'number' || Array.isArray(part) ? part : String(part),
  );
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
