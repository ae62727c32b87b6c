import type { Claim } from './claim.js';
import { diskClaims } from './programme-disk.js';
import { planClaims } from './programme-plan.js';

/** The must-show list of issue 7: the day's programme without the network. */
export const programmeClaims: readonly Claim[] = [...planClaims, ...diskClaims].sort(
  (one, other) => one.item - other.item,
);
