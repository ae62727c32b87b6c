/** What is kept of a trial in this run of the program. Plain values. */
export interface TrialHealth {
  /** Looks so far: time is counted by them, so that a thread that stood still is not taken for one that was well. */
  readonly looks: number;
  readonly linkSeen: boolean;
  /** Sound self-tests in a row that failed, and whether the newest one that counted has passed. */
  readonly failedTests: number;
  readonly heard: boolean;
}

/** What a look at the program on trial shows. */
export interface TrialLook {
  /** Parts that stand still. */
  readonly stuck: readonly string[];
  readonly linkUp: boolean;
  readonly safeMode: boolean;
  /** A self-test at zero gain that has ended since the look before; `busy`: something else had the air. */
  readonly test?: { readonly outcome: 'passed' | 'failed' | 'busy'; readonly detail: string } | undefined;
  /** Something was on air, and the sink has taken it. */
  readonly heard: boolean;
}

/** What a trial must show. */
export interface TrialRules {
  /** So many looks are the length of the trial. */
  readonly looks: number;
  /** The link was up before the trial: then it must come up again. */
  readonly linkBefore: boolean;
}

/** A trial at its begin. */
export const TRIAL_BEGUN: TrialHealth = { looks: 0, linkSeen: false, failedTests: 0, heard: false };

/** A test is taken again before it counts: speech on a busy board may be late once. */
const FAILED_TESTS = 2;

/** One look more. Pure. Not being ill is not enough: sound must have been consumed, and the link must have been up where it was. */
export function trialStep(
  before: TrialHealth,
  look: TrialLook,
  rules: TrialRules,
): { readonly health: TrialHealth; readonly verdict: 'open' | 'well' | 'ill'; readonly detail: string } {
  const { test } = look;
  const failedTests =
    test?.outcome === 'failed' ? before.failedTests + 1 : test?.outcome === 'passed' ? 0 : before.failedTests;
  const health: TrialHealth = {
    looks: before.looks + 1,
    linkSeen: before.linkSeen || look.linkUp,
    failedTests,
    heard: test?.outcome === 'failed' ? false : before.heard || test?.outcome === 'passed' || look.heard,
  };
  const ill = illness(health, look);
  if (ill !== undefined) return { health, verdict: 'ill', detail: ill };
  if (health.looks < rules.looks) return { health, verdict: 'open', detail: '' };
  const lacks = [
    ...(health.heard ? [] : ['no sound was consumed']),
    ...(rules.linkBefore && !health.linkSeen ? ['the link was up before and did not come up'] : []),
  ];
  if (lacks.length === 0) return { health, verdict: 'well', detail: 'well for the length of the trial' };
  // As long again: a province that is away for a quarter of an hour is no fault of the program.
  if (health.looks < 2 * rules.looks) return { health, verdict: 'open', detail: lacks.join('; ') };
  return { health, verdict: 'ill', detail: lacks.join('; ') };
}

function illness({ failedTests }: TrialHealth, { stuck, safeMode, test }: TrialLook): string | undefined {
  if (stuck.length > 0) return `${stuck.join(', ')} stands still`;
  if (safeMode) return 'safe mode';
  if (failedTests >= FAILED_TESTS) return `the sound self-test fails: ${test?.detail ?? ''}`.trim();
  return undefined;
}
