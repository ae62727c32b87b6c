/** The Common Alerting Protocol 1.2 (OASIS, CAP-v1.2-os): what a source system and a receiver need of it. */
export type { CapAlert, CapInfo, CapName } from './cap/alert.js';
export { decideCap, sameCap, supersededMs, type CapDecision, type CapSilence } from './cap/decision.js';
export type { Place } from './cap/geometry.js';
export { CAP_LIMIT_BYTES, readCap } from './cap/read-alert.js';
export { capTexts, capTitle, type SpokenLanguage } from './cap/words.js';
