import { connect, type Socket } from 'node:net';
import type { Clock } from '../../agent/core/clock.js';
import type { PositionReading } from '../types.js';

/** Between two questions, milliseconds. */
const EVERY_MS = 600_000;
/** A receiver of GPS that has no fix by then has none, milliseconds. */
const WAIT_MS = 20_000;
/** gpsd's own limit of a line is 10 240 bytes (gpsd_json(5)). */
const LINE_LIMIT = 16_384;

/** What the position is read with. */
export interface GpsdParts {
  /** gpsd's port on the loopback. */
  readonly port: number;
  readonly clock: Clock;
  /** A fix, or undefined where there was none this time. */
  readonly onPosition: (position: PositionReading | undefined) => void;
}

/**
 * Asks gpsd for a fix every ten minutes, and at once. It connects to the loopback alone, waits {@link WAIT_MS} at most, and keeps one line.
 * @returns ends it
 */
export function watchGpsd({ port, clock, onPosition }: GpsdParts): { close(): void } {
  let cancel: () => void = () => undefined;
  let socket: Socket | undefined;
  const ask = (): void => {
    let told = false;
    const tell = (position: PositionReading | undefined): void => {
      if (told) return;
      told = true;
      cancel();
      socket?.destroy();
      onPosition(position);
      cancel = clock.after(EVERY_MS, ask);
    };
    cancel = clock.after(WAIT_MS, () => tell(undefined));
    let held = '';
    socket = connect({ host: '127.0.0.1', port });
    socket.setEncoding('utf8');
    socket.once('error', () => tell(undefined));
    socket.once('close', () => tell(undefined));
    socket.once('connect', () => socket?.write('?WATCH={"enable":true,"json":true};\n'));
    socket.on('data', (text: string) => {
      const lines = `${held}${text}`.split('\n');
      held = (lines.pop() ?? '').slice(0, LINE_LIMIT);
      const fix = lines.map((line) => positionOf(line)).find((one) => one !== undefined);
      if (fix !== undefined) tell(fix);
    });
  };
  cancel = clock.after(0, ask);
  return {
    close() {
      cancel();
      socket?.removeAllListeners().on('error', () => undefined);
      socket?.destroy();
    },
  };
}

/** The position of one line of gpsd (gpsd_json(5), class TPV); undefined for any other line, and without a fix. Pure. */
export function positionOf(line: string): PositionReading | undefined {
  if (line.length > LINE_LIMIT) return undefined;
  let told: unknown;
  try {
    told = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof told !== 'object' || told === null) return undefined;
  const { class: kind, mode, lat, lon, eph } = told as Readonly<Record<string, unknown>>;
  // Mode 2 is a fix in two dimensions, 3 in three.
  if (kind !== 'TPV' || (mode !== 2 && mode !== 3)) return undefined;
  if (typeof lat !== 'number' || typeof lon !== 'number') return undefined;
  if (Math.abs(lat) > 90 || Math.abs(lon) > 180) return undefined;
  const uncertain = typeof eph === 'number' && eph >= 0 ? { uncertaintyM: Math.round(eph) } : {};
  // Five decimals are a metre.
  return { latitude: rounded(lat), longitude: rounded(lon), ...uncertain };
}

function rounded(degrees: number): number {
  return Math.round(degrees * 1e5) / 1e5;
}
