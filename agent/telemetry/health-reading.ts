import type { HealthReading, ModemReading } from '../../hardware/types.js';
import type { Reading } from './dead-band.js';

/** The fields of a reading that come from health. */
export type HealthFields = Partial<
  Pick<
    Reading,
    'power' | 'temperatures' | 'temperatureC' | 'fanRpm' | 'doorOpen' | 'disk' | 'modem' | 'position'
  >
>;

/** Health as telemetry tells it. Pure. What is absent is absent. */
export function healthFields(health: HealthReading, modem: ModemReading | 'gone' | undefined): HealthFields {
  const { temperatures = [], fan, doorOpen, disk } = health;
  const [hottest] = [...temperatures].sort((one, other) => other.c - other.highC - (one.c - one.highC));
  const power = powerOf(health);
  return {
    ...(power === undefined ? {} : { power }),
    ...(hottest === undefined ? {} : { temperatureC: hottest.c }),
    // One alone is told as temperatureC.
    ...(temperatures.length < 2
      ? {}
      : { temperatures: Object.fromEntries(temperatures.map(({ name, c }) => [name, c])) }),
    ...(fan?.rpm === undefined ? {} : { fanRpm: fan.rpm }),
    ...(doorOpen === undefined ? {} : { doorOpen }),
    ...(disk === undefined ? {} : { disk: diskOf(disk) }),
    ...(modem === undefined ? {} : { modem: modemOf(modem) }),
  };
}

/** Without the access point's name: it is asked for beside the pole, and never changes by itself. */
function modemOf(modem: ModemReading | 'gone'): Reading['modem'] {
  if (modem === 'gone') return { state: 'gone', sim: 'unknown' };
  const told: { -readonly [K in keyof ModemReading]: ModemReading[K] } = { ...modem };
  delete told.apn;
  return told;
}

function powerOf({ mains, supply, battery }: HealthReading): Reading['power'] {
  const power: NonNullable<Reading['power']> = {
    ...(mains === undefined ? {} : { mains }),
    ...(supply === undefined ? {} : { supply: supply.state }),
    ...(supply?.v === undefined ? {} : { supplyV: supply.v }),
    ...(battery?.v === undefined ? {} : { batteryV: battery.v }),
    ...(battery?.percent === undefined ? {} : { batteryPercent: battery.percent }),
    ...(battery?.charging === undefined ? {} : { charging: battery.charging }),
  };
  return Object.keys(power).length === 0 ? undefined : power;
}

function diskOf({ readOnly, errors, wornPercent }: NonNullable<HealthReading['disk']>): Reading['disk'] {
  return {
    readOnly,
    ...(errors === undefined ? {} : { errors }),
    ...(wornPercent === undefined ? {} : { wornPercent }),
  };
}
