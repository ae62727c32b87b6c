/** Between which intervals a keepalive learns, and how fast. */
export interface KeepaliveSettings {
  /** Where it begins, and where it goes back to after a drop, seconds. */
  readonly firstS: number;
  /** Longest interval, seconds. A link that died unnoticed keeps an alert away for 1.5 times this. */
  readonly longestS: number;
  /** So long a connection stands at one interval before the next is tried, milliseconds. */
  readonly stableMs: number;
  /** An interval at which the link went silent is not tried again for so long, milliseconds. */
  readonly avoidMs: number;
}

/** 60 to 240 s; half an hour at each step; a day away from what failed. */
export const KEEPALIVE_DEFAULTS: KeepaliveSettings = {
  firstS: 60,
  longestS: 240,
  stableMs: 1_800_000,
  avoidMs: 86_400_000,
};

/** What has been learned of the link. */
export interface KeepaliveState {
  readonly intervalS: number;
  /** The shortest interval at which the link went silent; kept below it until `avoidUntilMs` (monotonic). */
  readonly failedS: number;
  readonly avoidUntilMs: number;
}

/**
 * Before anything is known.
 * @param learnedS the interval that an earlier run of the program had come to
 */
export function keepaliveStart(settings: KeepaliveSettings, learnedS?: number): KeepaliveState {
  const within = Math.min(settings.longestS, Math.max(settings.firstS, learnedS ?? 0));
  return { intervalS: Math.max(settings.firstS, within), failedS: Infinity, avoidUntilMs: 0 };
}

/**
 * The connection has stood for `stableMs` at this interval: the next one is twice as long. Undefined where it stays:
 * at the longest, or below what failed.
 */
export function keepaliveGrown(
  state: KeepaliveState,
  nowMs: number,
  settings: KeepaliveSettings,
): KeepaliveState | undefined {
  const failedS = nowMs < state.avoidUntilMs ? state.failedS : Infinity;
  const nextS = Math.min(settings.longestS, state.intervalS * 2);
  if (nextS <= state.intervalS || nextS >= failedS) return undefined;
  return { ...state, failedS, intervalS: nextS };
}

/**
 * The connection has gone: back to the first interval.
 * @param silent it went without a word, as behind a network that forgets quiet connections: the interval was too long
 */
export function keepaliveDropped(
  state: KeepaliveState,
  silent: boolean,
  nowMs: number,
  settings: KeepaliveSettings,
): KeepaliveState {
  const tooLong = silent && state.intervalS > settings.firstS;
  return {
    intervalS: settings.firstS,
    failedS: tooLong ? state.intervalS : state.failedS,
    avoidUntilMs: tooLong ? nowMs + settings.avoidMs : state.avoidUntilMs,
  };
}
