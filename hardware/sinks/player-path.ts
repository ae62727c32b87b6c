import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Our own player, beside this program: in a package, and in a checkout where a compiler was there. Undefined where there is none.
 * What it is: `player/loa-player.c`.
 */
export function playerPath(): string | undefined {
  const path = fileURLToPath(new URL('./loa-player', import.meta.url));
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    // A checkout without a compiler: aplay serves as well, with more wakes and no taking back.
    return undefined;
  }
}
