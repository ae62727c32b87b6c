import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, LoaError } from './core/errors.js';

/**
 * Wipes all that a receiver keeps: identity, trust, documents, media, store, memory of time and soundings. The identity goes
 * first: what is left after a power cut half way can prove nothing. (On flash storage the blocks live on until they are
 * used again: a key that must not be found there belongs in hardware.)
 * @throws LoaError `E_STORE_WRITE` naming what stayed
 */
export async function wipeState(stateFolder: string): Promise<void> {
  const names = await readdir(stateFolder);
  const identityFirst = [...names].sort((a, b) => Number(b === 'identity') - Number(a === 'identity'));
  const stayed: string[] = [];
  for (const name of identityFirst) {
    await rm(join(stateFolder, name), { recursive: true, force: true }).catch((error: unknown) => {
      stayed.push(`${name} (${codeOf(error)})`);
    });
  }
  if (stayed.length > 0) throw new LoaError('E_STORE_WRITE', `not wiped: ${stayed.join(', ')}`);
}
