import type { Ears } from '../source-system/ears.js';

/** What a province can tell of the completeness of what a receiver said. */
export interface ReportsLost {
  /** Numbers missing in the sequences of all boots of the receiver, each from 1 to the highest heard. */
  readonly missing: number;
  /** Signed records that do not follow the one before. */
  readonly chainBreaks: number;
  /** Messages heard. */
  readonly heard: number;
}

/** Looks through everything that was heard of a receiver for holes. */
export function reportsLost(ears: Ears, receiver: string): ReportsLost {
  const records = [...ears.receipts, ...ears.events].filter((one) => one.receiver === receiver);
  const others = [...ears.states, ...ears.replies, ...ears.telemetry].filter(
    (one) => one.receiver === receiver,
  );
  const boots = new Map<string, Set<number>>();
  for (const { message } of [...records, ...others]) {
    // A will has the number 0: it counts for nothing.
    if (message.sequence === 0) continue;
    boots.set(message.boot, (boots.get(message.boot) ?? new Set()).add(message.sequence));
  }
  const missing = [...boots.values()].reduce((sum, numbers) => sum + Math.max(...numbers) - numbers.size, 0);
  const broken = records.filter(({ chain }) => chain === 'gap' || chain === 'fork').length;
  const firsts = records.filter(({ chain }) => chain === 'first').length;
  return { missing, chainBreaks: broken + Math.max(0, firsts - 1), heard: records.length + others.length };
}
