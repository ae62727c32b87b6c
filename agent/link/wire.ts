import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** As much of a peer's first words as is kept, bytes. */
const GREETING_BYTES = 512;

/** Told of every piece that crosses the network: bytes of TCP payload in and out. */
export type Meter = (received: number, sent: number) => void;

/**
 * The bytes on a TCP connection, counted, with the peer's first words kept: where TLS fails they tell who answered.
 * Ends when the socket ends, with the socket's own error.
 */
export class Wire extends Duplex {
  private first: Buffer = Buffer.alloc(0);

  constructor(
    private readonly socket: Socket,
    private readonly meter: Meter,
  ) {
    super({ allowHalfOpen: false });
    socket.on('data', (chunk: Buffer) => {
      meter(chunk.length, 0);
      if (this.first.length < GREETING_BYTES) {
        this.first = Buffer.concat([this.first, chunk.subarray(0, GREETING_BYTES - this.first.length)]);
      }
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('error', (error) => this.destroy(error));
    socket.on('end', () => this.push(null));
    socket.on('close', () => this.destroy());
  }

  /** What the peer said first, Latin-1, at most 512 characters. */
  get greeting(): string {
    return this.first.toString('latin1');
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.meter(0, chunk.length);
    this.socket.write(chunk, (error) => done(error));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }
}
