import type { Claim } from './claim.js';
import { costClaims } from './sound-cost.js';
import { soundFaultClaims } from './sound-faults.js';
import { firstSampleClaims } from './sound-first-samples.js';
import { interruptionClaims } from './sound-interruptions.js';

/** The must-show list of issue 4: the sound engine, measured from outside on the software card. */
export const soundClaims: readonly Claim[] = [
  ...interruptionClaims,
  ...firstSampleClaims,
  ...costClaims,
  ...soundFaultClaims,
].sort((one, other) => one.item - other.item);
