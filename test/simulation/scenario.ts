import type { Stage } from './stage.js';

/** One step: what is done and what must come of it. */
export interface Step {
  /** As a sentence, for the report and the timeline. */
  readonly title: string;
  /**
   * Does it and looks whether it came out as it must.
   * @returns what was seen, in a line with figures
   * @throws Error that says what was not as it must be
   */
  run(stage: Stage): Promise<string>;
}

/** A story with a simulated receiver. A file of `scenarios/` each; every one begins with an enrolled receiver that is on the link. */
export interface Scenario {
  /** As on the command line. */
  readonly name: string;
  /** What it shows, in a sentence. */
  readonly about: string;
  /** True where it takes many minutes: not in CI's run. */
  readonly long?: boolean;
  readonly steps: readonly Step[];
}
