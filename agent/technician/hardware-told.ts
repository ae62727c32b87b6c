import type { HardwareFacts } from './diagnose/facts.js';

/** Words of ModemManager's states (MMModemState) with the network. */
const REGISTERED = ['registered', 'connecting', 'connected', 'disconnecting'];

/**
 * What board and modem tell, in the answer of `GET /v1/health`, whose shape grows: what is absent or not understood is left out. By
 * hand, since a verb that answers at once cannot wait for a schema library. Pure.
 */
export function hardwareOf(answer: unknown): HardwareFacts {
  const { mains, modem, amplifier, line } = branch(answer);
  const of = branch(modem);
  const { state, sim, operator, apn } = texts(of, ['state', 'sim', 'operator', 'apn']);
  const drive = branch(amplifier);
  const facts = {
    mainsLost: typeof mains === 'boolean' ? !mains : undefined,
    modem:
      modem === undefined
        ? undefined
        : {
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
          },
    amplifier:
      amplifier === undefined
        ? undefined
        : { state: '?', ...texts(drive, ['state', 'fault']), hot: drive['hot'] === true ? true : undefined },
    line: line === 'normal' || line === 'open' || line === 'short' ? line : undefined,
  };
  // Optional fields are absent, not undefined.
  return JSON.parse(JSON.stringify(facts)) as HardwareFacts;
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
