/** The part of the wiring that opens the store, or does without. */
import { join } from 'node:path';
import { Journal } from './commands/journal.js';
import type { Config } from './config.js';
import { codeOf, messageOf, type ErrorCode } from './core/errors.js';
import { MemoryStore } from './core/memory-store.js';
import { openStore, type Store } from './core/store.js';
import { STORE_FOLDER } from './state-files.js';

/** The store, and what is to be told of it. */
export interface OpenedStore {
  readonly store: Store;
  /** It was damaged and is repaired. */
  readonly repaired: boolean;
  /** It could not be opened: what is kept now is forgotten at the next start. */
  readonly trouble?: { readonly code: ErrorCode; readonly detail: string };
}

/** @param safe safe mode: the disk's store may be what crashed, so it is not opened */
export async function openReceiverStore(config: Config, safe: boolean): Promise<OpenedStore> {
  if (safe) return { store: new MemoryStore(), repaired: false };
  let repaired = false;
  try {
    const store = await openStore(join(config.stateFolder, STORE_FOLDER), async (damaged) => {
      repaired = true;
      await Journal.renew(damaged);
    });
    try {
      // A file system that has become read-only opens, and takes nothing.
      await Journal.idIn(store);
    } catch (error) {
      await store.close();
      throw error;
    }
    return { store, repaired };
  } catch (error) {
    const detail = messageOf(error).slice(0, 250);
    return { store: new MemoryStore(), repaired: false, trouble: { code: codeOf(error), detail } };
  }
}
