import type { ErrorCode } from '../core/errors.js';

/** How bad it is: nobody hears anything; something is lost soon or is lost now and then; somebody should come by. */
export type Severity = 'critical' | 'major' | 'minor';

/** One alarm as data. Its texts in both languages, cause and remedy, are those of its code. */
export interface AlarmRule {
  readonly code: ErrorCode;
  readonly severity: Severity;
  /** While one of these is there, this one is silent: it is a consequence. */
  readonly dependsOn: readonly ErrorCode[];
  /** How long it must be there before it is told, milliseconds. */
  readonly raiseAfterMs: number;
  /** How long it must be gone before that is told, milliseconds. */
  readonly clearAfterMs: number;
}

const S = 1_000;
const MINUTE = 60 * S;
/** Above the longest that a board's file lets an amplifier take from its supply to the loudspeaker line. */
const LINE_TRIED_MS = 3 * MINUTE;

/** What takes the sound away, each in its own words. */
export const SINK_CODES = ['E_SINK_OPEN', 'E_SINK_DIED', 'E_SOUND_ENGINE'] as const satisfies ErrorCode[];

function rule(
  code: ErrorCode,
  severity: Severity,
  [raiseAfterMs, clearAfterMs]: readonly [number, number],
  ...dependsOn: ErrorCode[]
): AlarmRule {
  return { code, severity, raiseAfterMs, clearAfterMs, dependsOn };
}

/**
 * The alarms that are states, those that others depend on first. Where the mains go the supply sags, the fan stops and the
 * modem falls off its bus: that is one alarm. Lost sound is told at once, and so is its return: a receipt may lack frames by it.
 */
export const ALARM_RULES: readonly AlarmRule[] = [
  // With a battery that is worn out, the second that this takes is most of what is left for the last message.
  rule('E_MAINS_LOST', 'major', [1 * S, 30 * S]),
  rule('E_SUPPLY_LOW', 'major', [10 * S, MINUTE], 'E_MAINS_LOST'),
  rule('E_BATTERY_LOW', 'major', [MINUTE, 5 * MINUTE]),
  rule('E_FAN', 'minor', [MINUTE, MINUTE], 'E_MAINS_LOST', 'E_SUPPLY_LOW'),
  rule('E_HOT', 'major', [10 * S, MINUTE], 'E_FAN'),
  rule('E_DOOR_OPEN', 'minor', [5 * S, 10 * S]),
  rule('E_MEMORY_LOW', 'major', [3 * MINUTE, 3 * MINUTE]),
  rule('E_DISK_READ_ONLY', 'critical', [10 * S, MINUTE]),
  rule('E_DISK_ERRORS', 'major', [10 * S, MINUTE], 'E_DISK_READ_ONLY'),
  rule('E_DISK_FULL', 'major', [MINUTE, MINUTE], 'E_DISK_READ_ONLY'),
  rule('E_DISK_WORN', 'minor', [MINUTE, MINUTE]),
  rule('E_CLOCK_UNKNOWN', 'minor', [10 * MINUTE, 10 * S]),
  rule('E_MODEM_GONE', 'major', [2 * MINUTE, MINUTE], 'E_MAINS_LOST', 'E_SUPPLY_LOW'),
  rule('E_SIM', 'major', [2 * MINUTE, MINUTE], 'E_MAINS_LOST', 'E_MODEM_GONE'),
  rule('E_STUCK', 'critical', [0, 0]),
  rule('E_SOUND_ENGINE', 'critical', [0, 0]),
  rule('E_SINK_OPEN', 'critical', [0, 0], 'E_MAINS_LOST', 'E_SUPPLY_LOW', 'E_SOUND_ENGINE'),
  rule('E_SINK_DIED', 'critical', [0, 0], 'E_MAINS_LOST', 'E_SUPPLY_LOW', 'E_SOUND_ENGINE', 'E_SINK_OPEN'),
  // An amplifier that is tried again needs as long as its board says until it can tell of the same fault once more.
  rule('E_LINE_SHORT', 'critical', [2 * S, LINE_TRIED_MS], 'E_MAINS_LOST', 'E_SUPPLY_LOW'),
  rule('E_LINE_OPEN', 'critical', [5 * S, LINE_TRIED_MS], 'E_MAINS_LOST', 'E_SUPPLY_LOW', 'E_LINE_SHORT'),
  rule('E_AMPLIFIER_HOT', 'major', [0, 10 * S], 'E_HOT'),
  rule('E_AMPLIFIER_UNDERVOLTAGE', 'major', [0, 10 * S], 'E_MAINS_LOST', 'E_SUPPLY_LOW'),
  rule('E_BEAT_MISSING', 'major', [0, 0], 'E_MAINS_LOST', 'E_MODEM_GONE'),
];
