import type { Identity } from '../certs/identity.js';
import { readIdentity } from '../certs/load-identity.js';

/** Told when another certificate or other anchors are in force. Must not throw. */
export type IdentityListener = (now: Identity, before: Identity) => void;

/** The identity that the whole program stands on: changed on the disk one change at a time, and read anew after each. */
export class IdentityInForce {
  readonly #folder: string;
  readonly #listeners: IdentityListener[] = [];
  #identity: Identity;
  #changing: Promise<unknown> = Promise.resolve();

  /**
   * @param folder the identity folder
   * @param identity what is in force there
   */
  constructor(folder: string, identity: Identity) {
    this.#folder = folder;
    this.#identity = identity;
  }

  /** What is in force now. */
  get identity(): Identity {
    return this.#identity;
  }

  /** Calls `listener` after each change of certificate or anchors. */
  onChange(listener: IdentityListener): void {
    this.#listeners.push(listener);
  }

  /**
   * Runs a change of the identity folder after those asked for before, and takes what is in force then.
   * @throws what `work` throws; LoaError `E_IDENTITY_*` where it left nothing that can be used
   */
  change(work: () => Promise<unknown>): Promise<void> {
    const changed = this.#changing
      // What failed was told to who asked for it.
      .catch(() => undefined)
      .then(async () => {
        await work();
        this.#take(await readIdentity(this.#folder));
      });
    this.#changing = changed;
    return changed;
  }

  #take(now: Identity): void {
    const before = this.#identity;
    this.#identity = now;
    const same =
      now.fingerprint === before.fingerprint && now.anchorsPem.join('') === before.anchorsPem.join('');
    if (!same) for (const listener of this.#listeners) listener(now, before);
  }
}
