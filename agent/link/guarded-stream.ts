import { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.js';
import { LoaError, messageOf, type ErrorCode } from '../core/errors.js';
import { inflow, inflowStart, type InflowLimits, type InflowState } from '../core/inflow.js';
import { youngCollector } from '../core/young-heap.js';

import { guard, GUARD_START, type GuardEffect, type GuardState, type Sheds } from './packet-guard.js';

/** What the guard tells besides what it hands on. */
export interface GuardListener {
  /** A message over the limit was dropped as it came in. `bytes` is its packet's remaining length. */
  onOversize(message: { topic: string; bytes: number }): void;
  /** Whether an ordinary message is let go as it comes in; none where absent. */
  readonly sheds?: Sheds | undefined;
  /** The broker refused the version as a broker of 3.1.1 does. */
  onVersionRefused(): void;
  /** A piece of MQTT as it comes in or goes out, for the account of bytes. */
  onPiece(direction: 'in' | 'out', piece: Uint8Array): void;
}

/** The answer that each packet of the client is owed (MQTT 5.0, 2.1.2), by the library's names. */
const OWED: Readonly<Record<string, number>> = { publish: 4, subscribe: 9, unsubscribe: 11, pingreq: 13 };

/** A peer that takes nothing any more does not hold the end up for longer than this. */
const LAST_WRITE_MS = 1_000;

/**
 * Most that waits for a peer which sends and takes nothing, bytes: twenty messages under way and their acknowledgements
 * fit, an endless row of acknowledgements does not.
 */
export const UNSENT_LIMIT_BYTES = 4 * 1_048_576;

/**
 * What is read off the wire. An emergency may stand behind ten thousand commands or ten megabytes: those are read at once, to get at it
 * (what is looked into is another matter: see Lanes). What goes on flooding is read at the slower pace: TCP holds it back at the
 * sender, and the processor is left to the sound.
 */
export const WIRE_LIMITS: InflowLimits = {
  messagesPerSecond: 500,
  messageBurst: 12_000,
  bytesPerSecond: 4 * 1_048_576,
  byteBurst: 16 * 1_048_576,
};

/** With more acknowledgements than this among it nothing more is read: no broker has so many messages under way (MQTT 5.0, 3.1.2.11.3 allows it twenty). */
const UNSENT_ACKNOWLEDGEMENTS = 1_000;

/** After so many bytes read, what was thrown away of them is given back. */
const COLLECT_BYTES = 1_048_576;

/** What an end means in each phase of a connection. */
const CODES = {
  secure: 'E_LINK_REFUSED',
  answered: 'E_LINK_LOST',
} as const satisfies Record<string, ErrorCode>;

/**
 * The bytes to and from a broker on a secured stream, guarded. Fails with a LoaError: `E_LINK_TLS` for an alert after
 * the handshake (TLS 1.3 refuses a client's certificate only then), `E_LINK_PROTOCOL` for a
 * packet against the standard, `E_LINK_REFUSED` where the broker hangs up before its first byte (some brokers refuse a
 * certificate that way), `E_LINK_LOST` for the rest. It ends when either side ends.
 */
export class GuardedStream extends Duplex {
  private guardState: GuardState = GUARD_START;
  private phase: keyof typeof CODES = 'secure';
  /** Answers of each type that the broker owes. */
  private readonly owed = new Map<number, number>();
  private flow: InflowState;
  private messages = 0;
  /** Acknowledgements handed over since something was last taken. */
  private acknowledgements = 0;
  /** Bytes since the young heap was collected last; made at the first megabyte, which most connections never see. */
  private uncollected = 0;
  private collect: (() => void) | undefined;
  /** Reading again after a flood; undefined where none is held back. */
  private cancelHold: (() => void) | undefined;

  constructor(
    private readonly peer: Duplex,
    private readonly listener: GuardListener,
    private readonly clock: Clock,
  ) {
    super({ allowHalfOpen: false });
    this.flow = inflowStart(clock.monotonicMs(), WIRE_LIMITS);
    peer.on('data', (chunk: Buffer) => this.inspect(chunk));
    peer.on('error', (cause: NodeJS.ErrnoException) => this.destroy(this.explained(cause)));
    peer.on('end', () => this.destroy(this.lost('the broker closed the connection')));
    peer.on('close', () => this.destroy(this.lost('the connection closed')));
    if (peer.destroyed) this.destroy(this.lost('the connection closed'));
  }

  /** The client sends a packet, by the library's name for it: an answer to it may come. */
  expect(packet: string): void {
    const type = OWED[packet];
    if (type !== undefined) this.owed.set(type, (this.owed.get(type) ?? 0) + 1);
    if (packet === 'puback') this.acknowledgements += 1;
  }

  private inspect(chunk: Buffer): void {
    this.phase = 'answered';
    this.listener.onPiece('in', chunk);
    const step = guard(this.guardState, chunk, this.listener.sheds);
    this.guardState = step.state;
    if (this.writableLength > UNSENT_LIMIT_BYTES) {
      this.destroy(new LoaError('E_LINK_PROTOCOL', 'the broker sends and takes nothing'));
      return;
    }
    this.messages = 0;
    for (const effect of step.effects) {
      this.run(effect);
      if (this.destroyed) return;
    }
    this.pace(chunk.length);
    for (const bytes of step.pass) if (!this.push(bytes)) this.peer.pause();
    if (this.isHeld()) this.peer.pause();
  }

  /** Reads nothing for a while where the broker floods. */
  private pace(bytes: number): void {
    const { clock } = this;
    this.uncollected += bytes;
    if (this.uncollected >= COLLECT_BYTES) {
      this.uncollected = 0;
      (this.collect ??= youngCollector())();
    }
    const piece = { messages: this.messages, bytes };
    const { state, waitMs } = inflow(this.flow, piece, clock.monotonicMs(), WIRE_LIMITS);
    this.flow = state;
    if (waitMs === 0) return;
    this.peer.pause();
    this.cancelHold?.();
    this.cancelHold = clock.after(waitMs, () => {
      this.cancelHold = undefined;
      // What is read now is buffered where the library does not take it, and then paused again by `push`.
      this._read();
    });
  }

  private run(effect: GuardEffect): void {
    switch (effect.kind) {
      case 'violation':
        this.endAfterWrites(new LoaError('E_LINK_PROTOCOL', effect.detail));
        return;
      case 'message':
        this.messages += 1;
        return;
      case 'answer':
        this.answered(effect.type);
        return;
      case 'version-refused':
        this.listener.onVersionRefused();
        return;
      case 'oversize':
        this.listener.onOversize({ topic: effect.topic, bytes: effect.bytes });
        return;
      case 'acknowledge':
        this.acknowledgements += 1;
        // Through the same queue as the library's packets, which it writes whole: never in the middle of one.
        this.write(effect.packet);
        return;
    }
  }

  private answered(type: number): void {
    const owed = this.owed.get(type) ?? 0;
    if (owed > 0) this.owed.set(type, owed - 1);
    else this.destroy(new LoaError('E_LINK_PROTOCOL', `an answer of type ${type} to nothing`));
  }

  /** Ends once what was written before is with the kernel: an acknowledgement must not be lost. At once where nothing waits. */
  private endAfterWrites(error: LoaError): void {
    if (this.writableLength === 0 && this.peer.writableLength === 0) {
      this.destroy(error);
      return;
    }
    this.peer.pause();
    const limit = setTimeout(() => this.destroy(error), LAST_WRITE_MS);
    this.write(new Uint8Array(0), () => {
      clearTimeout(limit);
      this.destroy(error);
    });
  }

  private explained(cause: NodeJS.ErrnoException): LoaError {
    const code = cause.code?.startsWith('ERR_SSL') ? 'E_LINK_TLS' : CODES[this.phase];
    const detail = cause.message === '' ? String(cause.code) : messageOf(cause);
    return new LoaError(code, detail, { cause, fields: { reason: cause.code, ...this.unanswered() } });
  }

  private lost(detail: string): LoaError {
    const text = this.phase === 'secure' ? `${detail} before any answer` : detail;
    return new LoaError(CODES[this.phase], text, { fields: this.unanswered() });
  }

  /** Some brokers of 3.1.1 end so on MQTT 5, by a close or by a reset. */
  private unanswered(): { readonly unanswered?: true } {
    return this.phase === 'secure' ? { unanswered: true } : {};
  }

  private isHeld(): boolean {
    return this.acknowledgements > UNSENT_ACKNOWLEDGEMENTS;
  }

  override _read(): void {
    if (this.cancelHold === undefined && !this.isHeld()) this.peer.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.listener.onPiece('out', chunk);
    this.peer.write(chunk, (error) => {
      const wasHeld = this.isHeld();
      this.acknowledgements = 0;
      if (wasHeld) this._read();
      done(error);
    });
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.peer.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.cancelHold?.();
    this.peer.destroy();
    done(error);
  }
}
