import type { Purpose } from './byte-ledger.js';

/** Told of bytes on the wire of one connection, TCP payload. */
export type Charge = (purpose: Purpose, received: number, sent: number) => void;

const PINGREQ = 0xc0;
const PINGRESP = 0xd0;

/**
 * Charges the encrypted bytes of one connection to what they were for: all until the CONNACK are the handshake, a ping
 * and its answer are the keepalive, the rest is messages. What comes in is known only when it has been decrypted.
 */
export class LinkTally {
  private uncharged = 0;
  private sending: Purpose = 'handshake';
  private connected = false;

  constructor(private readonly charge: Charge) {}

  /** Bytes on the wire, from the socket. */
  readonly wire = (received: number, sent: number): void => {
    this.uncharged += received;
    if (sent > 0) this.charge(this.sending, 0, sent);
  };

  /** A piece of MQTT, decrypted or to be encrypted. */
  piece(direction: 'in' | 'out', piece: Uint8Array): void {
    const purpose = this.connected ? purposeOf(piece) : 'handshake';
    if (direction === 'out') this.sending = purpose;
    else this.settle(purpose);
  }

  /** The broker has accepted the receiver. */
  accepted(): void {
    this.connected = true;
    this.sending = 'telemetry';
  }

  /** The connection is over: what was not told apart goes to what it was last used for. */
  end(): void {
    this.settle(this.connected ? 'telemetry' : 'handshake');
  }

  private settle(purpose: Purpose): void {
    if (this.uncharged > 0) this.charge(purpose, this.uncharged, 0);
    this.uncharged = 0;
  }
}

function purposeOf(piece: Uint8Array): Purpose {
  const isPing = piece.length === 2 && (piece[0] === PINGREQ || piece[0] === PINGRESP);
  return isPing ? 'keepalive' : 'telemetry';
}
