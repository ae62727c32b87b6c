import type { Telemetry } from '../../protocols/messages/up.js';

/** A reading as it is sent. */
export type Reading = Telemetry['body'];

/** By how much a value must differ from the one that the province knows before it is sent again. */
type Band =
  | { readonly kind: 'by'; readonly least: number }
  /** Of the larger of both. */
  | { readonly kind: 'share'; readonly least: number };

/** Values that are not here (times, counters of bytes, the level of what is heard) go with the heartbeat. */
const BANDS: Partial<Record<keyof Reading, Band>> = {
  load1: { kind: 'by', least: 1.5 },
  memoryAvailableMb: { kind: 'share', least: 0.3 },
  processRssMb: { kind: 'share', least: 0.3 },
  diskFreeMb: { kind: 'share', least: 0.1 },
  temperatureC: { kind: 'by', least: 4 },
  queued: { kind: 'by', least: 20 },
  certificateDaysLeft: { kind: 'by', least: 7 },
  beatAgeS: { kind: 'by', least: 1_800 },
  fanRpm: { kind: 'share', least: 0.3 },
  billedTodayMb: { kind: 'by', least: 5 },
  dropped: { kind: 'by', least: 1 },
};

/**
 * What moves with the work of the machine and not with its health: beyond its dead band it goes with the next reading, at
 * the latest the heartbeat. A busy hour would otherwise cost a reading a minute.
 */
const RESTLESS: ReadonlySet<string> = new Set<keyof Reading>([
  'load1',
  'memoryAvailableMb',
  'processRssMb',
  'queued',
  'billedTodayMb',
  'dropped',
  'lastReceiptAt',
  'cache',
  'fanRpm',
]);

/** What is not a number and is sent whenever it is another. */
const EXACT = [
  'onAir',
  'sink',
  'interfaces',
  'board',
  'plan',
  'pathTest',
  'power',
  'temperatures',
  'doorOpen',
  'disk',
  'modem',
  'position',
  'clock',
  'cache',
  'lastReceiptAt',
  'alarms',
  'update',
] as const satisfies readonly (keyof Reading)[];

/**
 * The fields of a reading that the province does not know within their dead bands. Pure.
 * @param known the newest value of each field that was sent
 */
export function changedFields(known: Partial<Reading>, now: Reading): Partial<Reading> {
  const changed: Record<string, unknown> = {};
  for (const [name, band] of Object.entries(BANDS)) {
    const field = name as keyof Reading;
    if (beyond(known[field], now[field], band)) changed[field] = now[field];
  }
  for (const field of EXACT) {
    if (differs(field, known, now)) changed[field] = now[field];
  }
  // Off air is told as such: absent would mean that nothing has changed.
  if ('onAir' in changed && now.onAir === undefined) changed['onAir'] = null;
  return changed;
}

/** Whether one of the changed fields is worth a reading of its own before the next heartbeat. Pure. */
export function isPressing(changed: Partial<Reading>): boolean {
  return Object.keys(changed).some((field) => !RESTLESS.has(field));
}

function beyond(before: unknown, after: unknown, band: Band): boolean {
  if (typeof after !== 'number') return false;
  if (typeof before !== 'number') return true;
  const distance = Math.abs(after - before);
  if (band.kind === 'by') return distance >= band.least;
  return distance >= band.least * Math.max(Math.abs(after), Math.abs(before)) && distance > 0;
}

function differs(field: (typeof EXACT)[number], known: Partial<Reading>, now: Partial<Reading>): boolean {
  if (field === 'power' || field === 'temperatures' || field === 'modem' || field === 'position')
    return tableDiffers(known[field] ?? {}, now[field] ?? {});
  return comparable(field, known) !== comparable(field, now);
}

/** Within a table, by how much a number must differ: what is not here goes with whatever else is told. */
const WITHIN: Readonly<Record<string, number>> = {
  ...{ supplyV: 0.5, batteryV: 0.5, batteryPercent: 10 },
  // A hundred metres; what is nearer is the satellites' own doubt.
  ...{ latitude: 0.001, longitude: 0.001, uncertaintyM: 500 },
  ...{ rsrpDbm: 12, rsrqDb: 6, sinrDb: 10, signalPercent: 30 },
};
/** Any temperature of a board, °C. */
const TEMPERATURE_C = 4;

function tableDiffers(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): boolean {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].some((name) => {
    const [was, is] = [before[name], now[name]];
    if (name === 'usedMb' || (typeof was === typeof is && was === is)) return false;
    if (typeof was !== 'number' || typeof is !== 'number') return true;
    return Math.abs(is - was) >= (WITHIN[name] ?? TEMPERATURE_C);
  });
}

/** What of a field is compared: of the interfaces their names and whether they are up, not their bytes; of the sink how it is. */
function comparable(field: (typeof EXACT)[number], reading: Partial<Reading>): string {
  if (field === 'interfaces')
    return JSON.stringify(reading.interfaces?.map(({ name, up }) => [name, up]) ?? []);
  if (field === 'onAir') return reading.onAir?.playId ?? '';
  // How much it holds and how fast its crystal is moves all the time: that goes with the heartbeat.
  if (field === 'sink') {
    const { kind, ok, underruns, position } = reading.sink ?? {};
    return JSON.stringify([kind, ok, underruns, position]);
  }
  return JSON.stringify(reading[field] ?? null);
}
