/** The parts of the program that must get on. The main loop is the one that looks: where it stands still nobody is fed. */
export type Part = 'sound' | 'scheduler' | 'outbox';

/** What a part shows of itself. */
export interface PartLook {
  /** Grows with each thing done; how fast does not matter. */
  readonly done: number;
  /** It has something to do: one that rests does not stand still. */
  readonly busy: boolean;
}

/** What is known of the progress so far. Plain values. */
export interface ProgressState {
  readonly parts: Readonly<Record<Part, { readonly done: number; readonly looks: number }>>;
}

/** Nothing was looked at yet. */
export const NO_PROGRESS: ProgressState = {
  parts: {
    sound: { done: -1, looks: 0 },
    scheduler: { done: -1, looks: 0 },
    outbox: { done: -1, looks: 0 },
  },
};

/**
 * Looks at every part once more. Looks are counted, not time: while this thread stood still itself, nothing that waits to be
 * read by it is held against the others. Pure.
 * @param most so many looks in a row without progress are a standstill
 * @returns the parts that stand still
 */
export function progressStep(
  before: ProgressState,
  now: Readonly<Record<Part, PartLook>>,
  most: number,
): { readonly state: ProgressState; readonly stuck: Part[] } {
  const step = (part: Part): { done: number; looks: number } => {
    const { done, busy } = now[part];
    const known = before.parts[part];
    return { done, looks: !busy || done !== known.done ? 0 : Math.min(most, known.looks + 1) };
  };
  const parts = { sound: step('sound'), scheduler: step('scheduler'), outbox: step('outbox') };
  const stuck = (Object.keys(parts) as Part[]).filter((part) => parts[part].looks >= most);
  return { state: { parts }, stuck };
}

/** May the watchdog be fed? A part that stands still is reset, but not while an emergency is on air and sounding. Pure. */
export function mayFeed(stuck: readonly Part[], emergencySounds: boolean): boolean {
  return stuck.length === 0 || emergencySounds;
}
