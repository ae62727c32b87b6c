import { join } from 'node:path';
import { openPowerCutDisk, withoutPowerCutDisk } from '../../test/fixtures/power-cut-disk/disk.js';
import {
  hearCuts,
  hearCutsAnywhere,
  killed,
  type Cut,
  type CutsHeard,
} from '../../test/rig/emergency-cuts.js';
import { unheard } from '../../test/rig/emergency-silence.js';
import type { SoundBench } from '../../test/rig/sound-bench.js';
import type { Claim, Measured } from './claim.js';
import { keep, withBench } from './sound-run.js';

/** Louder than this is a sound: one step of 16 bits is no silence either. */
const SILENT = 0;
/** Below it is the card's own rounding of a fade. */
const QUIET = 0.003;
/** A start of the program, on a busy machine. */
const START_MS = 10_000;
/** Cuts at instants by chance. */
const ANYWHERE = 10;
/** The repeat counts from the sounding after the cut, and that is as late. */
const REPEAT_LATE_MS = START_MS;

const BOUND =
  'cut off: sound within 10 s of the start; its repeat no more than 10 s after the uncut one’s; silent after cancellation and end; ten cuts in a minute: two sounds at most';

function judged(found: CutsHeard): Measured {
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
}

const cuts: Claim = {
  area: 'emergency',
  item: 2,
  claim:
    'A receiver that is killed lets an emergency in force be heard again: at once where it was cut off, then at its repeat; what was cancelled or has expired is silent',
  bound: BOUND,
  long: true,
  async measure(context) {
    const found = await withBench({}, (bench) => hearCuts(bench, killed, (line) => context.progress(line)));
    await keep(context, 'emergency-cuts', found);
    return judged(found);
  },
};

/** A bench whose state lies on a disk that loses what was not synced. */
async function onCutDisk<T>(measure: (bench: SoundBench, cut: Cut) => Promise<T>): Promise<T> {
  const missing = withoutPowerCutDisk();
  if (missing !== false) throw new Error(missing);
  const disk = await openPowerCutDisk();
  let seed = Math.floor(Math.random() * 2 ** 30);
  const cut: Cut = async (bench) => {
    await bench.receiver.stop('SIGKILL');
    await disk.cut((seed += 1));
  };
  try {
    const stateFolder = join(disk.folder, 'state');
    return await withBench({ settings: { stateFolder } }, (bench) => measure(bench, cut));
  } finally {
    await disk.close();
  }
}

const powerCuts: Claim = {
  area: 'emergency',
  item: 2,
  claim: 'The same where the power is cut: what was not synced to its disk is lost, whole or in part',
  bound: BOUND,
  long: true,
  async measure(context) {
    const found = await onCutDisk((bench, cut) => hearCuts(bench, cut, (line) => context.progress(line)));
    await keep(context, 'emergency-power-cuts', found);
    return judged(found);
  },
};

const cutAnywhere: Claim = {
  area: 'emergency',
  item: 2,
  claim: `Its power cut at ${ANYWHERE} instants by chance between the publication of an emergency and the end of its sounding, a receiver lets it be heard`,
  bound: `each time, within ${START_MS / 1000} s of the start`,
  long: true,
  async measure(context) {
    const found = await onCutDisk((bench, cut) => hearCutsAnywhere(bench, cut, ANYWHERE));
    await keep(context, 'emergency-cut-anywhere', found);
    const late = found.filter((one) => one > START_MS);
    return {
      measured: `${found.length - late.length} of ${found.length}, the longest ${(Math.max(...found) / 1000).toFixed(1)} s after its start`,
      holds: found.length === ANYWHERE && late.length === 0,
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
export const emergencySilenceClaims: readonly Claim[] = [cuts, powerCuts, cutAnywhere, silences];
