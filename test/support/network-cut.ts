import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * A wire between a receiver and the province that can be cut: bytes stop in both directions with every connection left
 * open, as when a 4G cell goes, and new connections come to nothing.
 */
export class NetworkCut {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #cut = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens on a free port of the loopback and leads to `port`. */
  static async to(port: number): Promise<NetworkCut> {
    const server = createServer();
    const wire = new NetworkCut(server);
    server.on('connection', (near) => wire.#join(near, port));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From here on nothing gets through. */
  cut(): void {
    this.#cut = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** The network is back; connections from before the cut are gone. */
  mend(): void {
    this.#cut = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async close(): Promise<void> {
    this.mend();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(near: Socket, port: number): void {
    if (this.#cut) {
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    const pass = (from: Socket, to: Socket): void => {
      from.on('data', (bytes) => {
        if (!this.#cut) to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#pairs.delete(pair);
        // A side that ends during the cut is not heard of on the other side.
        if (!this.#cut) to.destroy();
      });
    };
    pass(near, far);
    pass(far, near);
  }
}
