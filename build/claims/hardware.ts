import type { Claim } from './claim.js';
import { healthClaims } from './hardware-health.js';

/** The must-show list of the issue on amplifier, line and health. */
export const hardwareClaims: readonly Claim[] = [...healthClaims];
