import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** How bytes are carried, one direction as the other. */
export interface WireQuality {
  /** Each piece comes so much later, milliseconds, and up to `jitterMs` more by chance. */
  readonly delayMs?: number;
  readonly jitterMs?: number;
  /** At most so many bits a second in each direction. */
  readonly bitsPerSecond?: number;
  /** Pieces are handed on in parts of at most so many bytes, each in a write of its own. */
  readonly partBytes?: number;
  /** Of 1: so often a connection breaks with a reset when a piece is carried. */
  readonly resetShare?: number;
}

const PERFECT: WireQuality = {};

/**
 * A wire with a bad day, and whose far end can be changed: a receiver is led to a good broker, to a hostile one, into
 * a black hole (bytes vanish, connections stay open), or through a slow, jittery, breaking cell.
 */
export class SwitchBoard {
  /** Bytes carried from the receiver and to it. */
  readonly carried = { up: 0, down: 0 };
  /** Connections that were asked for since the start. */
  connections = 0;
  private target: number | undefined;
  private quality: WireQuality = PERFECT;
  private isHole = false;
  private readonly open = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly random: () => number,
  ) {
    server.on('connection', (near) => this.join(near));
  }

  /** Listens on a free port of the loopback. */
  static async listen(target: number, random: () => number = Math.random): Promise<SwitchBoard> {
    const board = new SwitchBoard(createServer({ allowHalfOpen: true }), random);
    board.target = target;
    await new Promise<void>((resolve) => board.server.listen(0, '127.0.0.1', resolve));
    return board;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From here on connections lead to another port; those that stand are reset. */
  lead(to: number): void {
    this.target = to;
    this.isHole = false;
    this.cut();
  }

  /** Everything that is sent vanishes, on connections that stand and on new ones; none is closed. */
  blackHole(): void {
    this.isHole = true;
  }

  /** Bytes arrive again; what vanished stays away, and what stood is reset. */
  mend(): void {
    this.isHole = false;
    this.cut();
  }

  /** How bytes are carried from now on, on every connection. */
  behave(quality: WireQuality): void {
    this.quality = quality;
  }

  /** Resets every connection. */
  cut(): void {
    for (const socket of this.open) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private join(near: Socket): void {
    this.connections += 1;
    this.own(near);
    if (this.isHole || this.target === undefined) {
      near.resume();
      return;
    }
    const far = connect({ port: this.target, host: '127.0.0.1', allowHalfOpen: true });
    this.own(far);
    this.carry(near, far, 'up');
    this.carry(far, near, 'down');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('close', () => {
        if (!this.isHole) other.destroy();
      });
    }
  }

  private own(socket: Socket): void {
    this.open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.open.delete(socket));
  }

  private carry(from: Socket, to: Socket, direction: 'up' | 'down'): void {
    /** When the wire is free again, milliseconds of performance.now(). */
    let freeMs = 0;
    let lastMs = 0;
    const deliver = (piece: Buffer): void => {
      if (this.isHole || to.destroyed) return;
      this.carried[direction] += piece.length;
      const part = this.quality.partBytes ?? piece.length;
      for (let at = 0; at < piece.length; at += part) to.write(piece.subarray(at, at + part));
    };
    from.on('data', (piece: Buffer) => {
      if (this.isHole) return;
      const { delayMs = 0, jitterMs = 0, bitsPerSecond = 0, resetShare = 0 } = this.quality;
      if (this.random() < resetShare) {
        from.resetAndDestroy();
        to.resetAndDestroy();
        return;
      }
      if (delayMs + jitterMs + bitsPerSecond === 0 && performance.now() >= lastMs) {
        deliver(piece);
        return;
      }
      const nowMs = performance.now();
      freeMs = Math.max(nowMs, freeMs) + (bitsPerSecond === 0 ? 0 : (piece.length * 8_000) / bitsPerSecond);
      // TCP keeps the order: what is jittered never overtakes.
      lastMs = Math.max(lastMs, freeMs + delayMs + jitterMs * this.random());
      from.pause();
      setTimeout(() => deliver(piece), lastMs - nowMs);
      setTimeout(() => from.resume(), freeMs - nowMs);
    });
    from.on('end', () => {
      if (this.isHole) return;
      setTimeout(() => to.end(), Math.max(0, lastMs - performance.now()));
    });
  }
}
