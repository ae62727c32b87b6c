import { AlarmDesk } from '../../agent/telemetry/alarm-desk.js';
import { ALARM_RULES } from '../../agent/telemetry/alarm-rules.js';
import { factsOf } from '../../agent/telemetry/health-facts.js';
import { ModemWatch } from '../../agent/modem-watch.js';
import { SinkWatch } from '../../agent/sink-watch.js';
import { openHealth } from '../../hardware/sensors/health.js';
import type { HealthInput } from '../../hardware/sensors/power.js';
import type { HealthReading, HealthSensor, ModemReading } from '../../hardware/types.js';
import type { EventBody } from '../../protocols/messages/up.js';
import { KeptLog } from '../support/kept-log.js';
import { ManualClock } from '../support/manual-clock.js';
import { FAKE_SENSORS, FakeKernel } from './fake-board.js';
import { FaultyLine } from './faulty-line.js';

const MODEM: ModemReading = { state: 'connected', sim: 'ready', technology: 'lte' };
/** Sensors are looked at this often. */
const EVERY_MS = 10_000;
/** What parts tell by themselves is taken at least so often. */
const SLICE_MS = 1_000;

/** A receiver's health on a fake kernel: real sensors, facts and alarms, in a time of its own. */
export class HealthBench {
  readonly told: EventBody[];
  readonly clock: ManualClock;
  readonly lines: Map<HealthInput, boolean>;
  /** The amplifier and what hangs on it. */
  readonly horns: FaultyLine;
  /** What the modem's manager answers; undefined: no modem is there. */
  modem: ModemReading | undefined = MODEM;
  readonly sink: SinkWatch;
  #seen = '';
  #reading: HealthReading = {};

  private constructor(
    readonly kernel: FakeKernel,
    private readonly sensor: HealthSensor,
    private readonly desk: AlarmDesk,
    own: Pick<HealthBench, 'told' | 'clock' | 'lines'>,
  ) {
    const { told, clock, lines } = own;
    this.told = told;
    this.clock = clock;
    this.lines = lines;
    this.sink = new SinkWatch('alsa', (body) => desk.event(body), clock);
    this.sink.take({ kind: 'sink', ok: true, sink: 'alsa' });
    this.horns = new FaultyLine(clock, (body) => desk.event(body));
    new ModemWatch({
      modem: { read: async () => this.modem, recover: async () => undefined },
      ...{ clock, log: new KeptLog(), next: () => undefined, tell: (body) => desk.event(body) },
      linkUp: () => this.modem?.state === 'connected',
      onReading: (modem) => desk.take(factsOf({ modem })),
    }).start();
  }

  /** @param folder an empty one */
  static async open(folder: string): Promise<HealthBench> {
    const kernel = await FakeKernel.make(folder);
    const told: EventBody[] = [];
    const clock = new ManualClock();
    const lines = new Map<HealthInput, boolean>([['door', false]]);
    const sensor = await openHealth({
      ...{ roots: kernel.roots, board: FAKE_SENSORS, stateFolder: folder },
      line: (name) => lines.get(name),
    });
    const desk = await AlarmDesk.open({
      ...{ rules: ALARM_RULES, clock, log: new KeptLog(), file: undefined },
      tell: (body) => told.push(body),
    });
    desk.causes = async () => desk.take(factsOf((await sensor.quick?.()) ?? {}));
    return new HealthBench(kernel, sensor, desk, { told, clock, lines });
  }

  /** Lets time pass with a look every ten seconds. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= EVERY_MS) {
      await this.look();
      for (let of = Math.min(EVERY_MS, left); of > 0; of -= SLICE_MS) {
        this.clock.advance(Math.min(SLICE_MS, of));
        await this.desk.idle();
      }
    }
  }

  /** Reads every sensor, where anything has changed since the last look. */
  async look(): Promise<void> {
    await this.desk.idle();
    const seen = `${this.kernel.version} ${[...this.lines].join()}`;
    const reading = seen === this.#seen ? this.#reading : await this.sensor.read();
    this.#seen = seen;
    this.#reading = reading;
    const sinkOk = this.sink.reading().ok;
    this.desk.take(factsOf({ ...reading, clock: 'trusted', beats: true, sinkOk }));
  }

  /** The codes told since the last call: `+` raised, `-` cleared. */
  codes(): string[] {
    return this.told.splice(0).map(({ kind, code }) => `${kind === 'alarm' ? '+' : '-'}${code}`);
  }
}

/** One fault: how it is made, how it ends, and the one alarm that it is. */
export interface InjectedFault {
  readonly name: string;
  readonly code: string;
  make(bench: HealthBench): Promise<void> | void;
  end(bench: HealthBench): Promise<void> | void;
}

function shown(
  name: string,
  code: string,
  bad: Parameters<FakeKernel['show']>[0],
  good: Parameters<FakeKernel['show']>[0],
): InjectedFault {
  return { name, code, make: ({ kernel }) => kernel.show(bad), end: ({ kernel }) => kernel.show(good) };
}

/** Every fault that is asked for: open and short by an amplifier that is tried again and again, the modem by its watch, the rest by files and lines. */
export const INJECTED_FAULTS: readonly InjectedFault[] = [
  {
    ...{ name: 'line open', code: 'E_LINE_OPEN' },
    make: ({ horns }) => void (horns.is = 'open'),
    end: ({ horns }) => void (horns.is = 'normal'),
  },
  {
    ...{ name: 'line short', code: 'E_LINE_SHORT' },
    make: ({ horns }) => void (horns.is = 'short'),
    end: ({ horns }) => void (horns.is = 'normal'),
  },
  shown('amplifier hot', 'E_HOT', { amplifierC: 74 }, { amplifierC: 45 }),
  shown('cpu hot', 'E_HOT', { cpuC: 99 }, { cpuC: 55 }),
  shown('supply sags', 'E_SUPPLY_LOW', { supplyV: 10.4 }, { supplyV: 12.1 }),
  {
    name: 'mains lost: the supply sags, the fan stops, modem and card fall off',
    code: 'E_MAINS_LOST',
    async make(bench) {
      const { kernel, sink } = bench;
      await kernel.show({ mains: false, supplyV: 10.4, fanRpm: 0 });
      bench.modem = undefined;
      sink.take({ kind: 'sink', ok: false, code: 'E_SINK_DIED', detail: 'the card is gone' });
    },
    async end(bench) {
      const { kernel, sink } = bench;
      await kernel.show({ mains: true, supplyV: 12.1, fanRpm: 2_400 });
      bench.modem = MODEM;
      sink.take({ kind: 'sink', ok: true, sink: 'alsa' });
    },
  },
  shown('battery empty', 'E_BATTERY_LOW', { batteryV: 10.9 }, { batteryV: 12.9 }),
  {
    ...{ name: 'card gone', code: 'E_SINK_DIED' },
    make: ({ sink }) => sink.take({ kind: 'sink', ok: false, code: 'E_SINK_DIED', detail: 'aplay ended' }),
    end: ({ sink }) => sink.take({ kind: 'sink', ok: true, sink: 'alsa' }),
  },
  {
    ...{ name: 'modem dead', code: 'E_MODEM_GONE' },
    make: (bench) => void (bench.modem = undefined),
    end: (bench) => void (bench.modem = MODEM),
  },
  {
    ...{ name: 'SIM out', code: 'E_SIM' },
    make: (bench) => void (bench.modem = { state: 'failed', sim: 'missing' }),
    end: (bench) => void (bench.modem = MODEM),
  },
  shown(
    'disk read-only, with errors',
    'E_DISK_READ_ONLY',
    { diskReadOnly: true, diskErrors: 7 },
    { diskReadOnly: false, diskErrors: 0 },
  ),
  shown('disk errors', 'E_DISK_ERRORS', { diskErrors: 7 }, { diskErrors: 0 }),
  shown('disk worn', 'E_DISK_WORN', { wornSteps: 10 }, { wornSteps: 2 }),
  shown('fan stands still', 'E_FAN', { fanRpm: 0 }, { fanRpm: 2_400 }),
  shown('fan stands still and it gets hot', 'E_FAN', { fanRpm: 0, cpuC: 90 }, { fanRpm: 2_400, cpuC: 55 }),
  {
    ...{ name: 'door open', code: 'E_DOOR_OPEN' },
    make: ({ lines }) => void lines.set('door', true),
    end: ({ lines }) => void lines.set('door', false),
  },
  shown(
    'memory used up',
    'E_MEMORY_LOW',
    { availableMb: 20, stallPercent: 40 },
    { availableMb: 400, stallPercent: 0 },
  ),
];

/** What one fault told. */
export interface FaultTold {
  readonly name: string;
  readonly wanted: string;
  readonly told: string[];
  readonly right: boolean;
}

const LASTS_MS = 30 * 60_000;

/** Makes each fault, holds it for half an hour, ends it, and waits two hours: what was told? @param folder gives an empty folder */
export async function injectFaults(folder: (name: string) => Promise<string>): Promise<FaultTold[]> {
  const found: FaultTold[] = [];
  for (const [i, fault] of INJECTED_FAULTS.entries()) {
    const bench = await HealthBench.open(await folder(`fault-${i}`));
    await bench.pass(60_000);
    await fault.make(bench);
    await bench.pass(LASTS_MS);
    const during = bench.codes();
    await fault.end(bench);
    await bench.pass(4 * LASTS_MS);
    const told = [...during, ...bench.codes()];
    const right = during.join() === `+${fault.code}` && told.join() === `+${fault.code},-${fault.code}`;
    found.push({ name: fault.name, wanted: fault.code, told, right });
  }
  return found;
}

/** A start at 90 °C: hot from the first reading on, then it cools. */
export async function coldStartInHeat(folder: string): Promise<FaultTold> {
  const bench = await HealthBench.open(folder);
  await bench.kernel.show({ amplifierC: 90 });
  await bench.pass(LASTS_MS);
  await bench.kernel.show({ amplifierC: 45 });
  await bench.pass(LASTS_MS);
  const told = bench.codes();
  return { name: 'start in heat', wanted: 'E_HOT', told, right: told.join() === '+E_HOT,-E_HOT' };
}

/** The most that one input told within any hour while it flapped. */
export interface FlappingTold {
  readonly name: string;
  readonly changes: number;
  readonly events: number;
  readonly mostAnHour: number;
}

/** Each fault comes and goes, an hour in each of the rhythms. */
export async function flap(
  folder: (name: string) => Promise<string>,
  rhythmsMs: readonly number[],
): Promise<FlappingTold[]> {
  const found: FlappingTold[] = [];
  for (const [i, fault] of INJECTED_FAULTS.entries()) {
    const bench = await HealthBench.open(await folder(`flap-${i}`));
    const at: number[] = [];
    let changes = 0;
    for (const everyMs of rhythmsMs) {
      for (let leftMs = 3_600_000; leftMs > 0; leftMs -= everyMs) {
        changes += 1;
        await (changes % 2 === 1 ? fault.make(bench) : fault.end(bench));
        await bench.pass(everyMs);
        at.push(...bench.codes().map(() => bench.clock.monotonicMs()));
      }
    }
    const within = at.map((from) => at.filter((one) => one >= from && one < from + 3_600_000).length);
    found.push({ name: fault.name, changes, events: at.length, mostAnHour: Math.max(0, ...within) });
  }
  return found;
}
