import type { Offer } from './offer.js';
import type { StartFound } from './update-start.js';
import type { Place, Slot } from './update-state.js';

/**
 * What installs a program and chooses what starts next. Two slots for the program alone are one such (`SlotBackend`); a board whose whole
 * image is A/B is another (`RaucBackend`). Each verb may be asked again after a death in the middle of it, and is then the same as once.
 */
export interface UpdateBackend {
  /** Where this program runs, and what was chosen. Asked again later where it throws. @throws LoaError `E_UPDATE_RAUC` */
  found(): Promise<Omit<StartFound, 'nowMs'>>;
  /**
   * Puts a verified archive into a slot that does not run.
   * @returns what the slot is known by when it starts
   * @throws LoaError `E_UPDATE_CONTENT`, `E_STORE_WRITE`; of whole images `E_UPDATE_BUNDLE`, `E_UPDATE_RAUC`
   */
  install(archive: string, slot: Slot, offer: Offer, signal: AbortSignal): Promise<string>;
  /** The slot starts next, on trial. @throws LoaError `E_STORE_WRITE` */
  try(slot: Slot, seal: string, version: string): Promise<void>;
  /** What is on trial has proved itself: it starts from now on. @throws LoaError `E_STORE_WRITE` */
  commit(slot: Slot): Promise<void>;
  /** Nothing is on trial any more, and this starts next. @throws LoaError `E_STORE_WRITE` */
  leave(to: Place): Promise<void>;
  /** This run has lasted, or ends in order: it is not counted as one that failed. */
  wentWell(): Promise<void>;
  /** Starts what was chosen; left out where the end of the program does. @throws LoaError `E_UPDATE_RAUC` */
  restart?(): Promise<void>;
}
