import type { Clock } from '../core/clock.js';
import { withMinute, type LinkHistory } from './link-history.js';
import type { Status } from './status.js';

const MINUTE_MS = 60_000;

/** Looks at the link once a minute, and keeps what it saw in memory. */
export function watchLink(parts: {
  readonly clock: Clock;
  readonly status: () => Status;
  /** Of modem or Wi-Fi, dBm; undefined where neither tells. */
  readonly signalDbm: () => number | undefined;
}): {
  readonly view: () => LinkHistory;
  close(): void;
} {
  const { clock, status, signalDbm } = parts;
  let history: LinkHistory = { minutes: [] };
  let before: number | undefined;
  let cancel: () => void = () => undefined;
  const look = (): void => {
    const { link, traffic } = status();
    const bytes = billed(traffic.total);
    const signal = signalDbm();
    // What was billed before the first look is no part of a minute.
    history = withMinute(history, {
      atMs: clock.nowMs(),
      up: link.kind === 'up',
      bytes: bytes - (before ?? bytes),
      ...(link.roundTripMs === undefined ? {} : { roundTripMs: link.roundTripMs }),
      ...(signal === undefined ? {} : { signalDbm: signal }),
    });
    before = bytes;
    cancel = clock.after(MINUTE_MS, look);
  };
  cancel = clock.after(0, look);
  return { view: () => history, close: () => cancel() };
}

function billed(table: Status['traffic']['total']): number {
  return Object.values(table)
    .flatMap((purposes) => Object.values(purposes))
    .reduce((sum, bytes) => sum + bytes.billed, 0);
}
