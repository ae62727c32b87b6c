import { z } from 'zod';

/** What the province has said last of updates: kept, because a command comes only once. */
export const updatePolicy = z.object({
  authority: z.string().max(64),
  issuedMs: z.number(),
  /** Only this version; the newest of the repository where left out. */
  version: z.string().max(40).optional(),
  percent: z.number().min(0).max(100),
  groups: z.array(z.string().max(64)).max(32),
  hold: z.boolean(),
  window: z.object({ from: z.string().max(5), to: z.string().max(5) }).optional(),
});

/** See {@link updatePolicy}. */
export type UpdatePolicy = z.infer<typeof updatePolicy>;

/** Why an update waits. */
export type WaitReason =
  | 'held-here'
  | 'held'
  | 'no-word'
  | 'other-version'
  | 'stage'
  | 'no-slots'
  | 'safe-mode'
  | 'clock'
  | 'emergency'
  | 'on-air'
  | 'soon-on-air'
  | 'window'
  | 'turn'
  | 'later'
  | 'budget';

/** What is known of the receiver when it is asked whether an update may go on. */
export interface UpdateFacts {
  /** Trusted time, wall time, milliseconds. */
  readonly nowMs: number;
  /** How sure it is; by a clock that is known to be wrong no expiry can be judged. */
  readonly clockOk: boolean;
  /** Something has the air, or is open and waits for it. */
  readonly onAir: boolean;
  /** An emergency is in force. */
  readonly emergency: boolean;
  /** A bulletin of the schedule begins so soon that a restart would cut into it. */
  readonly soonOnAir: boolean;
  readonly safeMode: boolean;
  /** The program was started by what can choose between slots. */
  readonly slots: boolean;
  readonly groups: readonly string[];
  /** This receiver's place in the crowd, 0 to 1: see stageOf. */
  readonly place: number;
  /** Bytes that may be fetched today for updates, by the setting and the budget of the SIM. */
  readonly allowedBytes: number;
  /** The window of the settings, `HH:MM` in UTC+7; the province's goes before it. */
  readonly window: { readonly from: string; readonly to: string };
  readonly linkUp: boolean;
}

/** What the answer is for: bytes of the network, or an interruption of the service. */
export type Wanted = 'fetch' | 'work' | 'restart';

const COUNTRY_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/**
 * Why an update must not go on now; undefined where it may. Pure. First what somebody has decided, then what is in the way.
 * @param version that would be installed
 */
export function whyWait(
  version: string,
  wanted: Wanted,
  policy: UpdatePolicy | undefined,
  heldHere: boolean,
  facts: UpdateFacts,
): WaitReason | undefined {
  if (!facts.slots) return 'no-slots';
  if (heldHere) return 'held-here';
  if (policy === undefined) return 'no-word';
  if (policy.hold) return 'held';
  if (policy.version !== undefined && policy.version !== version) return 'other-version';
  if (!inStage(policy, facts)) return 'stage';
  if (facts.safeMode) return 'safe-mode';
  if (!facts.clockOk) return 'clock';
  if (facts.emergency) return 'emergency';
  if (facts.onAir) return 'on-air';
  const window = policy.window ?? facts.window;
  if (!inWindow(window, facts.nowMs)) return 'window';
  if (wanted === 'fetch' && beforeTurn(window, facts)) return 'turn';
  if (wanted === 'restart' && facts.soonOnAir) return 'soon-on-air';
  if (wanted === 'fetch' && facts.allowedBytes <= 0) return 'budget';
  return undefined;
}

function inStage({ percent, groups }: UpdatePolicy, facts: UpdateFacts): boolean {
  if (groups.length > 0 && !groups.some((one) => facts.groups.includes(one))) return false;
  return facts.place * 100 < percent;
}

/**
 * A fleet does not fetch at the moment at which its window opens: each receiver has a moment of its own in the first two thirds. One that is all
 * day has no such moment: who opens it wants the program now.
 */
function beforeTurn({ from, to }: UpdateFacts['window'], { nowMs, place }: UpdateFacts): boolean {
  const begin = minutesOf(from);
  const length = (minutesOf(to) - begin + DAY_MINUTES) % DAY_MINUTES;
  const sinceBegin = (minuteOf(nowMs) - begin + DAY_MINUTES) % DAY_MINUTES;
  // Not the place itself: a stage of 5 % would all have the first moments.
  return sinceBegin < Math.floor(((place * 1_000) % 1) * (2 / 3) * length);
}

/** A window that ends before it begins goes over midnight; one that ends where it begins is all day. */
function inWindow({ from, to }: { readonly from: string; readonly to: string }, nowMs: number): boolean {
  const minute = minuteOf(nowMs);
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  if (begin === end) return true;
  return begin < end ? minute >= begin && minute < end : minute >= begin || minute < end;
}

/** Minute of the day in UTC+7. */
function minuteOf(nowMs: number): number {
  return Math.floor(((((nowMs + COUNTRY_MS) % DAY_MS) + DAY_MS) % DAY_MS) / MINUTE_MS);
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}
