/** One minute of the link. */
export interface LinkMinute {
  /** Wall time, milliseconds. */
  readonly atMs: number;
  readonly up: boolean;
  /** Bytes billed within it, all interfaces. */
  readonly bytes: number;
  /** Of the modem, dBm; absent where there is none. */
  readonly signalDbm?: number;
}

/** The last hours of the link, a line a minute, the oldest first. */
export interface LinkHistory {
  readonly minutes: readonly LinkMinute[];
}

/** Minutes kept, in memory alone. */
export const MINUTES_KEPT = 180;

/** The history with one more minute. Pure. */
export function withMinute({ minutes }: LinkHistory, minute: LinkMinute): LinkHistory {
  return { minutes: [...minutes, minute].slice(-MINUTES_KEPT) };
}

const BARS = [' ', '.', ':', '-', '=', '+', '*', '#'];
const WIDTH = 72;

/** The history as columns of a strip, the newest at the right: connected or not, and how much was sent and received. Pure. */
export function linkStrips({ minutes }: LinkHistory): {
  readonly link: string;
  readonly bytes: string;
  readonly most: number;
} {
  const per = Math.max(1, Math.ceil(minutes.length / WIDTH));
  const cells = Array.from({ length: Math.ceil(minutes.length / per) }, (_, i) =>
    minutes.slice(i * per, (i + 1) * per),
  );
  const sums = cells.map((cell) => cell.reduce((sum, { bytes }) => sum + bytes, 0) / cell.length);
  const most = Math.max(0, ...sums);
  return {
    link: cells
      .map((cell) => (cell.every(({ up }) => up) ? '#' : cell.some(({ up }) => up) ? '-' : '.'))
      .join(''),
    bytes: sums
      .map((sum) => BARS[most === 0 ? 0 : Math.round((sum / most) * (BARS.length - 1))] ?? ' ')
      .join(''),
    most: Math.round(most),
  };
}
