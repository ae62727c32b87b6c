import type { Socket } from 'node:net';
import type { FetchPurpose, OnBytes } from '../fetched-bytes.js';

/** A TLS 1.3 handshake without a client's certificate, bytes: two certificates of EC P-256 down, a hello and an end up. An estimate. */
const HANDSHAKE = { received: 2_300, sent: 600 };
/** What TLS 1.3 adds to a record (RFC 8446, 5.2), and what servers put into one when they send bit by bit, bytes. */
const RECORD = { overhead: 22, payload: 1_400 };

/**
 * Counts what crosses one connection. Of TLS, Node tells what is inside it alone: its records and its handshake are added as an
 * estimate.
 */
export class SocketMeter {
  readonly #socket: Socket;
  readonly #purpose: FetchPurpose;
  readonly #tell: OnBytes | undefined;
  readonly #tls: boolean;
  readonly #address: string | undefined;
  #received = 0;
  #sent = 0;
  #begun = false;

  constructor(socket: Socket, url: URL, purpose: FetchPurpose, tell: OnBytes | undefined) {
    this.#socket = socket;
    this.#purpose = purpose;
    this.#tell = tell;
    this.#tls = url.protocol === 'https:';
    this.#address = socket.localAddress;
  }

  /** Tells what has come and gone since the last call. */
  read(): void {
    if (this.#tell === undefined) return;
    const received = this.#socket.bytesRead - this.#received;
    const sent = this.#socket.bytesWritten - this.#sent;
    if (received <= 0 && sent <= 0) return;
    this.#received += received;
    this.#sent += sent;
    const first = this.#tls && !this.#begun;
    this.#begun = true;
    this.#tell(
      this.#purpose,
      this.#onWire(received) + (first ? HANDSHAKE.received : 0),
      this.#onWire(sent) + (first ? HANDSHAKE.sent : 0),
      this.#address,
    );
  }

  #onWire(bytes: number): number {
    return this.#tls ? bytes + Math.ceil(bytes / RECORD.payload) * RECORD.overhead : bytes;
  }
}
