import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../agent/core/clock.js';
import type { ErrorCode } from '../../agent/core/errors.js';
import type { Judged } from '../../agent/technician/diagnose/check.js';
import type { Facts, HardwareFacts } from '../../agent/technician/diagnose/facts.js';
import { askReceiver } from '../../agent/technician/client.js';
import { hardwareOf } from '../../agent/technician/hardware-told.js';
import { startRealProvince, type RealProvince } from '../rig/real-province.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { startBeats } from '../source-system/beats.js';
import { ProvinceFolder } from '../source-system/province-folder.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { SwitchBoard } from '../support/switch-board.js';
import { waitUntil } from '../support/wait-until.js';
import { PoleBoard } from './pole-board.js';

const run = promisify(execFile);

/** The receiver on the pole. */
export const POLE_RECEIVER = 'cum-01';
/** Room on its disk, MiB: a file system of its own, so that it can be filled. */
const DISK_MB = 160;
const DIAGNOSE_LIMIT_MS = 70_000;
const ALL_DAY = [{ from: '00:00', to: '24:00' }];

/** What one run of `loa diagnose --json` said. */
export interface PoleDiagnosis {
  readonly code: number | null;
  readonly first?: { readonly check: string; readonly code: ErrorCode };
  readonly checks: readonly Judged[];
  readonly facts: Facts;
  readonly tookMs: number;
  /** From the start of the process to its end, milliseconds. */
  readonly processMs: number;
}

/** How `loa` is run: words before it, such as those that put it into a namespace, and its environment. */
export interface Through {
  readonly words?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly configPath?: string;
}

/**
 * A receiver in a process of its own, at home: assigned, scheduled, connected to mosquitto through a switch board, its state folder a
 * small tmpfs, its sink without a card, its board, sensors and modem simulated. Faults are put in from outside; it is asked as a technician
 * asks.
 */
export class PoleBench {
  readonly folder: string;
  readonly rig: RealProvince;
  /** Between it and its broker. */
  readonly board: SwitchBoard;
  /** What hangs on it. */
  readonly hardware: PoleBoard;
  readonly receiver: ReceiverProcess;
  readonly #closers: (() => Promise<unknown>)[];

  private constructor(
    parts: Pick<PoleBench, 'folder' | 'rig' | 'board' | 'hardware' | 'receiver'>,
    closers: (() => Promise<unknown>)[],
  ) {
    this.folder = parts.folder;
    this.rig = parts.rig;
    this.board = parts.board;
    this.hardware = parts.hardware;
    this.receiver = parts.receiver;
    this.#closers = closers;
  }

  /** Sets it up, in an existing, empty folder. */
  static async open(folder: string): Promise<PoleBench> {
    const closers: (() => Promise<unknown>)[] = [];
    try {
      await mkdir(join(folder, 'rig'));
      const rig = await startRealProvince({ folder: join(folder, 'rig'), log: new KeptLog() });
      closers.push(() => rig.close());
      const board = await SwitchBoard.listen(rig.mosquitto.port);
      closers.push(() => board.close());
      const { province, ears } = rig;
      const beats = startBeats({
        ...{
          province,
          ears,
          broker: { publish: rig.send.bind(rig) },
          clock: systemClock,
          log: new KeptLog(),
        },
        ...{ everyMs: 900_000, onBeat: async () => undefined },
      });
      closers.push(async () => beats.close());
      const state = join(folder, 'receiver', 'state');
      await mkdir(state, { recursive: true });
      await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', state]);
      closers.push(() => run('umount', ['-l', state]));
      const hardware = await PoleBoard.make(join(folder, 'board'));
      const receiver = await ReceiverProcess.enrol({
        ...{ id: POLE_RECEIVER, folder: join(folder, 'receiver') },
        broker: { host: 'localhost', port: board.port },
        settings: { sound: { sink: 'null' }, ...hardware.settings },
        env: hardware.env,
        admit: (csrPem) => rig.enrol({ id: POLE_RECEIVER, csrPem, home: 'ap-1' }),
      });
      closers.push(() => receiver.stop('SIGKILL'));
      const bench = new PoleBench({ folder, rig, board, hardware, receiver }, closers);
      await bench.schedule(true);
      await bench.hours(true);
      await bench.restart();
      return bench;
    } catch (error) {
      for (const closer of closers.reverse()) await closer();
      throw error;
    }
  }

  /** The authority of TLS that the servers of this province have their certificates of. */
  async authority(): Promise<ProvinceFolder['ca']> {
    return (await ProvinceFolder.open(join(this.folder, 'rig', 'province'), systemClock)).ca;
  }

  /** A schedule of today, or an empty one. */
  async schedule(full: boolean): Promise<void> {
    const entry = {
      ...{ id: 'night', title: 'Bản tin đêm', slots: [{ at: '00:00', durationMs: 1_000 }] },
      source: { kind: 'stored', name: 'siren' } as const,
    };
    await this.rig.send(
      await this.rig.province.schedule('tan-hoa', { area: 'tan-hoa' }, { entries: full ? [entry] : [] }),
    );
  }

  /** Permitted at every hour of the day, or at none. */
  async hours(open: boolean): Promise<void> {
    const spans = open ? ALL_DAY : [];
    const permittedHours = { normal: spans, priority: spans };
    await this.rig.send(await this.rig.province.desired(POLE_RECEIVER, { permittedHours }));
  }

  /** Waits until the receiver tells of its board and modem what is wanted. */
  async told(what: string, wanted: (told: HardwareFacts) => boolean): Promise<void> {
    await waitUntil(
      what,
      async () => wanted(hardwareOf(await askReceiver(this.receiver.socketPath, 'GET', '/v1/health'))),
      { deadlineMs: 20_000, everyMs: 200 },
    );
  }

  /** Ends the receiver and starts it again; waits until it is connected and assigned. */
  async restart(): Promise<void> {
    await this.receiver.stop('SIGTERM');
    await this.calm();
    await this.receiver.start();
    await this.connected();
  }

  /** It is connected and knows where it stands and what is due: nothing is wrong with it. */
  async connected(): Promise<void> {
    await this.receiver.waitFor(
      'at home',
      ({ link, assignment }) => link.kind === 'up' && assignment !== undefined,
    );
    await waitUntil('nothing is wrong with it', async () => (await this.diagnosed()).first === undefined, {
      ...{ deadlineMs: 30_000, everyMs: 300 },
    });
  }

  /** The crashes of earlier faults do not count. */
  async calm(): Promise<void> {
    for (const folder of [this.receiver.folder, join(this.receiver.folder, 'state')])
      await rm(join(folder, 'runs.json'), { force: true });
  }

  /** Leads the receiver to another port, and waits until it has lost its broker. */
  async leadAway(port: number): Promise<void> {
    this.board.lead(port);
    await this.receiver.waitFor('it has lost its broker', ({ link }) => link.kind !== 'up');
  }

  /** Leads it home, and waits until it is connected. */
  async leadHome(): Promise<void> {
    this.board.behave({});
    this.board.lead(this.rig.mosquitto.port);
    await this.connected();
  }

  /** Its settings with some changed, in a file of its own. @returns its path */
  async otherConfig(
    name: string,
    change: (settings: Record<string, Record<string, unknown>>) => void,
  ): Promise<string> {
    const settings = JSON.parse(await readFile(this.receiver.configPath, 'utf8')) as Record<
      string,
      Record<string, unknown>
    >;
    change(settings);
    const path = join(this.receiver.folder, `${name}.json`);
    await writeFile(path, JSON.stringify(settings));
    return path;
  }

  /** Runs `loa diagnose --json` as a process. @throws Error where it does not end in time or says no JSON */
  async diagnosed({
    words = [],
    env = {},
    configPath = this.receiver.configPath,
  }: Through = {}): Promise<PoleDiagnosis> {
    const main = join(repositoryRoot(import.meta.url), 'dist', 'agent', 'main.js');
    const [program = '', ...args] = [
      ...words,
      process.execPath,
      main,
      'diagnose',
      '--json',
      '--config',
      configPath,
    ];
    const fromMs = performance.now();
    const { code, stdout, stderr } = await new Promise<{
      code: number | null;
      stdout: string;
      stderr: string;
    }>((resolve) => {
      execFile(
        program,
        args,
        {
          env: { ...process.env, ...this.hardware.env, ...env },
          timeout: DIAGNOSE_LIMIT_MS,
          killSignal: 'SIGKILL',
          maxBuffer: 8 << 20,
        },
        (error, out, err) =>
          resolve({
            code: error === null ? 0 : typeof error.code === 'number' ? error.code : null,
            stdout: out,
            stderr: err,
          }),
      );
    });
    const processMs = Math.round(performance.now() - fromMs);
    try {
      return { ...(JSON.parse(stdout) as Omit<PoleDiagnosis, 'code' | 'processMs'>), code, processMs };
    } catch (cause) {
      throw new Error(`diagnose (${code}): ${stdout.slice(0, 300)} ${stderr.slice(0, 500)}`, { cause });
    }
  }

  async close(): Promise<void> {
    for (const closer of this.#closers.reverse()) await closer().catch(() => undefined);
  }
}

/** Why there can be no bench here; false where there can. */
export function withoutPoleBench(): string | false {
  return process.getuid?.() === 0 ? false : 'mounting wants root';
}
