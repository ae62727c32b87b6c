import type { HardwareFacts } from './diagnose/facts.js';

/** Words of ModemManager's states (MMModemState) with the network. */
const REGISTERED = ['registered', 'connecting', 'connected', 'disconnecting'];

/**
 * What board and modem tell, in the answer of `GET /v1/health`, whose shape grows: what is absent or not understood is left out. By
 * hand, since a verb that answers at once cannot wait for a schema library. Pure.
 */
export function hardwareOf(answer: unknown): HardwareFacts {
  const { mains, supply, battery, temperatures, fan, modem, amplifier, line } = branch(answer);
  const drive = branch(amplifier);
  const facts = {
    mainsLost: typeof mains === 'boolean' ? !mains : undefined,
    supplyLow: isLow(supply),
    batteryLow: isLow(battery),
    hot: hottest(temperatures),
    fanFailed: branch(fan)['failed'] === true ? true : undefined,
    modem: modem === undefined ? undefined : modem === 'gone' ? { gone: true } : modemOf(branch(modem)),
    amplifier:
      amplifier === undefined
        ? undefined
        : { state: '?', ...texts(drive, ['state', 'fault']), hot: drive['hot'] === true ? true : undefined },
    line: line === 'normal' || line === 'open' || line === 'short' ? line : undefined,
  };
  // Optional fields are absent, not undefined.
  return JSON.parse(JSON.stringify(facts)) as HardwareFacts;
}

function modemOf(of: Record<string, unknown>): object {
  const { state, sim, operator, apn } = texts(of, ['state', 'sim', 'operator', 'apn']);
  return {
    ...{ operator, apn, signalDbm: typeof of['rsrpDbm'] === 'number' ? of['rsrpDbm'] : undefined },
    sim:
      sim === 'missing' || sim === 'failed'
        ? 'absent'
        : sim === 'locked' || sim === 'ready'
          ? sim
          : undefined,
    registered: state === undefined ? undefined : REGISTERED.includes(state),
    // Registered alone is a moment on the way; a modem that stays there has a wrong APN.
    attached: state === undefined || state === 'connecting' ? undefined : state === 'connected',
  };
}

/** Of a supply or a battery; undefined where nothing tells. */
function isLow(of: unknown): boolean | undefined {
  const { state } = texts(branch(of), ['state']);
  return state === undefined ? undefined : state === 'low';
}

/** The first sensor above its limit, as text. */
function hottest(temperatures: unknown): string | undefined {
  if (!Array.isArray(temperatures)) return undefined;
  for (const one of temperatures.slice(0, 16) as unknown[]) {
    const { name, c, highC } = branch(one);
    if (typeof name === 'string' && typeof c === 'number' && typeof highC === 'number' && c >= highC)
      return `${name.slice(0, 32)} ${c} °C`;
  }
  return undefined;
}

function branch(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function texts<K extends string>(
  of: Record<string, unknown>,
  names: readonly K[],
): Partial<Record<K, string>> {
  return Object.fromEntries(
    names.flatMap((name) => (typeof of[name] === 'string' ? [[name, of[name].slice(0, 200)]] : [])),
  ) as Partial<Record<K, string>>;
}
