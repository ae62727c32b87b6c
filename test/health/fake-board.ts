import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { boardSchema, type SensorsBoard } from '../../hardware/boards/board.js';
import type { KernelRoots } from '../../hardware/sensors/kernel-files.js';

/** The sensors of the board that the fake kernel shows: everything that there may be. */
export const FAKE_SENSORS: SensorsBoard = boardSchema.parse({
  format: 1,
  name: 'fake',
  description: { vi: 'bo mạch thử', en: 'a board to test with' },
  sensors: {
    supply: { device: 'ads1015', channel: 'voltage0', scale: 0.011, lowV: 11, criticalV: 10.5 },
    battery: { device: 'ads1015', channel: 'voltage1', scale: 0.011, emptyV: 10.5, lowV: 11.5, fullV: 13.2 },
    temperatures: [
      { name: 'cpu', zone: 'cpu-thermal', highC: 80, criticalC: 95 },
      { name: 'amplifier', hwmon: 'lm75', highC: 70, criticalC: 85 },
    ],
    fan: { hwmon: 'pwmfan', leastRpm: 500 },
    door: { chip: 'gpiochip0', line: 5 },
  },
}).sensors;

/** What the fake kernel shows, in the units of a person. */
export interface FakeValues {
  cpuC: number;
  amplifierC: number;
  fanRpm: number;
  supplyV: number;
  batteryV: number;
  mains: boolean;
  diskReadOnly: boolean;
  diskErrors: number;
  wornSteps: number;
  availableMb: number;
  stallPercent: number;
}

const WELL: FakeValues = {
  ...{ cpuC: 55, amplifierC: 45, fanRpm: 2_400, supplyV: 12.1, batteryV: 12.9, mains: true },
  ...{ diskReadOnly: false, diskErrors: 0, wornSteps: 2, availableMb: 400, stallPercent: 0 },
};

/** A tree of files as the kernel has them, for one board; every sensor reads from it. */
export class FakeKernel {
  readonly roots: KernelRoots;
  readonly values: FakeValues = { ...WELL };

  /** Grows with each change: who sees the same again need not read. */
  version = 0;
  readonly #written = new Map<string, string | number>();

  private constructor(private readonly folder: string) {
    this.roots = { sys: join(folder, 'sys'), proc: join(folder, 'proc') };
  }

  /** Makes the tree. @param folder an empty one */
  static async make(folder: string): Promise<FakeKernel> {
    const kernel = new FakeKernel(folder);
    await kernel.#still();
    await kernel.show({});
    return kernel;
  }

  /** Shows other values from now on. */
  async show(values: Partial<FakeValues>): Promise<void> {
    Object.assign(this.values, values);
    const now = this.values;
    const iio = 'sys/bus/iio/devices/iio:device0';
    await this.put('sys/class/thermal/thermal_zone0/temp', Math.round(now.cpuC * 1_000));
    await this.put('sys/class/hwmon/hwmon0/temp1_input', Math.round(now.amplifierC * 1_000));
    await this.put('sys/class/hwmon/hwmon1/fan1_input', now.fanRpm);
    await this.put('sys/class/power_supply/mains/online', now.mains ? 1 : 0);
    // 2 mV a step, behind a divider by 11.
    await this.put(`${iio}/in_voltage0_raw`, Math.round(now.supplyV / 0.011 / 2));
    await this.put(`${iio}/in_voltage1_raw`, Math.round(now.batteryV / 0.011 / 2));
    await this.put('sys/fs/ext4/mmcblk0p2/errors_count', now.diskErrors);
    const worn = `0x0${now.wornSteps.toString(16)}`;
    await this.put('sys/devices/mmc/block/mmcblk0/device/life_time', `${worn} 0x01`);
    await this.put(
      'proc/self/mountinfo',
      `21 1 179:2 / / rw,relatime shared:1 - ext4 /dev/root ${now.diskReadOnly ? 'ro' : 'rw'},errors=remount-ro`,
    );
    await this.put(
      'proc/meminfo',
      `MemTotal:        1013504 kB\nMemFree: 1 kB\nMemAvailable:     ${now.availableMb * 1_024} kB`,
    );
    await this.put(
      'proc/pressure/memory',
      `some avg10=0.00 avg60=${now.stallPercent.toFixed(2)} avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0`,
    );
  }

  /** Writes one file beneath the tree. */
  async put(path: string, content: string | number): Promise<void> {
    const at = join(this.folder, path);
    if (this.#written.get(path) === content) return;
    this.#written.set(path, content);
    this.version += 1;
    await mkdir(dirname(at), { recursive: true });
    await writeFile(at, `${content}\n`);
  }

  async #still(): Promise<void> {
    await this.put('sys/class/thermal/thermal_zone0/type', 'cpu-thermal');
    await this.put('sys/class/hwmon/hwmon0/name', 'lm75');
    await this.put('sys/class/hwmon/hwmon1/name', 'pwmfan');
    await this.put('sys/class/hwmon/hwmon1/pwm1', 255);
    await this.put('sys/class/power_supply/mains/type', 'Mains');
    await this.put('sys/bus/iio/devices/iio:device0/name', 'ads1015');
    await this.put('sys/bus/iio/devices/iio:device0/in_voltage0_scale', '2.000000000');
    await this.put('sys/bus/iio/devices/iio:device0/in_voltage_scale', '2.000000000');
    await this.put('sys/devices/mmc/block/mmcblk0/mmcblk0p2/partition', 2);
    await this.put('proc/sys/kernel/random/boot_id', '6f1f9a4e-0000-4000-8000-000000000001');
    await mkdir(join(this.folder, 'sys/dev/block'), { recursive: true });
    await symlink('../../devices/mmc/block/mmcblk0/mmcblk0p2', join(this.folder, 'sys/dev/block/179:2'));
  }
}
