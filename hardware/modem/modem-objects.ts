import { z } from 'zod';
import type { ModemReading } from '../types.js';

const variant = z.object({ data: z.unknown() });
const answer = z.object({
  data: z.tuple([z.record(z.string(), z.record(z.string(), z.record(z.string(), variant)))]),
});

const bearerAnswer = z.object({ data: z.tuple([z.object({ data: z.record(z.string(), variant) })]) });

/** A modem as ModemManager shows it on the bus. */
export interface ManagedModem {
  readonly path: string;
  readonly reading: ModemReading;
  /** Name of its network interface, where it has one. */
  readonly network: string | undefined;
  /** The bearer that carries its data, where one was set up. */
  readonly bearer: string | undefined;
  /** Its signal is not measured yet: `Modem.Signal.Setup` would begin it. */
  readonly unmeasured: boolean;
}

type Properties = Readonly<Record<string, { readonly data?: unknown }>>;

const MODEM = 'org.freedesktop.ModemManager1.Modem';
/** MMModemState, from -1 on. */
const STATES = [
  ...['failed', 'unknown', 'initializing', 'locked', 'disabled', 'disabling', 'enabling', 'enabled'],
  ...['searching', 'registered', 'disconnecting', 'connecting', 'connected'],
];
/** MMModemAccessTechnology, the newest first. */
const TECHNOLOGIES: readonly (readonly [number, string])[] = [
  ...([
    [15, '5gnr'],
    [14, 'lte'],
    [16, 'lte-m'],
    [17, 'nb-iot'],
    [9, 'hspa+'],
    [8, 'hspa'],
  ] as const),
  ...([
    [7, 'hsupa'],
    [6, 'hsdpa'],
    [5, 'umts'],
    [4, 'edge'],
    [3, 'gprs'],
    [1, 'gsm'],
  ] as const),
];
/** MMModemStateFailedReason: the SIM is missing; it has an error. */
const SIM_MISSING = 2;
const SIM_ERROR = 3;
/** MMModemLock: none; the second PIN, which locks no data. */
const UNLOCKED: readonly unknown[] = [0, 1, 3, undefined];
/** Of the bus, as busctl takes it on its command line. */
const OBJECT_PATH = /^\/[\w/]{1,200}$/;
/** MMModemPortType. */
const PORT_NET = 2;

/**
 * Reads what `busctl --json=short call … GetManagedObjects` prints. Pure.
 * @param withImei whether the reading names the device (it identifies it, and so whoever is near)
 * @throws where it is no such answer
 */
export function modemsOf(text: string, withImei: boolean): ManagedModem[] {
  const [objects] = answer.parse(JSON.parse(text)).data;
  return Object.entries(objects).flatMap(([path, interfaces]): ManagedModem[] => {
    const modem = interfaces[MODEM];
    // It goes back to busctl as a word of its command line.
    if (modem === undefined || !OBJECT_PATH.test(path)) return [];
    const threeGpp = interfaces[`${MODEM}.Modem3gpp`] ?? {};
    const signal = interfaces[`${MODEM}.Signal`];
    return [
      {
        path,
        reading: readingOf(modem, threeGpp, signal ?? {}, withImei),
        network: networkOf(modem),
        bearer: bearerOf(modem),
        unmeasured: signal !== undefined && numberOf(signal, 'Rate') === 0,
      },
    ];
  });
}

function readingOf(
  modem: Properties,
  threeGpp: Properties,
  signal: Properties,
  withImei: boolean,
): ModemReading {
  const optional: { [K in keyof ModemReading]?: ModemReading[K] | undefined } = {
    operator: textOf(threeGpp, 'OperatorName'),
    technology: technologyOf(numberOf(modem, 'AccessTechnologies') ?? 0),
    signalPercent: firstOf(modem['SignalQuality']?.data),
    ...signalOf(signal),
    band: bandOf(modem['CurrentBands']?.data),
    imei: withImei ? textOf(modem, 'EquipmentIdentifier') : undefined,
  };
  return {
    state: STATES[(numberOf(modem, 'State') ?? 0) + 1] ?? 'unknown',
    sim: simOf(modem),
    ...(Object.fromEntries(
      Object.entries(optional).filter(([, value]) => value !== undefined),
    ) as Partial<ModemReading>),
  };
}

function simOf(modem: Properties): ModemReading['sim'] {
  const reason = numberOf(modem, 'StateFailedReason');
  if (reason === SIM_MISSING) return 'missing';
  if (reason === SIM_ERROR) return 'failed';
  return UNLOCKED.includes(modem['UnlockRequired']?.data) ? 'ready' : 'locked';
}

function technologyOf(bits: number): string | undefined {
  return TECHNOLOGIES.find(([bit]) => (bits & (1 << bit)) !== 0)?.[1];
}

/** RSRP, RSRQ and SINR of the newest technology that gives them. */
function signalOf(signal: Properties): { rsrpDbm?: number; rsrqDb?: number; sinrDb?: number } {
  for (const technology of ['Nr5g', 'Lte']) {
    const table = z.record(z.string(), variant).safeParse(signal[technology]?.data).data ?? {};
    const value = (name: string): number | undefined => {
      const number = z.number().min(-300).max(300).safeParse(table[name]?.data).data;
      return number === undefined ? undefined : Math.round(number * 10) / 10;
    };
    const [rsrp, rsrq, snr] = [value('rsrp'), value('rsrq'), value('snr')];
    if (rsrp === undefined) continue;
    return {
      rsrpDbm: rsrp,
      ...(rsrq === undefined ? {} : { rsrqDb: rsrq }),
      ...(snr === undefined ? {} : { sinrDb: snr }),
    };
  }
  return {};
}

/** MMModemBand: 31 is LTE band 1, 301 is n1. It lists what is allowed: one alone is the band in use. */
function bandOf(bands: unknown): string | undefined {
  const list = z.array(z.number()).max(200).safeParse(bands).data ?? [];
  const [only] = list;
  if (only === undefined || list.length > 1) return undefined;
  if (only > 300) return `n${only - 300}`;
  return only > 30 && only < 120 ? `b${only - 30}` : undefined;
}

function networkOf(modem: Properties): string | undefined {
  const ports = z.array(z.tuple([z.string(), z.number()])).safeParse(modem['Ports']?.data).data ?? [];
  const name = ports.find(([, type]) => type === PORT_NET)?.[0];
  return name !== undefined && /^[\w.-]{1,15}$/.test(name) ? name : undefined;
}

function bearerOf(modem: Properties): string | undefined {
  const paths = z.array(z.string().regex(OBJECT_PATH)).safeParse(modem['Bearers']?.data).data ?? [];
  return paths.find((path) => path !== '/');
}

/**
 * Reads what `busctl --json=short call … Get ss …Bearer Properties` prints: the access point's name; undefined where it has none. Pure.
 * @throws where it is no such answer
 */
export function apnOf(text: string): string | undefined {
  const properties = bearerAnswer.parse(JSON.parse(text)).data[0].data;
  return textOf(properties, 'apn');
}

function numberOf(properties: Properties, name: string): number | undefined {
  const value = properties[name]?.data;
  return typeof value === 'number' ? value : undefined;
}

function textOf(properties: Properties, name: string): string | undefined {
  const value = properties[name]?.data;
  return typeof value === 'string' && value !== '' ? value.slice(0, 60) : undefined;
}

function firstOf(value: unknown): number | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  return typeof first === 'number' ? first : undefined;
}
