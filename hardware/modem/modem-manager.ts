import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Clock } from '../../agent/core/clock.js';
import { LoaError, messageOf } from '../../agent/core/errors.js';
import { numberIn, type KernelRoots } from '../sensors/kernel-files.js';
import type { Modem, ModemReading, ModemStep } from '../types.js';
import { apnOf, modemsOf, type ManagedModem } from './modem-objects.js';

const run = promisify(execFile);

const SERVICE = 'org.freedesktop.ModemManager1';
const MODEM = `${SERVICE}.Modem`;
/** Enabling a modem takes long; nobody waits for it. */
const LIMIT_MS = 60_000;
/** The signal is measured by the modem this often, seconds. */
const SIGNAL_S = 300;

/** What the modem is reached by. */
export interface ModemManagerParts {
  readonly roots: KernelRoots;
  readonly clock: Clock;
  /** Switches the modem's supply; undefined where the board has no line for it. */
  readonly power: ((on: boolean) => Promise<void>) | undefined;
  readonly powerOffMs: number;
  /** Readings name the IMEI. */
  readonly imei: boolean;
  /** The program `busctl`; another in a test. */
  readonly busctl?: string;
}

/**
 * The modem by ModemManager on the system bus (its D-Bus interface 1.x), through systemd's `busctl`: one short child for a reading, which
 * is taken some times an hour and never by telemetry itself.
 */
export function modemManager(parts: ModemManagerParts): Modem {
  let known: ManagedModem | undefined;
  const call = (...words: readonly string[]): Promise<string> => bus(parts.busctl ?? 'busctl', words);
  const find = async (): Promise<ManagedModem | undefined> => {
    const path = '/org/freedesktop/ModemManager1';
    const text = await call(SERVICE, path, 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects');
    [known] = modemsOf(text, parts.imei);
    return known;
  };
  return {
    async read() {
      const modem = await find().catch((cause: unknown) => {
        throw new LoaError('E_MODEM_GONE', `ModemManager: ${messageOf(cause)}`.slice(0, 200), { cause });
      });
      if (modem === undefined) return undefined;
      if (modem.unmeasured)
        // It may be refused; then there is the strength in percent alone.
        await call(SERVICE, modem.path, `${MODEM}.Signal`, 'Setup', 'u', `${SIGNAL_S}`).catch(
          () => undefined,
        );
      const apn = await apnNow(call, modem.bearer);
      return {
        ...modem.reading,
        ...(apn === undefined ? {} : { apn }),
        ...(await usedOf(parts.roots, modem.network)),
      };
    },
    async recover(step) {
      try {
        await stepOf(parts, step, async () => known ?? (await find()), call);
      } catch (cause) {
        throw new LoaError('E_MODEM_STEP', `${step}: ${messageOf(cause)}`.slice(0, 300), { cause });
      }
    },
  };
}

type Call = (...words: readonly string[]) => Promise<string>;

async function stepOf(
  { power, powerOffMs, clock }: ModemManagerParts,
  step: ModemStep,
  find: () => Promise<ManagedModem | undefined>,
  call: Call,
): Promise<void> {
  switch (step) {
    case 'reconnect': {
      const path = (await find())?.path ?? missing();
      await call(SERVICE, path, MODEM, 'Enable', 'b', 'false');
      await call(SERVICE, path, MODEM, 'Enable', 'b', 'true');
      return;
    }
    case 'reset':
      await call(SERVICE, (await find())?.path ?? missing(), MODEM, 'Reset');
      return;
    case 'power': {
      if (power === undefined) throw new Error('the board has no line for its power');
      await power(false);
      await new Promise<void>((resolve) => void clock.after(powerOffMs, resolve));
      await power(true);
      return;
    }
    case 'reboot': {
      const login = 'org.freedesktop.login1';
      await call(login, '/org/freedesktop/login1', `${login}.Manager`, 'Reboot', 'b', 'false');
    }
  }
}

/** A bearer may go while it is asked for: then there is none. */
async function apnNow(call: Call, bearer: string | undefined): Promise<string | undefined> {
  if (bearer === undefined) return undefined;
  const words = ['org.freedesktop.DBus.Properties', 'Get', 'ss', `${SERVICE}.Bearer`, 'Properties'];
  return call(SERVICE, bearer, ...words)
    .then(apnOf)
    .catch(() => undefined);
}

function missing(): never {
  throw new Error('no modem is there');
}

async function bus(program: string, words: readonly string[]): Promise<string> {
  const args = ['--system', '--json=short', '--timeout=50', 'call', ...words];
  const { stdout } = await run(program, args, {
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 18,
  });
  return stdout;
}

async function usedOf(
  { sys }: KernelRoots,
  network: string | undefined,
): Promise<Pick<ModemReading, 'usedMb'>> {
  if (network === undefined) return {};
  const folder = join(sys, 'class/net', network, 'statistics');
  const [received, sent] = [
    await numberIn(join(folder, 'rx_bytes')),
    await numberIn(join(folder, 'tx_bytes')),
  ];
  if (received === undefined || sent === undefined) return {};
  return { usedMb: Math.round((received + sent) / 1e5) / 10 };
}
