import type { Log } from '../core/log.js';
import type { UpdateBackend } from './backend.js';
import type { Offer } from './offer.js';
import { isSlot } from './slot-choice.js';
import { Slots } from './slots.js';
import type { StartFound } from './update-start.js';
import type { Place, Slot } from './update-state.js';

/** Set by the launcher: where this program runs from. */
export const SLOT_VARIABLE = 'LOA_SLOT';
/** Set by the launcher: the folder of the slots. */
export const SLOTS_VARIABLE = 'LOA_SLOTS';
/** Set by the launcher: the boot by which it counts starts. */
export const BOOT_VARIABLE = 'LOA_BOOT';

/** The program in two slots, chosen by the launcher of the package (`build/packages/files/launch.sh`). */
export class SlotBackend implements UpdateBackend {
  private constructor(
    private readonly slots: Slots,
    private readonly running: Place,
    private readonly bootId: string,
  ) {}

  /** Undefined where no launcher has started this program: nobody would start another one then. */
  static open(env: Readonly<Record<string, string | undefined>>, log: Log): SlotBackend | undefined {
    const running = env[SLOT_VARIABLE] ?? '';
    const folder = env[SLOTS_VARIABLE] ?? '';
    if (folder === '' || (running !== 'floor' && !isSlot(running))) return undefined;
    return new SlotBackend(new Slots(folder, log), running, env[BOOT_VARIABLE] ?? 'unknown');
  }

  async found(): Promise<Omit<StartFound, 'nowMs'>> {
    const choice = await this.slots.choice();
    const tries =
      choice.trial === undefined ? { inBoot: 0, all: 0 } : await this.slots.tries(choice.trial, this.bootId);
    return { running: this.running, choice, tries };
  }

  async install(archive: string, slot: Slot, offer: Offer, signal: AbortSignal): Promise<string> {
    return this.slots.unpack(archive, slot, offer, signal);
  }

  async try(slot: Slot, seal: string, version: string): Promise<void> {
    await this.slots.try(slot, seal, version);
  }

  async commit(slot: Slot): Promise<void> {
    await this.slots.commit(slot);
  }

  async leave(to: Place): Promise<void> {
    await this.slots.leave(to);
  }

  async wentWell(): Promise<void> {
    if (this.running !== 'floor') await this.slots.wentWell(this.running, this.bootId);
  }
}
