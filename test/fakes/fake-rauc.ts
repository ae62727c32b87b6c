import { LoaError } from '../../agent/core/errors.js';
import type { RaucBus, RaucSlot } from '../../agent/update/rauc-bus.js';

/** What a bundle holds. */
export interface FakeBundle {
  readonly compatible: string;
  readonly version: string;
  readonly sha256: string;
  readonly isSigned: boolean;
}

const ATTEMPTS = 3;

/**
 * A board with RAUC and a boot loader that counts attempts, in memory: two slots, `rootfs.0` runs. It keeps the contract that
 * `rauc-contract.ts` asks of the real service, too.
 */
export class FakeRauc implements Pick<RaucBus, keyof RaucBus> {
  readonly bundles = new Map<string, FakeBundle>();
  /** As `activate-installed` of RAUC's system.conf. */
  activates = false;
  reboots = 0;
  /** Installations that are still running when RAUC is asked so often. */
  busyFor = 0;
  /** Nobody answers. */
  gone = false;
  #booted = 'rootfs.0';
  #order = ['rootfs.0', 'rootfs.1'];
  #left = new Map([
    ['rootfs.0', ATTEMPTS],
    ['rootfs.1', ATTEMPTS],
  ]);
  #activations = new Map<string, number>();
  #images = new Map<string, FakeBundle>();
  #lastError = '';
  #busy = 0;

  /** As the boot loader does: the first that has attempts left, which costs one. */
  async boot(): Promise<void> {
    this.#booted = await this.primary();
    this.#left.set(this.#booted, (this.#left.get(this.#booted) ?? 0) - 1);
  }

  async slots(): Promise<readonly RaucSlot[]> {
    this.#there();
    return ['rootfs.1', 'rootfs.0'].map((name) => {
      const image = this.#images.get(name);
      return {
        ...{ name, slotClass: 'rootfs', bootname: name === 'rootfs.0' ? 'A' : 'B' },
        ...{ booted: name === this.#booted, sha256: image?.sha256, version: image?.version },
        ...{ whole: image !== undefined, activations: this.#activations.get(name) ?? 0 },
      };
    });
  }

  async primary(): Promise<string> {
    this.#there();
    return this.#order.find((name) => (this.#left.get(name) ?? 0) > 0) ?? 'rootfs.0';
  }

  async mark(state: 'active' | 'good' | 'bad', slot: string): Promise<void> {
    this.#there();
    const name = slot === 'booted' ? this.#booted : slot;
    this.#left.set(name, state === 'bad' ? 0 : ATTEMPTS);
    if (state !== 'active') return;
    this.#order = [name, ...this.#order.filter((one) => one !== name)];
    this.#activations.set(name, (this.#activations.get(name) ?? 0) + 1);
  }

  async info(path: string): Promise<{ compatible: string; version: string }> {
    this.#there();
    const bundle = this.bundles.get(path);
    if (bundle?.isSigned !== true) throw new LoaError('E_UPDATE_RAUC', 'rauc info error');
    return bundle;
  }

  async install(path: string): Promise<void> {
    this.#there();
    const bundle = this.bundles.get(path);
    this.#busy = this.busyFor;
    if (bundle?.isSigned !== true) {
      this.#lastError = 'signature verification failed';
      return;
    }
    this.#lastError = '';
    const target = this.#booted === 'rootfs.0' ? 'rootfs.1' : 'rootfs.0';
    this.#left.set(target, 0);
    this.#images.set(target, bundle);
    if (this.activates) await this.mark('active', target);
  }

  async progress(): Promise<{ busy: boolean; lastError: string }> {
    this.#there();
    this.#busy -= 1;
    return { busy: this.#busy >= 0, lastError: this.#lastError };
  }

  async reboot(): Promise<void> {
    this.#there();
    this.reboots += 1;
  }

  #there(): void {
    if (this.gone) throw new LoaError('E_UPDATE_RAUC', 'Unit dbus-de.pengutronix.rauc.service not found.');
  }
}
