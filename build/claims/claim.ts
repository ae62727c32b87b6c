/** The areas of the product's promises; the must-show lists of the project's issues, one area each. */
export const AREAS = [
  'main',
  'trust',
  'sound',
  'arm',
  'programme',
  'emergency',
  'link',
  'hardware',
  'technician',
  'update',
] as const;

/** One of {@link AREAS}. */
export type Area = (typeof AREAS)[number];

/** What a claim's procedure found now. `holds` is null when it could not be measured; `measured` then says why. */
export interface Measured {
  /** Figures with their units; never a stored one. */
  readonly measured: string;
  readonly holds: boolean | null;
  /** For the reader of the table only: what limits the figure. */
  readonly note?: string;
}

/** What a measurement may use. */
export interface ProveContext {
  /** The root of the checkout. */
  readonly root: string;
  /** `prove-out/`: full logs and artefacts go here. It exists. */
  readonly out: string;
  /** One line for the person who waits (standard error). */
  progress(line: string): void;
  /**
   * Runs a procedure that several claims share once, at its first use; later callers get the same promise, the same
   * failure too.
   * @param key names the procedure; the type must be the same at each use
   */
  once<T>(key: string, run: () => Promise<T>): Promise<T>;
}

/** A promise of the product and how to measure it. */
export interface Claim {
  readonly area: Area;
  /** The number in the must-show list of the area's issue; several claims may stand for one item. */
  readonly item: number;
  /** The promise, as a sentence. */
  readonly claim: string;
  /** What the measurement must keep to. */
  readonly bound: string;
  /** True where it takes more than a few minutes: measured only with `--long`. */
  readonly long?: boolean;
  measure(context: ProveContext): Promise<Measured>;
}

/** A claim with what was measured. */
export interface Proved extends Measured {
  readonly area: Area;
  readonly item: number;
  readonly claim: string;
  readonly bound: string;
}
