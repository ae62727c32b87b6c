import type { Claim } from './claim.js';
import { capClaims } from './emergency-cap.js';

/** The must-show list of the issue on emergencies: an emergency is heard. */
export const emergencyClaims: readonly Claim[] = [...capClaims];
