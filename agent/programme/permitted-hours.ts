import { DEFAULT_HOURS, type Desired, type PermittedHours } from '../../protocols/messages/desired.js';
import type { DaySpan, GateRules } from '../sound/air-gate.js';
import { timeOfDayMs } from './local-days.js';

const MINUTE_MS = 60_000;

/** What the gate enforces by the province's document; by the defaults of the product until there is one. Pure. */
export function gateRulesOf(body: Desired['body'] | undefined): GateRules {
  const { normal, priority }: PermittedHours = body?.permittedHours ?? DEFAULT_HOURS;
  const minutes = body?.minutesADay ?? {};
  return {
    hours: { normal: normal.map(spanOf), priority: priority.map(spanOf) },
    longestADayMs: { normal: limitOf(minutes.normal), priority: limitOf(minutes.priority) },
  };
}

/** A span of the day, of its two times. Pure. */
export function spanOf({ from, to }: { readonly from: string; readonly to: string }): DaySpan {
  return { fromMs: timeOfDayMs(from), toMs: timeOfDayMs(to) };
}

function limitOf(minutes: number | undefined): number {
  return minutes === undefined ? Infinity : minutes * MINUTE_MS;
}
