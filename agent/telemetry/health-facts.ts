import type { HealthReading, ModemReading } from '../../hardware/types.js';
import type { ClockState } from '../commands/clock-trust.js';
import { SINK_CODES } from './alarm-rules.js';
import type { AlarmFields, Fact } from './alarm-state.js';

/** Everything that alarms are judged by; what is absent says nothing. */
export interface HealthFacts extends HealthReading {
  readonly clock?: ClockState;
  /** How the loudspeaker line is, by its supervision. */
  readonly line?: 'normal' | 'open' | 'short';
  /** The modem that the board has; `gone` where it does not show. */
  readonly modem?: ModemReading | 'gone';
  /** The sink is open: whatever took it away is over. */
  readonly sinkOk?: boolean;
  /** Beats come. */
  readonly beats?: boolean;
}

/** Cooler than its limit by so much, it is no longer hot. */
const COOLED_C = 5;
/** Free disk below which it is full, and above which it is not: the larger of MB and a share of the whole. */
const DISK = { fullMb: 64, fullShare: 0.02, wellMb: 128, wellShare: 0.04 } as const;
const WORN_PERCENT = 90;
/** Memory: shares of the whole, and of the time in which something waited for it. */
const MEMORY = { low: 0.05, well: 0.1, stallPercent: 25, calmPercent: 10 } as const;

type Is = Fact['is'];

/** What the readings say of each alarm. Pure. A reading between its two limits leaves the alarm as it is. */
export function factsOf(health: HealthFacts): Fact[] {
  return [
    ...powerFacts(health),
    ...housingFacts(health),
    ...diskFacts(health.disk),
    ...memoryFacts(health.memory),
    ...clockFacts(health.clock),
    ...modemFacts(health.modem),
    ...lineFacts(health.line),
    ...(health.sinkOk === true
      ? SINK_CODES.map((code) => fact(code, 'off', 'the sound output is open'))
      : []),
    ...(health.beats === true ? [fact('E_BEAT_MISSING', 'off', 'beats come')] : []),
  ];
}

function fact(code: string, is: Is | boolean, detail: string, fields?: AlarmFields): Fact {
  const state = typeof is === 'boolean' ? (is ? 'on' : 'off') : is;
  return { code, is: state, detail, ...(fields === undefined ? {} : { fields }) };
}

function powerFacts({ mains, supply, battery }: HealthFacts): Fact[] {
  const volts = (v: number | undefined): AlarmFields | undefined =>
    v === undefined ? undefined : { volts: v };
  const STATES = { low: 'on', ok: 'off', between: 'between' } as const;
  return [
    ...(mains === undefined ? [] : [fact('E_MAINS_LOST', !mains, mains ? 'mains are back' : 'mains lost')]),
    ...(supply === undefined
      ? []
      : [fact('E_SUPPLY_LOW', STATES[supply.state], `supply ${supply.state}`, volts(supply.v))]),
    ...(battery === undefined
      ? []
      : [
          fact('E_BATTERY_LOW', STATES[battery.state], `battery ${battery.state}`, {
            ...volts(battery.v),
            ...(battery.percent === undefined ? {} : { percent: battery.percent }),
          }),
        ]),
  ];
}

function housingFacts({ temperatures, fan, doorOpen }: HealthFacts): Fact[] {
  return [
    ...heatFacts(temperatures ?? []),
    ...(fan === undefined
      ? []
      : [
          fact(
            'E_FAN',
            fan.failed,
            fan.failed ? 'the fan stands still' : 'the fan turns',
            fan.rpm === undefined ? undefined : { rpm: fan.rpm },
          ),
        ]),
    ...(doorOpen === undefined
      ? []
      : [fact('E_DOOR_OPEN', doorOpen, doorOpen ? 'the door is open' : 'the door is closed')]),
  ];
}

function heatFacts(temperatures: NonNullable<HealthReading['temperatures']>): Fact[] {
  const [nearest] = [...temperatures].sort((one, other) => other.c - other.highC - (one.c - one.highC));
  if (nearest === undefined) return [];
  const { name, c, highC, criticalC } = nearest;
  const is = c >= highC ? 'on' : c < highC - COOLED_C ? 'off' : 'between';
  const fields = { sensor: name, temperatureC: c, critical: c >= criticalC };
  return [fact('E_HOT', is, `${name}: ${c} °C, its limit is ${highC} °C`, fields)];
}

function diskFacts(disk: HealthReading['disk']): Fact[] {
  if (disk === undefined) return [];
  const { readOnly, errors, wornPercent, freeMb, totalMb } = disk;
  const limit = (mb: number, share: number): number =>
    Math.min(mb, Math.max(8, share * (totalMb ?? Infinity)));
  const room = (free: number): Is => {
    if (free < limit(DISK.fullMb, DISK.fullShare)) return 'on';
    return free >= limit(DISK.wellMb, DISK.wellShare) ? 'off' : 'between';
  };
  return [
    fact('E_DISK_READ_ONLY', readOnly, readOnly ? 'the file system is read-only' : 'it can be written again'),
    ...(errors === undefined
      ? []
      : [fact('E_DISK_ERRORS', errors > 0, `${errors} errors of the file system`, { errors })]),
    ...(freeMb === undefined ? [] : [fact('E_DISK_FULL', room(freeMb), `${freeMb} MB free`, { freeMb })]),
    ...(wornPercent === undefined
      ? []
      : [fact('E_DISK_WORN', wornPercent >= WORN_PERCENT, `${wornPercent} % worn`, { wornPercent })]),
  ];
}

function memoryFacts(memory: HealthReading['memory']): Fact[] {
  if (memory === undefined || memory.totalMb <= 0) return [];
  const { availableMb, totalMb, stallPercent = 0 } = memory;
  const share = availableMb / totalMb;
  const low = share < MEMORY.low || stallPercent > MEMORY.stallPercent;
  const well = share >= MEMORY.well && stallPercent < MEMORY.calmPercent;
  const is = low ? 'on' : well ? 'off' : 'between';
  return [
    fact('E_MEMORY_LOW', is, `${availableMb} of ${totalMb} MB available`, { availableMb, stallPercent }),
  ];
}

function clockFacts(clock: ClockState | undefined): Fact[] {
  if (clock === undefined) return [];
  return [fact('E_CLOCK_UNKNOWN', clock === 'behind' || clock === 'ahead', `the clock is ${clock}`)];
}

function modemFacts(modem: HealthFacts['modem']): Fact[] {
  if (modem === undefined) return [];
  if (modem === 'gone') return [fact('E_MODEM_GONE', true, 'no modem is there')];
  const { sim, state } = modem;
  return [
    fact('E_MODEM_GONE', state === 'failed' && sim === 'ready', `the modem is ${state}`),
    fact('E_SIM', sim !== 'ready', `the SIM is ${sim}`),
  ];
}

function lineFacts(line: HealthFacts['line']): Fact[] {
  if (line === undefined) return [];
  return [
    fact('E_LINE_SHORT', line === 'short', `the loudspeaker line is ${line}`),
    fact('E_LINE_OPEN', line === 'open', `the loudspeaker line is ${line}`),
  ];
}
