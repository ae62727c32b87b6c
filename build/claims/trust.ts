import { authorityClaims } from './authority.js';
import { baselineClaims } from './baseline.js';
import type { Claim } from './claim.js';
import { fuzzClaims } from './fuzz.js';
import { identityClaims } from './identity.js';
import { mirrorClaims } from './mirror.js';
import { threatClaims } from './threats.js';
import { trustRules } from './trust-rules.js';
import { verifySpeedClaims } from './verify-speed.js';

/** The must-show list of the issue on trust: only an authorised voice gets on air. */
export const trustClaims: readonly Claim[] = [
  ...threatClaims,
  ...trustRules,
  ...fuzzClaims,
  ...identityClaims,
  ...mirrorClaims,
  ...authorityClaims,
  ...verifySpeedClaims,
  ...baselineClaims,
];
