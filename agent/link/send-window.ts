import type { Clock } from '../core/clock.js';
import { LoaError } from '../core/errors.js';

/** Most messages of one connection that may wait for a place in the window. */
const WAITING_LIMIT = 200;

/** Lets so many messages be unacknowledged at a time; the others wait in order. */
export interface SendWindow {
  /**
   * Runs `send` when there is a place; the place is free again when its promise settles.
   * @throws LoaError `E_LINK_LOST` when the window closes first or too many wait; what `send` throws
   */
  pass(send: () => Promise<void>): Promise<void>;
  /** The window's size from now on (a broker's Receive Maximum, MQTT 5.0, 3.2.2.3.3). */
  resize(size: number): void;
  /** Refuses everything unsettled and to come. */
  close(why: LoaError): void;
}

/**
 * A window of at most `size`.
 * @param late called once for a message that is not acknowledged within `limitMs`, though the connection seems alive
 */
export function createSendWindow(
  size: number,
  clock: Clock,
  { limitMs, late }: { readonly limitMs: number; readonly late: () => void },
): SendWindow {
  let places = size;
  let closed: LoaError | undefined;
  const unsettled = new Set<(why: LoaError) => void>();
  const waiting: (() => void)[] = [];
  let running = 0;

  const launch = (): void => {
    while (running < places) {
      const start = waiting.shift();
      if (start === undefined) return;
      running += 1;
      start();
    }
  };
  return {
    pass(send) {
      if (closed !== undefined) return Promise.reject(closed);
      if (waiting.length >= WAITING_LIMIT) {
        return Promise.reject(
          new LoaError('E_LINK_LOST', `more than ${WAITING_LIMIT} messages wait to be sent`),
        );
      }
      return new Promise((resolve, reject) => {
        let cancel = (): void => undefined;
        const refuse = (why: LoaError): void => {
          cancel();
          reject(why);
        };
        unsettled.add(refuse);
        waiting.push(() => {
          cancel = clock.after(limitMs, late);
          const settled = (settle: () => void): void => {
            cancel();
            running -= 1;
            unsettled.delete(refuse);
            settle();
            launch();
          };
          send().then(
            () => settled(resolve),
            (error: unknown) =>
              settled(() =>
                reject(error instanceof Error ? error : new LoaError('E_INTERNAL', String(error))),
              ),
          );
        });
        launch();
      });
    },
    resize(to) {
      places = Math.max(1, Math.min(size, to));
    },
    close(why) {
      closed ??= why;
      waiting.length = 0;
      for (const refuse of unsettled) refuse(why);
      unsettled.clear();
    },
  };
}
