import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { quantile } from '../../test/heard/transitions.js';
import { HEARD_WITHIN_MS, hearIn, type BrokenWorld, type WorldHeard } from '../../test/rig/broken-world.js';
import { brokenWorlds } from '../../test/rig/broken-worlds.js';
import type { Claim, ProveContext } from './claim.js';
import { inFolder, keep, ms } from './sound-run.js';

const MEDIAN_MS = 100;

/** Every world, one receiver after the other; half an hour. */
function heard(context: ProveContext): Promise<WorldHeard[]> {
  return context.once('broken-worlds', async () => {
    const found: WorldHeard[] = [];
    for (const [index, world] of (await brokenWorlds()).entries()) {
      context.progress(world.name);
      found.push(
        await inFolder(async (folder) => {
          const own = join(folder, String(index));
          await mkdir(own);
          return hearIn(world, own);
        }),
      );
      await keep(context, 'broken-worlds', found);
    }
    return found;
  });
}

/** Whether a world keeps its bound. */
export function holdsIn({ latenciesMs, sinkAlive, limitMs }: WorldHeard): boolean {
  const inTime = latenciesMs.length > 0 && latenciesMs.every((one) => one <= limitMs);
  return inTime && (!sinkAlive || quantile(latenciesMs, 0.5) <= MEDIAN_MS);
}

function worldClaim(world: BrokenWorld): Claim {
  const { name, sinkAlive, times, from = 'publication', limitMs = HEARD_WITHIN_MS } = world;
  return {
    ...{ area: 'emergency', item: 1, long: true },
    claim: `An emergency is heard: ${name}`,
    bound: `${times === 1 ? 'it sounds' : `each of ${times} sounds`} within ${limitMs} ms of its ${from}${sinkAlive ? `, median ≤ ${MEDIAN_MS} ms` : ''}`,
    async measure(context) {
      const one = (await heard(context)).find((row) => row.name === name);
      if (one === undefined) throw new Error(`no such world: ${name}`);
      const { latenciesMs, failure } = one;
      const figures =
        latenciesMs.length === 0
          ? ''
          : `${latenciesMs.length}: median ${ms(quantile(latenciesMs, 0.5))}, longest ${ms(Math.max(...latenciesMs))}`;
      if (failure !== undefined)
        return { measured: `${failure}; ${figures}`, holds: latenciesMs.length > 0 ? false : null };
      return { measured: figures, holds: holdsIn(one) };
    },
  };
}

/** Item 1 of area emergency: the worlds that a card is heard in. */
export const worldClaims: readonly Claim[] = (await brokenWorlds()).map(worldClaim);
