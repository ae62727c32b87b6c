import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { boardSchema } from '../../hardware/boards/board.js';
import { FAKE_SENSORS, FakeKernel } from '../health/fake-board.js';
import { FakeModem } from '../health/fake-modem.js';

/** An amplifier that wakes quickly, so that nobody waits for it. */
const TIMES = {
  ...{ supplyDelayMs: 100, settleMs: 50, unmuteMs: 20, tailMs: 200, fadeMs: 300, muteMs: 20 },
  ...{ holdMs: 500, standbyMs: 500, restMs: 100, retryMs: 2_000 },
} as const;

/** The board on the pole: every line a file of a folder, every sensor a file as the kernel has it, the modem a recorded `busctl`. */
export class PoleBoard {
  readonly kernel: FakeKernel;
  readonly modem: FakeModem;
  /** Folder of the lines. */
  readonly lines: string;
  /** The board's file. */
  readonly path: string;

  private constructor(parts: Pick<PoleBoard, 'kernel' | 'modem' | 'lines' | 'path'>) {
    this.kernel = parts.kernel;
    this.modem = parts.modem;
    this.lines = parts.lines;
    this.path = parts.path;
  }

  /** Makes one that is well. @param folder one that does not exist */
  static async make(folder: string): Promise<PoleBoard> {
    const [lines, path] = [join(folder, 'lines'), join(folder, 'pole.json')];
    await mkdir(lines, { recursive: true });
    await mkdir(join(folder, 'kernel'));
    const kernel = await FakeKernel.make(join(folder, 'kernel'));
    await kernel.put('sys/class/watchdog/watchdog0/identity', 'simulated');
    const line = (number: number): object => ({ chip: 'simulated', line: number });
    const board = boardSchema.parse({
      ...{ format: 1, name: 'pole', lines: { driver: 'files', folder: lines } },
      description: { vi: 'bo mạch trên trụ', en: 'the board on the pole' },
      amplifier: {
        ...{ supply: line(0), line: line(1), unmute: line(2), times: TIMES },
        faults: { open: line(3), short: line(4), hot: line(5), undervoltage: line(6) },
      },
      sensors: FAKE_SENSORS,
      modem: { kind: 'modemmanager' },
    });
    await writeFile(path, JSON.stringify(board));
    const modem = await FakeModem.make(join(folder, 'modem'));
    return new PoleBoard({ kernel, modem, lines, path });
  }

  /** Of the receiver's settings. */
  get settings(): object {
    const { sys, proc } = this.kernel.roots;
    return { board: this.path, sensors: { sysFolder: sys, procFolder: proc }, telemetry: { everyS: 1 } };
  }

  /** What the receiver's processes find first. */
  get env(): NodeJS.ProcessEnv {
    return { PATH: `${this.modem.folder}:${process.env['PATH'] ?? ''}` };
  }

  /** An input of the amplifier, active or not. */
  async fault(name: 'open' | 'short' | 'hot' | 'undervoltage', active: boolean): Promise<void> {
    await writeFile(join(this.lines, `fault-${name}`), active ? '1' : '0');
  }
}
