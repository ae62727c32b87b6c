import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { LoaError, messageOf } from '../core/errors.js';

const run = promisify(execFile);

const SERVICE = 'de.pengutronix.rauc';
const INSTALLER = `${SERVICE}.Installer`;
const LOGIN = 'org.freedesktop.login1';
/** A bundle of some hundred megabytes is read whole before its signature is judged. */
const LIMIT_S = 180;

/** A slot of the system as RAUC sees it. */
export interface RaucSlot {
  /** `rootfs.0` */
  readonly name: string;
  /** `rootfs` */
  readonly slotClass: string;
  /** What the boot loader calls it; undefined where it cannot be started. */
  readonly bootname: string | undefined;
  readonly booted: boolean;
  /** SHA-256 of the image in it; undefined where RAUC has never written it. */
  readonly sha256: string | undefined;
  /** Version of the bundle that it came with. */
  readonly version: string | undefined;
  /** All of it was written. */
  readonly whole: boolean;
  /** How often it was made the next to start. */
  readonly activations: number;
}

const value = z.object({ type: z.string(), data: z.unknown() });
const slotStatus = z.object({
  data: z.tuple([z.array(z.tuple([z.string(), z.record(z.string(), value)]))]),
});
const oneText = z.object({ data: z.tuple([z.string()]) });
const twoTexts = z.object({ data: z.tuple([z.string(), z.string()]) });
const property = z.object({ data: z.string() });

/**
 * RAUC's service on the system bus (`de.pengutronix.rauc.Installer`, as of RAUC 1.8), through systemd's `busctl`: one short child a question.
 * Every method throws LoaError `E_UPDATE_RAUC` where nobody answers or the answer is no.
 */
export class RaucBus {
  /** @param busctl the program; another in a test */
  constructor(private readonly busctl = 'busctl') {}

  async slots(): Promise<readonly RaucSlot[]> {
    const { data } = await this.#ask(slotStatus, 'GetSlotStatus');
    return data[0].map(([name, status]) => slotOf(name, status));
  }

  /** Name of the slot that the boot loader starts next. */
  async primary(): Promise<string> {
    const { data } = await this.#ask(oneText, 'GetPrimary');
    return data[0];
  }

  /** @param state `active`: starts next; `good`: may go on starting; `bad`: starts no more. @param slot its name, or `booted` */
  async mark(state: 'active' | 'good' | 'bad', slot: string): Promise<void> {
    await this.#ask(twoTexts, 'Mark', 'ss', state, slot);
  }

  /** What a bundle says of itself, once its signature is found good. */
  async info(path: string): Promise<{ readonly compatible: string; readonly version: string }> {
    const { data } = await this.#ask(twoTexts, 'Info', 's', path);
    const [compatible, version] = data;
    return { compatible, version };
  }

  /** Begins to write a bundle into the slot that does not run. */
  async install(path: string): Promise<void> {
    await this.#call(SERVICE, '/', INSTALLER, 'InstallBundle', 'sa{sv}', path, '0');
  }

  /** Is something being installed; what the last one failed of, empty where it did not. */
  async progress(): Promise<{ readonly busy: boolean; readonly lastError: string }> {
    const text = await this.#busctl('get-property', SERVICE, '/', INSTALLER, 'Operation', 'LastError');
    const [operation = '', lastError = ''] = text.trim().split('\n');
    return {
      busy: parsed(property, operation).data !== 'idle',
      lastError: parsed(property, lastError).data,
    };
  }

  /** Starts the machine anew, through logind; needs polkit's leave (`org.freedesktop.login1.reboot`). */
  async reboot(): Promise<void> {
    await this.#call(LOGIN, '/org/freedesktop/login1', `${LOGIN}.Manager`, 'Reboot', 'b', 'false');
  }

  async #ask<T>(schema: z.ZodType<T>, ...words: readonly string[]): Promise<T> {
    return parsed(schema, await this.#call(SERVICE, '/', INSTALLER, ...words));
  }

  #call(...words: readonly string[]): Promise<string> {
    return this.#busctl('call', ...words);
  }

  async #busctl(...words: readonly string[]): Promise<string> {
    const args = ['--system', '--json=short', `--timeout=${LIMIT_S}`, ...words];
    try {
      const limits = { timeout: (LIMIT_S + 10) * 1_000, killSignal: 'SIGKILL', maxBuffer: 1 << 20 } as const;
      const { stdout } = await run(this.busctl, args, limits);
      return stdout;
    } catch (cause) {
      throw new LoaError('E_UPDATE_RAUC', messageOf(cause).slice(0, 250), { cause });
    }
  }
}

function slotOf(name: string, status: Readonly<Record<string, z.infer<typeof value>>>): RaucSlot {
  const text = (key: string): string | undefined => {
    const data = status[key]?.data;
    return typeof data === 'string' ? data : undefined;
  };
  const activations = status['activated.count']?.data;
  return {
    name,
    slotClass: text('class') ?? '',
    bootname: text('bootname'),
    booted: text('state') === 'booted',
    sha256: text('sha256'),
    version: text('bundle.version'),
    whole: text('status') === 'ok',
    activations: typeof activations === 'number' ? activations : 0,
  };
}

function parsed<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new LoaError('E_UPDATE_RAUC', `not understood: ${text.slice(0, 100)}`, { cause });
  }
}
