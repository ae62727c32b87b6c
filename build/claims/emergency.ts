import type { Claim } from './claim.js';
import { capClaims } from './emergency-cap.js';
import { latencyClaims } from './emergency-latency.js';
import { emergencySilenceClaims } from './emergency-silence.js';
import { worldClaims } from './emergency-worlds.js';

/** The must-show list of the issue on emergencies: an emergency is heard. */
export const emergencyClaims: readonly Claim[] = [
  ...worldClaims,
  ...emergencySilenceClaims,
  ...capClaims,
  ...latencyClaims,
];
