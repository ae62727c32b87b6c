import { join } from 'node:path';
import { devicesNamed, numberIn, resolved, type KernelRoots } from './kernel-files.js';

/** Where a number is read, as a board says it: an IIO device and its channel, or a file; then scale and offset. */
export interface AnalogSource {
  readonly device?: string | undefined;
  readonly channel?: string | undefined;
  readonly path?: string | undefined;
  readonly scale: number;
  readonly offset: number;
}

/** Reads a number now; undefined where the sensor gives none. */
export type ReadNumber = () => Promise<number | undefined>;

/**
 * Finds an analog input. An IIO channel reads `(raw + offset) × scale` in its own unit (Linux: Documentation/ABI/testing/sysfs-bus-iio),
 * or `_input` where the driver has worked it out; the board's scale and offset come after that.
 */
export async function analogReader(
  roots: KernelRoots,
  source: AnalogSource,
): Promise<ReadNumber | undefined> {
  const own = await sourceReader(roots, source);
  if (own === undefined) return undefined;
  return async () => {
    const value = await own();
    return value === undefined
      ? undefined
      : Math.round((value * source.scale + source.offset) * 1_000) / 1_000;
  };
}

async function sourceReader(
  roots: KernelRoots,
  { path, device, channel }: AnalogSource,
): Promise<ReadNumber | undefined> {
  if (path !== undefined) {
    const file = await resolved(roots, path);
    return file === undefined ? undefined : () => numberIn(file);
  }
  if (device === undefined || channel === undefined) return undefined;
  const [folder] = await devicesNamed(join(roots.sys, 'bus/iio/devices'), 'name', device);
  if (folder === undefined) return undefined;
  const input = join(folder, `in_${channel}_input`);
  if ((await numberIn(input)) !== undefined) return () => numberIn(input);
  const kind = channel.replace(/\d.*$/, '');
  const scale =
    (await numberIn(join(folder, `in_${channel}_scale`), 1e6)) ??
    (await numberIn(join(folder, `in_${kind}_scale`), 1e6)) ??
    1e6;
  const offset = (await numberIn(join(folder, `in_${channel}_offset`))) ?? 0;
  return async () => {
    const raw = await numberIn(join(folder, `in_${channel}_raw`));
    return raw === undefined ? undefined : ((raw + offset) * scale) / 1e6;
  };
}
