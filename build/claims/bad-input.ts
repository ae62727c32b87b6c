import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BAD_INPUTS, badInput, withoutInputTools, type BadInputRow } from '../../test/faults/bad-input.js';
import type { Claim, Measured, ProveContext } from './claim.js';

/** One run for all claims; what it left is in `prove-out/bad-input`. */
function seen(context: ProveContext): Promise<readonly BadInputRow[]> {
  return context.once('bad-input', async () => {
    const missing = withoutInputTools();
    if (missing !== false) throw new Error(missing);
    const folder = join(context.out, 'bad-input');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    context.progress('giving a receiver bad input under a bulletin on air: about a minute');
    return badInput({ folder });
  });
}

function measuredOf(row: BadInputRow): Measured {
  const { missing, chainBreaks, heard } = row.lost;
  return {
    measured:
      `${row.seen}; lived ${yes(row.lived)}; bulletin unbroken ${yes(row.unbroken)} (worst window ` +
      `${row.worst.toFixed(4)}); next command done ${yes(row.commandDone)}; ${missing} of ${heard + missing} ` +
      `messages missing, ${chainBreaks} breaks of the chain`,
    holds: row.named && row.lived && row.unbroken && row.commandDone && missing === 0 && chainBreaks === 0,
  };
}

function yes(value: boolean): string {
  return value ? 'yes' : 'NO';
}

/** Item 5 of the must-show list: each bad input has its named error, and nothing is lost by it. */
export const badInputClaims: readonly Claim[] = BAD_INPUTS.map(({ input, expected }) => ({
  area: 'main',
  item: 5,
  claim: `Bad input: ${input}.`,
  bound: `${expected}; lives, bulletin on air unbroken, next command done, no message missing`,
  async measure(context) {
    const row = (await seen(context)).find((one) => one.input === input);
    if (row === undefined) throw new Error(`the run had no such input: ${input}`);
    return measuredOf(row);
  },
}));
