import { tryLines } from '../../test/amplifier/line-trials.js';
import type { Claim } from './claim.js';

/** Half of them normal lines, half with one loudspeaker missing: a thousand of each. */
const TRIALS = 2_000;
const FALSE_SHARE = 0.01;
const FOUND_SHARE = 0.95;

/** The part of the must-show list on hardware that is about the loudspeaker line. */
export const lineClaims: readonly Claim[] = [
  {
    area: 'hardware',
    item: 5,
    claim: `A calibrated self-test tells a normal line from one loudspeaker missing of four, with noise at 10 dB SNR, in ${TRIALS} trials`,
    long: true,
    bound: `≤ ${FALSE_SHARE * 100} % false alarms, ≥ ${FOUND_SHARE * 100} % found; seeds printed`,
    async measure() {
      const firstSeed = Math.floor(Math.random() * 1e9);
      const found = tryLines(TRIALS, firstSeed);
      const { falseAlarms, normal, missing } = found;
      return {
        measured:
          `seeds ${firstSeed} to ${firstSeed + TRIALS - 1}: ${falseAlarms} false alarms of ${normal} normal lines, ` +
          `${found.found} found of ${missing} with one missing; ${found.unsure} undecided (counted as wrong), ${found.uncalibrated} not calibrated for noise`,
        holds:
          found.uncalibrated === 0 &&
          normal + missing === TRIALS &&
          falseAlarms <= FALSE_SHARE * normal &&
          found.found >= FOUND_SHARE * missing,
        note: 'simulated: loudspeakers ±10 %, drift of 2 % between calibration and test, hum with harmonics on the tone, wind in gusts, another crystal',
      };
    },
  },
];
