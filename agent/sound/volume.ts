import type { AirClass } from '../../protocols/messages/common.js';
import type { DaySpan } from './air-gate.js';

/** A time of the day at which bulletins are quieter. */
export interface QuieterSpan extends DaySpan {
  /** At most 0. */
  readonly gainDb: number;
}

/** How loud each class is; 0 dB is what the source and the levelling give. All are at most 0. */
export interface VolumeRules {
  readonly normalDb: number;
  readonly priorityDb: number;
  /** Its own: no time of day and no other volume makes an emergency quieter. */
  readonly emergencyDb: number;
  /** Added to the volume of bulletins; the first span that holds the time counts. */
  readonly byTime: readonly QuieterSpan[];
}

const DAY_MS = 86_400_000;
const COUNTRY_OFFSET_MS = 7 * 3_600_000;

/** How loud a class is at an instant, dB. Pure. A technician's test has a level of its own, which no volume hides. */
export function volumeDb(rules: VolumeRules | undefined, airClass: AirClass, nowMs: number): number {
  if (rules === undefined || airClass === 'local') return 0;
  if (airClass === 'emergency') return rules.emergencyDb;
  const ofDayMs = (((nowMs + COUNTRY_OFFSET_MS) % DAY_MS) + DAY_MS) % DAY_MS;
  const span = rules.byTime.find(({ fromMs, toMs }) => fromMs <= ofDayMs && ofDayMs < toMs);
  return (airClass === 'priority' ? rules.priorityDb : rules.normalDb) + (span?.gainDb ?? 0);
}
