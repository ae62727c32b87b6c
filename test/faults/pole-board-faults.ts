import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HardwareFacts } from '../../agent/technician/diagnose/facts.js';
import type { FakeValues } from '../health/fake-board.js';
import type { FakeModemState } from '../health/fake-modem.js';
import { freePort } from '../support/free-port.js';
import type { PoleBench } from './pole-bench.js';
import type { PoleFault } from './pole-fault.js';

type Ways = Pick<PoleFault, 'part' | 'seed' | 'mend'>;

/** Sensors that show this, until the receiver tells of it. */
function sensed(
  bad: Partial<FakeValues>,
  good: Partial<FakeValues>,
  seen: (told: HardwareFacts) => boolean,
): Ways {
  return {
    part: 'real',
    async seed(bench) {
      await bench.hardware.kernel.show(bad);
      await bench.told('the sensors are read', seen);
      return undefined;
    },
    async mend(bench) {
      await bench.hardware.kernel.show(good);
      await bench.told('the sensors are read again', (told) => !seen(told));
    },
  };
}

/** A line by which the amplifier tells of a fault. */
function amplifier(
  name: Parameters<PoleBench['hardware']['fault']>[0],
  seen: (told: HardwareFacts) => boolean,
): Ways {
  return {
    part: 'real',
    async seed(bench) {
      await bench.hardware.fault(name, true);
      await bench.told('the amplifier tells of it', seen);
      return undefined;
    },
    async mend(bench) {
      await bench.hardware.fault(name, false);
      await bench.told('the amplifier is well', (told) => !seen(told));
    },
  };
}

/** A modem that brings no network: it is so from the receiver's start on, and no broker is reached. */
function modem(
  state: Partial<FakeModemState>,
  seen: (told: NonNullable<HardwareFacts['modem']>) => boolean,
): Ways {
  return {
    part: 'recorded',
    async seed(bench) {
      await bench.receiver.stop();
      await bench.calm();
      bench.board.lead(await freePort());
      await bench.hardware.modem.show(state);
      await bench.receiver.start();
      await bench.told('the modem is read', (told) => told.modem !== undefined && seen(told.modem));
      return undefined;
    },
    async mend(bench) {
      await bench.hardware.modem.show({});
      bench.board.lead(bench.rig.mosquitto.port);
      await bench.restart();
    },
  };
}

const mainsLost = ({ mainsLost: lost }: HardwareFacts): boolean => lost === true;

/** Faults of supply, heat, amplifier, loudspeaker line and modem: told by the running receiver of a simulated board. */
export const BOARD_FAULTS: readonly PoleFault[] = [
  {
    ...{ name: 'mains lost', code: 'E_MAINS_LOST', remedy: /breaker/ },
    // The supply sags with it: what comes first is named.
    ...sensed({ mains: false, supplyV: 10.4 }, { mains: true, supplyV: 12.1 }, mainsLost),
  },
  {
    ...{ name: 'weak supply', code: 'E_POWER_LOW', remedy: /supply/ },
    ...sensed({ supplyV: 10.4 }, { supplyV: 12.1 }, ({ supplyLow }) => supplyLow === true),
  },
  {
    ...{ name: 'battery empty', code: 'E_BATTERY_LOW', remedy: /battery/ },
    ...sensed({ batteryV: 10.9 }, { batteryV: 12.9 }, ({ batteryLow }) => batteryLow === true),
  },
  {
    ...{ name: 'hot board', code: 'E_BOARD_HOT', remedy: /vents/ },
    ...sensed({ cpuC: 91 }, { cpuC: 55 }, ({ hot }) => hot?.startsWith('cpu') === true),
  },
  {
    ...{ name: 'hot amplifier, by its sensor', code: 'E_BOARD_HOT', remedy: /vents/ },
    ...sensed({ amplifierC: 74 }, { amplifierC: 45 }, ({ hot }) => hot?.startsWith('amplifier') === true),
  },
  {
    ...{ name: 'fan stands still', code: 'E_FAN', remedy: /plug/ },
    ...sensed({ fanRpm: 0 }, { fanRpm: 2_400 }, ({ fanFailed }) => fanFailed === true),
  },
  {
    ...{ name: 'no memory left', code: 'E_MEMORY_LOW', remedy: /restart/ },
    ...sensed({ availableMb: 9 }, { availableMb: 400 }, () => true),
    mend: async ({ hardware }) => hardware.kernel.show({ availableMb: 400 }),
  },
  {
    ...{ name: 'no SIM', code: 'E_SIM_ABSENT', remedy: /seat the SIM/ },
    ...modem({ state: -1, failed: 2 }, ({ sim }) => sim === 'absent'),
  },
  {
    ...{ name: 'SIM locked', code: 'E_SIM_LOCKED', remedy: /PIN/ },
    ...modem({ state: 2, lock: 2 }, ({ sim }) => sim === 'locked'),
  },
  {
    ...{ name: 'SIM without credit', code: 'E_MODEM_REGISTER', remedy: /credit/ },
    ...modem({ state: 7 }, ({ registered }) => registered === false),
  },
  {
    ...{ name: 'weak signal', code: 'E_MODEM_SIGNAL', remedy: /antenna/ },
    ...modem({ rsrp: -118 }, ({ signalDbm }) => signalDbm === -118),
  },
  {
    ...{ name: 'wrong APN', code: 'E_MODEM_APN', remedy: /APN/ },
    ...modem({ state: 8, apn: 'wrong' }, ({ apn }) => apn === 'wrong'),
  },
  {
    ...{ name: 'modem dead', code: 'E_MODEM_GONE', remedy: /cable/ },
    ...modem({ there: false }, ({ gone }) => gone === true),
  },
  {
    ...{ name: 'amplifier hot', code: 'E_AMPLIFIER_HOT', remedy: /cool/ },
    ...amplifier('hot', ({ amplifier: one }) => one?.hot === true),
  },
  {
    ...{ name: 'amplifier undervoltage', code: 'E_AMPLIFIER_UNDERVOLTAGE', remedy: /power supply/ },
    ...amplifier('undervoltage', ({ amplifier: one }) => one?.fault !== undefined),
  },
  {
    ...{ name: 'amplifier lines cannot be driven', part: 'real', code: 'E_AMPLIFIER_LINES' },
    remedy: /loa board check/,
    async seed(bench) {
      const log = join(bench.hardware.lines, 'lines.log');
      await rm(log);
      await mkdir(log);
      await bench.receiver.loa(['tone', '--seconds', '0.2']);
      await bench.told('a line is not driven', ({ amplifier: one }) => one?.fault !== undefined);
      return undefined;
    },
    async mend(bench) {
      const log = join(bench.hardware.lines, 'lines.log');
      await bench.receiver.stop();
      await rm(log, { recursive: true });
      await writeFile(log, '');
      await bench.restart();
    },
  },
  {
    ...{ name: 'open line', code: 'E_LINE_OPEN', remedy: /impedance/ },
    ...amplifier('open', ({ line }) => line === 'open'),
  },
  {
    ...{ name: 'shorted line', code: 'E_LINE_SHORT', remedy: /bare wire/ },
    ...amplifier('short', ({ line }) => line === 'short'),
  },
];
