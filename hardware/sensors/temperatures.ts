import { join } from 'node:path';
import type { TemperatureInput } from '../boards/board.js';
import type { TemperatureReading } from '../types.js';
import { analogReader, type ReadNumber } from './analog.js';
import { devicesNamed, namesIn, numberIn, textOf, type KernelRoots } from './kernel-files.js';

/** Limits of a thermal zone that no board describes: most chips slow themselves down from 85 °C on. */
const PLAIN = { highC: 85, criticalC: 95 } as const;
/** A sensor outside of this is broken or absent. */
const PLAUSIBLE = { leastC: -60, mostC: 200 } as const;
/** Thermal zones that are read where no board names any. */
const ZONES = 4;

interface Thermometer {
  readonly name: string;
  readonly highC: number;
  readonly criticalC: number;
  readonly read: ReadNumber;
}

/** Finds the thermometers of a board; without one, the first thermal zones of the kernel. */
export async function openTemperatures(
  roots: KernelRoots,
  inputs: readonly TemperatureInput[],
): Promise<() => Promise<TemperatureReading[]>> {
  const found: Thermometer[] = [];
  for (const input of inputs) {
    const read = await readerOf(roots, input);
    if (read !== undefined) found.push({ ...limits(input), name: input.name, read });
  }
  if (inputs.length === 0) found.push(...(await plainZones(roots)));
  return async () => {
    const readings: TemperatureReading[] = [];
    for (const { name, highC, criticalC, read } of found) {
      const c = await read();
      if (c === undefined || c <= PLAUSIBLE.leastC || c >= PLAUSIBLE.mostC) continue;
      readings.push({ name, c: Math.round(c * 10) / 10, highC, criticalC });
    }
    return readings;
  };
}

function limits({ highC, criticalC }: TemperatureInput): { highC: number; criticalC: number } {
  return { highC, criticalC };
}

async function readerOf(roots: KernelRoots, input: TemperatureInput): Promise<ReadNumber | undefined> {
  if (input.zone !== undefined) {
    const [folder] = await devicesNamed(join(roots.sys, 'class/thermal'), 'type', input.zone);
    return folder === undefined ? undefined : () => numberIn(join(folder, 'temp'), 1 / 1000);
  }
  if (input.hwmon !== undefined) {
    const [folder] = await devicesNamed(join(roots.sys, 'class/hwmon'), 'name', input.hwmon);
    return folder === undefined
      ? undefined
      : () => numberIn(join(folder, `temp${input.input}_input`), 1 / 1000);
  }
  return analogReader(roots, input);
}

async function plainZones(roots: KernelRoots): Promise<Thermometer[]> {
  const folder = join(roots.sys, 'class/thermal');
  const zones = (await namesIn(folder)).filter((name) => /^thermal_zone\d+$/.test(name)).slice(0, ZONES);
  const found: Thermometer[] = [];
  for (const zone of zones) {
    const name = ((await textOf(join(folder, zone, 'type'))) ?? zone).slice(0, 32);
    found.push({ ...PLAIN, name, read: () => numberIn(join(folder, zone, 'temp'), 1 / 1000) });
  }
  return found;
}
