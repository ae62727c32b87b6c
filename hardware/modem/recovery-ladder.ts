import type { ModemStep } from '../types.js';

/** Which steps may be taken. */
export type RecoveryReach = 'none' | 'modem' | 'reboot';

/** What the ladder is told at each look. */
export interface LadderLook {
  /** Something comes in: the link is up, or bytes were received since the last look. */
  readonly alive: boolean;
  /** Something is on air: no reboot takes it away. */
  readonly onAir: boolean;
  /** Since the machine was started, milliseconds. */
  readonly uptimeMs: number;
}

/** Where the ladder stands. */
export interface LadderState {
  /** Since when nothing has come in, or the last step was taken; monotonic milliseconds. */
  readonly sinceMs: number | undefined;
  /** Steps taken in this outage. */
  readonly taken: number;
}

/** Nothing is wrong. */
export const AT_REST: LadderState = { sinceMs: undefined, taken: 0 };

const MINUTE = 60_000;
/** How long nothing has come in before each step; counted from the one before. */
const LADDER: readonly { readonly step: ModemStep; readonly afterMs: number }[] = [
  { step: 'reconnect', afterMs: 5 * MINUTE },
  { step: 'reset', afterMs: 5 * MINUTE },
  { step: 'power', afterMs: 5 * MINUTE },
  { step: 'reboot', afterMs: 15 * MINUTE },
];
/** After the last step it begins again so much later. */
const ROUND_MS = 60 * MINUTE;
/** A machine is rebooted once in so long at most: it must have run for that, so nothing needs to be kept. */
export const REBOOT_EVERY_MS = 6 * 60 * MINUTE;

/**
 * What to do about a modem that brings nothing: reconnect, reset, cut its power, reboot; each after its time, then again from the
 * start an hour later. Pure. A broker that is down is no reason: names that are answered and connections that are refused come in, too.
 * @param power the board can cut the modem's power
 */
export function ladderStep(
  before: LadderState,
  look: LadderLook,
  { reach, power }: { readonly reach: RecoveryReach; readonly power: boolean },
  nowMs: number,
): { readonly state: LadderState; readonly step: ModemStep | undefined } {
  if (look.alive || reach === 'none') return { state: AT_REST, step: undefined };
  const sinceMs = before.sinceMs ?? nowMs;
  const rungs = LADDER.filter(({ step }) =>
    step === 'power' ? power : step !== 'reboot' || reach === 'reboot',
  );
  const rung = rungs[before.taken];
  const waited = { state: { sinceMs, taken: before.taken }, step: undefined };
  if (rung === undefined)
    return nowMs - sinceMs < ROUND_MS ? waited : { state: { sinceMs: nowMs, taken: 0 }, step: undefined };
  if (nowMs - sinceMs < rung.afterMs) return waited;
  if (rung.step === 'reboot' && look.uptimeMs < REBOOT_EVERY_MS)
    return { state: { sinceMs: nowMs, taken: before.taken + 1 }, step: undefined };
  if (rung.step === 'reboot' && look.onAir) return waited;
  return { state: { sinceMs: nowMs, taken: before.taken + 1 }, step: rung.step };
}
