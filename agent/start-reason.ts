/** Why the program was started: by whoever ended it, or by what did. */
export type StartReason = 'first' | 'boot' | 'power' | 'restart' | 'crash' | 'watchdog';

/** What is kept of the starts. */
export interface Starts {
  /** The kernel's boot id of the newest start. */
  readonly bootId: string;
  /** It ended in order. */
  readonly ended: boolean;
  /** Starts that nobody asked for, since the device was enrolled. */
  readonly resets: number;
}

/** What is found at a start. */
export interface StartFacts {
  readonly bootId: string;
  /** The part that stood still when the run before was ended, where it was noted. */
  readonly stuck: string | undefined;
  /** The machine's watchdog says that it has reset it (Linux: Documentation/watchdog, WDIOF_CARDRESET). */
  readonly cardReset: boolean;
}

/** Why it starts, and what to keep of it. Pure. */
export function startOf(
  before: Starts | undefined,
  { bootId, stuck, cardReset }: StartFacts,
): { readonly reason: StartReason; readonly starts: Starts } {
  const reason = reasonOf(before, { bootId, stuck, cardReset });
  const unasked = reason === 'power' || reason === 'crash' || reason === 'watchdog';
  return { reason, starts: { bootId, ended: false, resets: (before?.resets ?? 0) + (unasked ? 1 : 0) } };
}

function reasonOf(before: Starts | undefined, { bootId, stuck, cardReset }: StartFacts): StartReason {
  if (before === undefined) return 'first';
  if (before.bootId !== bootId) return cardReset ? 'watchdog' : before.ended ? 'boot' : 'power';
  if (before.ended) return 'restart';
  return stuck === undefined ? 'crash' : 'watchdog';
}
