/** One minute of the link. */
export interface LinkMinute {
  /** Wall time, milliseconds. */
  readonly atMs: number;
  readonly up: boolean;
  /** Bytes billed within it, all interfaces. */
  readonly bytes: number;
  /** How long the broker took to answer last, milliseconds; absent while it does not. */
  readonly roundTripMs?: number;
  /** Of the modem or of Wi-Fi, dBm; absent where neither tells. */
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

/** One line of the chart. */
export interface Strip {
  readonly bars: string;
  /** Of the averages that its columns show; undefined where nothing was measured. */
  readonly least: number | undefined;
  readonly most: number | undefined;
}

/**
 * The history as columns of a strip, the newest at the right: connected or not, bytes a minute, how long the broker took to answer, and the signal (its
 * weakest the lowest bar, a blank where it is not known). Pure.
 */
export function linkStrips({ minutes }: LinkHistory): {
  readonly link: string;
  readonly bytes: Strip;
  readonly roundTripMs: Strip;
  readonly signalDbm: Strip;
} {
  const per = Math.max(1, Math.ceil(minutes.length / WIDTH));
  const cells = Array.from({ length: Math.ceil(minutes.length / per) }, (_, i) =>
    minutes.slice(i * per, (i + 1) * per),
  );
  return {
    link: cells
      .map((cell) => (cell.every(({ up }) => up) ? '#' : cell.some(({ up }) => up) ? '-' : '.'))
      .join(''),
    bytes: stripOf(cells, ({ bytes }) => bytes, 0),
    roundTripMs: stripOf(cells, ({ roundTripMs }) => roundTripMs, 0),
    signalDbm: stripOf(cells, ({ signalDbm }) => signalDbm, undefined),
  };
}

/** @param floor what the lowest bar stands for; the least that was seen where undefined, and then it is drawn */
function stripOf(
  cells: readonly (readonly LinkMinute[])[],
  of: (minute: LinkMinute) => number | undefined,
  floor: number | undefined,
): Strip {
  const means = cells.map((cell) => {
    const known = cell.map(of).filter((value) => value !== undefined);
    return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
  });
  const known = means.filter((mean) => mean !== undefined);
  if (known.length === 0) return { bars: ' '.repeat(cells.length), least: undefined, most: undefined };
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const [from, lowest] = floor === undefined ? [least, 1] : [floor, 0];
  const step = (BARS.length - 1 - lowest) / (most - from);
  const bar = (mean: number | undefined): string => {
    if (mean === undefined) return ' ';
    return BARS[most === from ? lowest : lowest + Math.round((mean - from) * step)] ?? ' ';
  };
  return { bars: means.map(bar).join(''), least: Math.round(least), most: Math.round(most) };
}
