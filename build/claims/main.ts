import { badInputClaims } from './bad-input.js';
import { cardPlayClaims } from './card-play.js';
import type { Claim } from './claim.js';
import { cleanRoots } from './clean-roots.js';
import { deathClaims } from './deaths.js';
import { demoClaims } from './demo.js';

/** The must-show list of issue 2: one bulletin from the province to the loudspeaker. */
export const mainClaims: readonly Claim[] = [
  cleanRoots,
  ...demoClaims,
  ...cardPlayClaims,
  ...deathClaims,
  ...badInputClaims,
];
