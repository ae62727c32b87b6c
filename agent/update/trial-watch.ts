import { trialStep, TRIAL_BEGUN, type TrialHealth, type TrialRules } from './trial-health.js';

/** Result of a sound self-test at zero gain. */
export interface SelfTest {
  readonly ok: boolean;
  readonly code?: string;
  readonly detail?: string;
}

/** What the program shows of itself while it is on trial. */
export interface TrialAsks {
  readonly stuck: () => readonly string[];
  readonly linkUp: () => boolean;
  readonly safeMode: () => boolean;
  /** Something has the air, and the sink took it in the last seconds. */
  readonly heard: () => boolean;
  /** Plays at a gain that leaves nothing; never rejects. */
  readonly test: () => Promise<SelfTest>;
}

/** Judges a program that runs on trial, look by look; one test at a time, four of them over the trial. */
export class TrialWatch {
  #health: TrialHealth = TRIAL_BEGUN;
  #testing = false;
  #ended: SelfTest | undefined;
  readonly #everyLooks: number;

  constructor(
    private readonly asks: TrialAsks,
    private readonly rules: TrialRules,
  ) {
    this.#everyLooks = Math.max(2, Math.floor(rules.looks / 4));
  }

  /** How far it is. */
  get health(): TrialHealth {
    return this.#health;
  }

  look(): Pick<ReturnType<typeof trialStep>, 'verdict' | 'detail'> {
    const { stuck, linkUp, safeMode, heard } = this.asks;
    if (!this.#testing && this.#health.looks % this.#everyLooks === 1) this.#test();
    const ended = this.#ended;
    this.#ended = undefined;
    const outcome =
      ended === undefined
        ? undefined
        : ended.ok
          ? ('passed' as const)
          : ended.code === 'E_COMMAND_BUSY'
            ? ('busy' as const)
            : ('failed' as const);
    const test = outcome === undefined ? undefined : { outcome, detail: ended?.detail ?? '' };
    const { health, verdict, detail } = trialStep(
      this.#health,
      { stuck: stuck(), linkUp: linkUp(), safeMode: safeMode(), heard: heard(), test },
      this.rules,
    );
    this.#health = health;
    // A test that is under way has a word in it.
    return verdict === 'well' && this.#testing
      ? { verdict: 'open', detail: 'a test is under way' }
      : { verdict, detail };
  }

  #test(): void {
    this.#testing = true;
    void this.asks.test().then((result) => {
      this.#testing = false;
      this.#ended = result;
    });
  }
}
