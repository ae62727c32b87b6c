import { join } from 'node:path';
import type { SensorsBoard } from '../boards/board.js';
import type { HealthReading } from '../types.js';
import { analogReader, type ReadNumber } from './analog.js';
import { devicesNamed, namesIn, numberIn, textOf, type KernelRoots } from './kernel-files.js';

/** The inputs of a board that tell of its health. */
export type HealthInput = 'mains' | 'charging' | 'door' | 'fan-failed';

/** How an input was last seen: true while it is active. Undefined where nobody has told yet. */
export type ReadLine = (name: HealthInput) => boolean | undefined;

/** What is read of the power. */
export type PowerReading = Pick<HealthReading, 'mains' | 'supply' | 'battery'>;

/** A supply that is this much above its low limit is well again, volts as a share of it. */
const RECOVERED = 1.02;
/** A battery that nobody describes is low below this, and well above the other, percent. */
const PERCENT = { low: 15, ok: 25 } as const;

/** Power as it is found: mains and battery of the kernel's power_supply class, lines and converters of the board. */
export interface Power {
  read(): Promise<PowerReading>;
  /** The mains alone; undefined where nobody can tell. */
  readonly mains: (() => Promise<boolean | undefined>) | undefined;
}

/** Finds what tells of the power (Linux: Documentation/ABI/testing/sysfs-class-power). */
export async function openPower(
  roots: KernelRoots,
  board: SensorsBoard | undefined,
  line: ReadLine,
): Promise<Power> {
  const folder = join(roots.sys, 'class/power_supply');
  const supplies: { readonly path: string; readonly type: string | undefined }[] = [];
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    supplies.push({ path, type: await textOf(join(path, 'type')) });
  }
  const mains = mainsReader(
    board,
    line,
    supplies.filter(({ type }) => type === 'Mains' || type === 'USB').map(({ path }) => path),
  );
  const supply = await supplyReader(roots, board);
  const battery = await batteryReader(
    roots,
    board,
    line,
    supplies.find(({ type }) => type === 'Battery')?.path,
  );
  return {
    mains,
    async read() {
      const [hasMains, supplied, charged] = [await mains?.(), await supply?.(), await battery?.()];
      return {
        ...(hasMains === undefined ? {} : { mains: hasMains }),
        ...(supplied === undefined ? {} : { supply: supplied }),
        ...(charged === undefined ? {} : { battery: charged }),
      };
    },
  };
}

function mainsReader(
  board: SensorsBoard | undefined,
  line: ReadLine,
  paths: readonly string[],
): Power['mains'] {
  if (board?.mains !== undefined) return async () => line('mains');
  if (paths.length === 0) return undefined;
  return async () => {
    const online = (await Promise.all(paths.map((path) => numberIn(join(path, 'online'))))).filter(
      (one) => one !== undefined,
    );
    return online.length === 0 ? undefined : online.some((one) => one > 0);
  };
}

/** The board's converter, or the alarm of a Raspberry Pi's firmware (Linux: Documentation/hwmon/raspberrypi-hwmon). */
async function supplyReader(
  roots: KernelRoots,
  board: SensorsBoard | undefined,
): Promise<(() => Promise<PowerReading['supply']>) | undefined> {
  if (board?.supply !== undefined) {
    const { lowV } = board.supply;
    const read = await analogReader(roots, board.supply);
    if (read === undefined) return undefined;
    return async () => {
      const v = await read();
      return v === undefined ? undefined : { v, state: between(v, lowV, lowV * RECOVERED) };
    };
  }
  const [chip] = await devicesNamed(join(roots.sys, 'class/hwmon'), 'name', 'rpi_volt');
  if (chip === undefined) return undefined;
  return async () => {
    const alarm = await numberIn(join(chip, 'in0_lcrit_alarm'));
    return alarm === undefined ? undefined : { state: alarm > 0 ? 'low' : 'ok' };
  };
}

async function batteryReader(
  roots: KernelRoots,
  board: SensorsBoard | undefined,
  line: ReadLine,
  path: string | undefined,
): Promise<(() => Promise<PowerReading['battery']>) | undefined> {
  const own = board?.battery;
  if (own !== undefined) {
    const read = await analogReader(roots, own);
    return read === undefined ? undefined : () => boardBattery(own, read, () => line('charging'));
  }
  return path === undefined ? undefined : () => kernelBattery(path);
}

async function boardBattery(
  own: NonNullable<SensorsBoard['battery']>,
  read: ReadNumber,
  charging: () => boolean | undefined,
): Promise<PowerReading['battery']> {
  const v = await read();
  if (v === undefined) return undefined;
  const charges = charging();
  // Between empty and full by the voltage at rest: a rough estimate, and said as such in the README.
  const percent = Math.round(Math.min(100, Math.max(0, (100 * (v - own.emptyV)) / (own.fullV - own.emptyV))));
  const okV = own.lowV + (own.fullV - own.lowV) / 4;
  return {
    v,
    percent,
    state: between(v, own.lowV, okV),
    ...(charges === undefined ? {} : { charging: charges }),
  };
}

async function kernelBattery(path: string): Promise<PowerReading['battery']> {
  const [v, percent, status, present] = await Promise.all([
    numberIn(join(path, 'voltage_now'), 1e-6),
    numberIn(join(path, 'capacity')),
    textOf(join(path, 'status')),
    numberIn(join(path, 'present')),
  ]);
  if (present === 0 || (v === undefined && percent === undefined)) return undefined;
  return {
    ...(v === undefined ? {} : { v }),
    ...(percent === undefined ? {} : { percent }),
    ...(status === undefined ? {} : { charging: status === 'Charging' || status === 'Full' }),
    state: percent === undefined ? 'ok' : between(percent, PERCENT.low, PERCENT.ok),
  };
}

function between(value: number, low: number, ok: number): 'ok' | 'between' | 'low' {
  if (value < low) return 'low';
  return value >= ok ? 'ok' : 'between';
}
