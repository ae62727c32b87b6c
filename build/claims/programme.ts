import type { Claim } from './claim.js';
import { planClaims } from './programme-plan.js';

/** The must-show list of issue 7: the day's programme without the network. */
export const programmeClaims: readonly Claim[] = [...planClaims].sort((one, other) => one.item - other.item);
