/** What bytes are fetched for: to be heard as they come, to be kept, or to be the next program. */
export type FetchPurpose = 'stream' | 'media' | 'update';

/**
 * Told of bytes on the wire since it was told last, TCP payload.
 * @param address the receiver's own on that connection; undefined where it is not known any more
 */
export type OnBytes = (
  purpose: FetchPurpose,
  received: number,
  sent: number,
  address: string | undefined,
) => void;

/** Bytes that crossed the network for one purpose on one of the receiver's own addresses, TCP payload. */
export interface FetchedBytes {
  readonly purpose: FetchPurpose;
  readonly address: string | undefined;
  readonly received: number;
  readonly sent: number;
}

/** Adds up what was fetched, so that the main thread is not told of each piece. */
export class FetchedSum {
  readonly #sums = new Map<string, FetchedBytes>();

  /** Counts a piece. */
  readonly add: OnBytes = (purpose, received, sent, address) => {
    const key = `${purpose} ${address ?? ''}`;
    const before = this.#sums.get(key);
    this.#sums.set(key, {
      ...{ purpose, address },
      received: (before?.received ?? 0) + received,
      sent: (before?.sent ?? 0) + sent,
    });
  };

  /** What has come since the last call. */
  take(): FetchedBytes[] {
    const taken = [...this.#sums.values()];
    this.#sums.clear();
    return taken;
  }
}
