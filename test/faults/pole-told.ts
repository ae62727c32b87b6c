import type { Facts } from '../../agent/technician/diagnose/facts.js';
import type { PoleFault } from './pole-fault.js';

type Running = Extract<NonNullable<Facts['program']>, { kind: 'running' }>;

/** The answers of a receiver that is well, changed. */
function answering(well: Facts, change: (of: Running) => Partial<Running>): Partial<Facts> {
  if (well.program?.kind !== 'running') throw new Error('the receiver does not answer');
  return { program: { ...well.program, ...change(well.program) } };
}

/** What a modem tells that is away from its network; the link is down with it. */
function modem(of: NonNullable<NonNullable<Facts['hardware']>['modem']>): (well: Facts) => Partial<Facts> {
  return (well) => ({
    ...answering(well, ({ status }) =>
      status === undefined ? {} : { status: { ...status, link: { ...status.link, kind: 'waiting' } } },
    ),
    hardware: { ...well.hardware, modem: of },
    network: { ports: [{ name: 'wwan0', up: false, addresses: [] }], local: false, route: false },
    broker: {
      host: 'mqtt.tinh.example',
      port: 8883,
      dns: { kind: 'failed', code: 'E_LINK_DNS', detail: 'EAI_AGAIN' },
    },
  });
}

/** Faults of parts that are not on this machine: the fact as board or modem would tell it, judged by the running chain. */
export const TOLD_FAULTS: readonly PoleFault[] = [
  {
    ...{ name: 'mains lost', part: 'told', code: 'E_MAINS_LOST', remedy: /breaker/ },
    facts: (well) => ({ hardware: { ...well.hardware, mainsLost: true } }),
  },
  {
    ...{ name: 'weak supply', part: 'told', code: 'E_POWER_LOW', remedy: /supply/ },
    facts: () => ({ power: { undervoltage: true } }),
  },
  {
    ...{ name: 'hot board', part: 'told', code: 'E_BOARD_HOT', remedy: /vents/ },
    facts: (well) => ({ machine: { ...well.machine, temperatureC: 91 } }),
  },
  {
    ...{ name: 'no memory left', part: 'told', code: 'E_MEMORY_LOW', remedy: /restart/ },
    facts: (well) => ({ machine: { ...well.machine, memoryAvailableMb: 9 } }),
  },
  {
    ...{ name: 'no SIM', part: 'told', code: 'E_SIM_ABSENT', remedy: /seat the SIM/ },
    facts: modem({ sim: 'absent' }),
  },
  {
    ...{ name: 'SIM locked', part: 'told', code: 'E_SIM_LOCKED', remedy: /PIN/ },
    facts: modem({ sim: 'locked' }),
  },
  {
    ...{ name: 'SIM without credit', part: 'told', code: 'E_MODEM_REGISTER', remedy: /credit/ },
    facts: modem({ sim: 'ready', registered: false, signalDbm: -80 }),
  },
  {
    ...{ name: 'weak signal', part: 'told', code: 'E_MODEM_SIGNAL', remedy: /antenna/ },
    facts: modem({ sim: 'ready', registered: true, signalDbm: -118 }),
  },
  {
    ...{ name: 'wrong APN', part: 'told', code: 'E_MODEM_APN', remedy: /APN/ },
    facts: modem({ sim: 'ready', registered: true, attached: false, signalDbm: -85, apn: 'wrong' }),
  },
  {
    ...{ name: 'the beat is missing', part: 'told', code: 'E_BEAT_MISSING', remedy: /beats/ },
    facts: (well) =>
      answering(well, ({ why }) =>
        why?.path === undefined
          ? {}
          : { why: { ...why, path: { ...why.path, beatMissing: true, beatAgeMs: 3_000_000 } } },
      ),
  },
  {
    ...{ name: 'amplifier faulty', part: 'told', code: 'E_AMPLIFIER_FAULT', remedy: /fuse/ },
    facts: (well) => ({
      hardware: { ...well.hardware, amplifier: { state: 'off', fault: 'relay 2 does not close' } },
    }),
  },
  {
    ...{ name: 'amplifier hot', part: 'told', code: 'E_AMPLIFIER_HOT', remedy: /cool/ },
    facts: (well) => ({ hardware: { ...well.hardware, amplifier: { state: 'off', hot: true } } }),
  },
  {
    ...{ name: 'open line', part: 'told', code: 'E_LINE_OPEN', remedy: /impedance/ },
    facts: (well) => ({ hardware: { ...well.hardware, line: 'open' } }),
  },
  {
    ...{ name: 'shorted line', part: 'told', code: 'E_LINE_SHORT', remedy: /bare wire/ },
    facts: (well) => ({ hardware: { ...well.hardware, line: 'short' } }),
  },
  {
    ...{ name: 'nobody hears the tone', part: 'told', code: 'E_TONE_UNHEARD', remedy: /amplifier/ },
    facts: () => ({ tone: 'unheard' }),
  },
];
