import { readdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { promptText, textOf } from './kernel-files.js';
import type { InterfaceReading, MachineReading, MachineSensor } from '../types.js';

/** Reads /proc and /sys directly: no child process, a few hundred microseconds. What is absent is left out. */
export function linuxMachine(stateFolder: string): MachineSensor {
  return {
    async read() {
      const [uptime, load, memory, self] = ['uptime', 'loadavg', 'meminfo', 'self/statm'].map((name) =>
        promptText(`/proc/${name}`),
      );
      const [disk, temperature] = await Promise.all([freeMb(stateFolder), temperatureC()]);
      const interfaces = interfaceReadings();
      const readings: { [K in keyof MachineReading]: MachineReading[K] | undefined } = {
        uptimeS: firstNumber(uptime) ?? 0,
        load1: firstNumber(load),
        memoryAvailableMb: scaled(/MemAvailable:\s+(\d+)/.exec(memory ?? '')?.[1], 1 / 1024),
        processRssMb: scaled(self?.split(' ')[1], 4096 / 1_048_576),
        diskFreeMb: disk,
        temperatureC: temperature,
        interfaces,
      };
      return Object.fromEntries(
        Object.entries(readings).filter(([, value]) => value !== undefined),
      ) as unknown as MachineReading;
    },
  };
}

async function freeMb(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return Math.round((bavail * bsize) / 1_048_576);
  } catch {
    return undefined;
  }
}

async function temperatureC(): Promise<number | undefined> {
  const raw = scaled(await textOf('/sys/class/thermal/thermal_zone0/temp'), 1 / 1000);
  return raw !== undefined && raw > -60 && raw < 200 ? raw : undefined;
}

/** Counters of each interface but the loopback (Linux: Documentation/networking/statistics). */
function interfaceReadings(): InterfaceReading[] | undefined {
  const table = promptText('/proc/net/dev');
  if (table === undefined) return undefined;
  const up = new Set(operational());
  return table
    .split('\n')
    .slice(2)
    .flatMap((line): InterfaceReading[] => {
      const [name, ...counters] = line.trim().split(/[:\s]+/);
      if (name === undefined || name === '' || name === 'lo') return [];
      return [
        {
          name: name.slice(0, 32),
          up: up.has(name),
          receivedBytes: Number(counters[0] ?? 0),
          sentBytes: Number(counters[8] ?? 0),
        },
      ];
    })
    .slice(0, 16);
}

function operational(): string[] {
  try {
    const names = readdirSync('/sys/class/net');
    return names.filter((name) => promptText(`/sys/class/net/${name}/operstate`) === 'up');
  } catch {
    return [];
  }
}

function firstNumber(content: string | undefined): number | undefined {
  return scaled(content?.split(' ')[0], 1);
}

function scaled(digits: string | undefined, factor: number): number | undefined {
  const value = Number(digits ?? Number.NaN) * factor;
  return Number.isFinite(value) ? Math.round(value * 100) / 100 : undefined;
}
