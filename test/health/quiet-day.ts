import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SinkReading } from '../../agent/sink-watch.js';
import { healthFields } from '../../agent/telemetry/health-reading.js';
import { TelemetryLoop, type ProgramReading } from '../../agent/telemetry/telemetry.js';
import type { Reading } from '../../agent/telemetry/dead-band.js';
import { linuxMachine } from '../../hardware/sensors/machine.js';
import { openHealth } from '../../hardware/sensors/health.js';
import type { ModemReading } from '../../hardware/types.js';
import { Random } from '../security/random.js';
import { KeptLog } from '../support/kept-log.js';
import { ManualClock } from '../support/manual-clock.js';
import { FAKE_SENSORS, FakeKernel } from './fake-board.js';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function sinkReading(cardPpm: number): SinkReading {
  return { kind: 'alsa', ok: true, underruns: 0, bufferMs: 40, cardPpm, position: 'card' };
}

/** What a receiver with every sensor says of a day on which nothing happens. */
export interface QuietDay {
  /** All there is, after a birth. */
  readonly whole: Reading;
  /** What was sent on the day. */
  readonly changes: readonly Reading[];
}

/** A temperature over the day: warm at two in the afternoon, with the noise of a sensor. */
function warm(minute: number, mean: number, swing: number, noise: number): number {
  return mean - swing * Math.cos((2 * Math.PI * (minute - 120)) / DAY_MINUTES) + noise;
}

/**
 * A day in virtual time with the real loop, dead bands and fields: temperatures follow the sun by ±7 °C, the modem's signal fades by some dB, the
 * load follows the machine's other work, the battery is full.
 */
export async function quietDay(seed: number): Promise<QuietDay> {
  const random = new Random(seed);
  const noise = (size: number): number => (random.next() / 2 ** 31 - 1) * size;
  const clock = new ManualClock();
  let minute = 0;
  const modem = (): ModemReading => ({
    ...{ state: 'connected', sim: 'ready', operator: 'Viettel', technology: 'lte', band: 'b3' },
    ...{ signalPercent: Math.round(60 + noise(10)), rsrpDbm: Math.round(-95 + noise(4)) },
    ...{ rsrqDb: Math.round(-10 + noise(2)), sinrDb: Math.round(12 + noise(4)), usedMb: minute / 10 },
  });
  const cpu = (): number => Math.round(warm(minute, 52, 7, noise(0.7)) * 10) / 10;
  const amplifier = (): number => Math.round(warm(minute, 38, 7, noise(0.5)) * 10) / 10;
  const sent: Reading[] = [];
  const program = (): ProgramReading => ({
    ...{ processUptimeS: minute * 60, onAir: undefined, levelDb: -200, secondsOnAirToday: 0 },
    sink: sinkReading(noise(3)),
    ...{ queued: 0, plan: { schedules: 6, sha256: 'a'.repeat(64) }, certificateDaysLeft: 300 },
    beatAgeS: (minute % 15) * 60,
    pathTest: { at: '2026-11-23T03:00:00.000Z', ok: true },
    upkeep: {
      ...healthFields(
        {
          temperatures: [
            { name: 'cpu', c: cpu(), highC: 80, criticalC: 95 },
            { name: 'amplifier', c: amplifier(), highC: 70, criticalC: 85 },
          ],
          fan: { rpm: Math.round(2_400 + noise(60)), failed: false },
          mains: true,
          supply: { v: Math.round((12.1 + noise(0.05)) * 100) / 100, state: 'ok' },
          battery: {
            v: Math.round((13.1 + noise(0.03)) * 100) / 100,
            percent: 97,
            charging: true,
            state: 'ok',
          },
          doorOpen: false,
          disk: { readOnly: false, errors: 0, wornPercent: 20 },
        },
        modem(),
      ),
      ...{ clock: 'trusted', cache: { files: 42, mb: 180.5, missing: 0 }, dropped: 0, alarms: [] },
      billedTodayMb: Math.round(minute / 10) / 10,
      lastReceiptAt: '2026-11-23T03:00:00.000Z',
    },
  });
  const loop = new TelemetryLoop({
    machine: {
      read: async () => ({
        ...{ uptimeS: minute * 60, load1: Math.abs(noise(2.5)), processRssMb: 90 + noise(8) },
        ...{ memoryAvailableMb: 400 + noise(60), diskFreeMb: 5_000 - minute / 100 },
        interfaces: ['eth0', 'wlan0', 'wwan0'].map((name) => ({
          ...{ name, up: name !== 'wlan0', receivedBytes: minute * 9_000, sentBytes: minute * 7_000 },
        })),
      }),
    },
    boardFacts: async () => ({
      ...{ model: 'Raspberry Pi 4 Model B Rev 1.4', os: 'Debian GNU/Linux 13 (trixie)', memoryMb: 1_846 },
      ...{ kernel: '6.12.47+rpt-rpi-v8', cpu: 'ARM Cortex-A72, 4 cores at 1.5 GHz' },
    }),
    ...{ program, clock, log: new KeptLog(), random: () => random.next() / 2 ** 32 },
    send: async (body) => {
      sent.push(body);
      return true;
    },
    ...{ everyMs: MINUTE_MS, heartbeatMs: 15 * MINUTE_MS },
  });
  loop.start();
  await settled();
  await loop.now();
  for (; minute < DAY_MINUTES; minute += 1) {
    clock.advance(MINUTE_MS);
    await settled();
  }
  loop.close();
  const [whole, ...changes] = sent;
  if (whole === undefined) throw new Error('no birth');
  return { whole, changes };
}

/** What one reading of everything costs. */
export interface ReadingCost {
  readonly readings: number;
  /** CPU of the whole process for one, milliseconds. */
  readonly cpuMs: number;
  /** Child processes that were begun meanwhile. */
  readonly children: number;
}

/**
 * Reads every sensor of a fake board, and the machine's own, again and again.
 * @param folder an empty one
 * @param children counts the child processes begun so far
 */
export async function readingCost(
  folder: string,
  readings: number,
  children: () => number,
): Promise<ReadingCost> {
  await mkdir(join(folder, 'kernel'), { recursive: true });
  const kernel = await FakeKernel.make(join(folder, 'kernel'));
  const line = (): boolean => false;
  const sensor = await openHealth({ roots: kernel.roots, board: FAKE_SENSORS, stateFolder: folder, line });
  const machine = linuxMachine(folder);
  const read = async (): Promise<void> => {
    await sensor.read();
    await machine.read();
  };
  for (let n = 0; n < 50; n += 1) await read();
  const [before, begun] = [process.cpuUsage(), children()];
  for (let n = 0; n < readings; n += 1) await read();
  const { user, system } = process.cpuUsage(before);
  return { readings, cpuMs: (user + system) / 1_000 / readings, children: children() - begun };
}
