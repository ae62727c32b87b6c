import { acceptanceClaims } from './acceptance.js';
import { armClaims } from './arm.js';
import { AREAS, type Area, type Claim } from './claim.js';
import { emergencyClaims } from './emergency.js';
import { hardwareClaims } from './hardware.js';
import { linkClaims } from './link.js';
import { mainClaims } from './main.js';
import { programmeClaims } from './programme.js';
import { soundClaims } from './sound.js';
import { technicianClaims } from './technician.js';
import { trustClaims } from './trust.js';
import { simulatedUpdateClaims } from './update-simulated.js';
import { updateClaims } from './update.js';

/** The claims of each area. An area without claims cannot be proved yet. */
export const CLAIMS: Readonly<Record<Area, readonly Claim[]>> = {
  main: mainClaims,
  trust: trustClaims,
  sound: soundClaims,
  arm: armClaims,
  programme: programmeClaims,
  emergency: emergencyClaims,
  link: linkClaims,
  hardware: hardwareClaims,
  technician: technicianClaims,
  update: [...updateClaims, ...simulatedUpdateClaims, ...acceptanceClaims],
};

/** True for the name of an area. */
export function isArea(name: string): name is Area {
  return (AREAS as readonly string[]).includes(name);
}
