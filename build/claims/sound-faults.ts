import { fallbackHeard } from '../../test/rig/fallback.js';
import { faultNames, faultText, soundFaults, type FaultSeen } from '../../test/rig/sound-faults.js';
import type { Claim, ProveContext } from './claim.js';
import { keep, ms, withBench } from './sound-run.js';

const FALLBACK_MS = 500;

/** One run for all faults; about five minutes, one of them waiting for a server that is gone. */
function seen(context: ProveContext): Promise<FaultSeen[]> {
  return context.once('sound-faults', async () => {
    const found = await withBench({}, (bench) => soundFaults(bench, (line) => context.progress(line)));
    await keep(context, 'faults', found);
    return found;
  });
}

function faultClaim(fault: string): Claim {
  return {
    area: 'sound',
    item: 4,
    claim: `A live bulletin survives: ${fault}`,
    bound: 'as the measured line says of this fault; the receipt agrees with the card’s record within 20 ms',
    async measure(context) {
      const one = (await seen(context)).find((row) => row.fault === fault);
      if (one === undefined) throw new Error(`the run made no such fault: ${fault}`);
      if (one.failure !== undefined) return { measured: one.failure, holds: false, note: one.bound };
      return { measured: faultText(one), holds: one.shortfalls.length === 0, note: one.bound };
    },
  };
}

const fallback: Claim = {
  area: 'sound',
  item: 4,
  claim:
    'Where a live emergency falls silent, the next of its chain is heard, and the live words again when they are back',
  bound: `silence ≤ ${FALLBACK_MS} ms from the dry buffer to the fallback; live again within 10 s of the server's cure`,
  async measure(context) {
    const found = await withBench({}, (bench) => fallbackHeard(bench));
    await keep(context, 'fallback', found);
    const back = Number.isNaN(found.backMs) ? 'not back within 20 s' : `live again after ${ms(found.backMs)}`;
    return {
      measured: `silent ${Number.isFinite(found.silentMs) ? ms(found.silentMs) : 'for 9 s and more'}; ${back}`,
      holds: found.silentMs <= FALLBACK_MS && found.backMs <= 10_000,
    };
  },
};

/** Item 4 of area sound. */
export const soundFaultClaims: readonly Claim[] = [...faultNames().map(faultClaim), fallback];
