import type { Check } from './check.js';
import { MACHINE_CHECKS } from './machine-checks.js';
import { NETWORK_CHECKS } from './network-checks.js';
import { PROGRAMME_CHECKS } from './programme-checks.js';
import { SOUND_CHECKS } from './sound-checks.js';

/** Every link between the mains and the ear, in the order in which one hangs on the other. */
export const CHAIN: readonly Check[] = [
  ...MACHINE_CHECKS,
  ...NETWORK_CHECKS,
  ...SOUND_CHECKS,
  ...PROGRAMME_CHECKS,
];
