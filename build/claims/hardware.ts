import type { Claim } from './claim.js';
import { amplifierClaims } from './hardware-amplifier.js';
import { healthClaims } from './hardware-health.js';
import { lineClaims } from './hardware-line.js';

/** The must-show list of the issue on amplifier, line and health. */
export const hardwareClaims: readonly Claim[] = [...amplifierClaims, ...healthClaims, ...lineClaims];
