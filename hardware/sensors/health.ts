import { join } from 'node:path';
import type { SensorsBoard } from '../boards/board.js';
import type { HealthReading, HealthSensor } from '../types.js';
import { openDiskHealth } from './disk-health.js';
import { devicesNamed, numberIn, promptText, type KernelRoots } from './kernel-files.js';
import { openPower, type ReadLine } from './power.js';
import { openTemperatures } from './temperatures.js';

/** What the sensors of a board are found by. */
export interface HealthParts {
  readonly roots: KernelRoots;
  /** What the board says that it has; the kernel's own classes alone where undefined. */
  readonly board: SensorsBoard | undefined;
  /** Absolute, without symbolic links. */
  readonly stateFolder: string;
  readonly line: ReadLine;
}

type Fan = () => Promise<HealthReading['fan']>;

/**
 * Finds what a board has, and reads it: files of the kernel and lines, one after the other, so that a slow bus keeps one thread
 * of the pool busy and not all.
 */
export async function openHealth({ roots, board, stateFolder, line }: HealthParts): Promise<HealthSensor> {
  const temperatures = await openTemperatures(roots, board?.temperatures ?? []);
  const power = await openPower(roots, board, line);
  const fan = await openFan(roots, board?.fan, line);
  const disk = await openDiskHealth(roots, stateFolder);
  const door = (): Pick<HealthReading, 'doorOpen'> => {
    const doorOpen = board?.door === undefined ? undefined : line('door');
    return doorOpen === undefined ? {} : { doorOpen };
  };
  return {
    async read() {
      const [hot, powered, turning] = [await temperatures(), await power.read(), await fan?.()];
      const [kept, memory] = [await disk(), memoryOf(roots)];
      return {
        ...powered,
        ...(hot.length === 0 ? {} : { temperatures: hot }),
        ...(turning === undefined ? {} : { fan: turning }),
        ...door(),
        ...(kept === undefined ? {} : { disk: kept }),
        ...(memory === undefined ? {} : { memory }),
      };
    },
    quick:
      power.mains === undefined && board?.door === undefined
        ? undefined
        : async () => {
            const mains = await power.mains?.();
            return { ...(mains === undefined ? {} : { mains }), ...door() };
          },
  };
}

async function openFan(
  roots: KernelRoots,
  fan: SensorsBoard['fan'],
  line: ReadLine,
): Promise<Fan | undefined> {
  if (fan === undefined) return undefined;
  if ('failed' in fan) {
    return async () => {
      const failed = line('fan-failed');
      return failed === undefined ? undefined : { failed };
    };
  }
  const [chip] = await devicesNamed(join(roots.sys, 'class/hwmon'), 'name', fan.hwmon);
  if (chip === undefined) return undefined;
  return async () => {
    const [rpm, drive] = [
      await numberIn(join(chip, `fan${fan.input}_input`)),
      await numberIn(join(chip, `pwm${fan.input}`)),
    ];
    // A fan that is told to rest does not fail.
    return rpm === undefined ? undefined : { rpm, failed: rpm < fan.leastRpm && drive !== 0 };
  };
}

function memoryOf({ proc }: KernelRoots): HealthReading['memory'] {
  const [table, pressure] = [promptText(join(proc, 'meminfo')), promptText(join(proc, 'pressure/memory'))];
  const kb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(table ?? '')?.[1]);
  const [availableKb, totalKb] = [kb('MemAvailable'), kb('MemTotal')];
  if (!Number.isFinite(availableKb) || !Number.isFinite(totalKb)) return undefined;
  const stall = Number(/^some avg10=[\d.]+ avg60=([\d.]+)/m.exec(pressure ?? '')?.[1] ?? Number.NaN);
  return {
    availableMb: Math.round(availableKb / 1024),
    totalMb: Math.round(totalKb / 1024),
    ...(Number.isFinite(stall) ? { stallPercent: stall } : {}),
  };
}
