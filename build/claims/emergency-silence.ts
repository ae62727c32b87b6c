import { hearCuts } from '../../test/rig/emergency-cuts.js';
import { unheard } from '../../test/rig/emergency-silence.js';
import type { Claim } from './claim.js';
import { keep, withBench } from './sound-run.js';

/** Louder than this is a sound: one step of 16 bits is no silence either. */
const SILENT = 0;
/** Below it is the card's own rounding of a fade. */
const QUIET = 0.003;
/** A start of the program, on a busy machine. */
const START_MS = 10_000;
/** The repeat counts from the sounding after the cut, and that is as late. */
const REPEAT_LATE_MS = START_MS;

const cuts: Claim = {
  area: 'emergency',
  item: 2,
  claim:
    'A receiver that is killed lets an emergency in force be heard again: at once where it was cut off, then at its repeat; what was cancelled or has expired is silent',
  bound:
    'cut off: sound within 10 s of the start; its repeat no more than 10 s after the uncut one’s; silent after cancellation and end; ten cuts in a minute: two sounds at most',
  long: true,
  async measure(context) {
    const found = await withBench({}, (bench) => hearCuts(bench, (line) => context.progress(line)));
    await keep(context, 'emergency-cuts', found);
    const { cutOffMs, repeatLateMs, cancelledPeak, expiredPeak, begunInTenCuts } = found;
    return {
      measured: `again ${(cutOffMs / 1000).toFixed(1)} s after the start, its repeat ${(repeatLateMs / 1000).toFixed(1)} s after the first one's; peak after cancellation ${cancelledPeak}, after its end ${expiredPeak}; ${begunInTenCuts} sounds in ten cuts`,
      holds:
        cutOffMs <= START_MS &&
        repeatLateMs >= 0 &&
        repeatLateMs <= REPEAT_LATE_MS &&
        cancelledPeak <= QUIET &&
        expiredPeak <= QUIET &&
        begunInTenCuts >= 1 &&
        begunInTenCuts <= 2,
      note: 'the repeat counts from the sounding after the cut; what is cancelled while the receiver is off is known once it is connected, not before',
    };
  },
};

const silences: Claim = {
  area: 'emergency',
  item: 5,
  claim:
    'A test, an exercise, a system message, a draft and a replayed alert are not heard, and each is reported',
  bound:
    'every sample at the card 0 for 3 s after each; the province told N_EMERGENCY_SILENT, or E_DOCUMENT_OLD',
  async measure(context) {
    const found = await withBench({}, unheard);
    await keep(context, 'emergency-silence', found);
    const wrong = found.filter(({ peak, codes, wanted }) => peak > SILENT || !codes.includes(wanted));
    return {
      measured: `${found.length - wrong.length} of ${found.length} silent and reported${wrong.map(({ what, peak, codes }) => `; ${what}: peak ${peak}, told ${codes.join(', ')}`).join('')}`,
      holds: found.length > 0 && wrong.length === 0,
    };
  },
};

/** Items 2 and 5 of area emergency. */
export const emergencySilenceClaims: readonly Claim[] = [cuts, silences];
