import { NOTHING_TALLIED, type GateRules } from '../../agent/sound/air-gate.js';
import type { SoundSettings } from '../../agent/sound/messages.js';

const ALL_DAY = [{ fromMs: 0, toMs: 86_400_000 }];

/** Every class at every hour, without a limit. */
export const OPEN_RULES: GateRules = {
  hours: { normal: ALL_DAY, priority: ALL_DAY },
  longestADayMs: { normal: Infinity, priority: Infinity },
};

/** A gate that is open to all, for tests of what stands before it. */
export const OPEN_GATE: SoundSettings['gate'] = {
  rules: OPEN_RULES,
  tally: NOTHING_TALLIED,
  clockOffsetMs: 0,
};
