import { systemClock } from '../../agent/core/clock.js';
import type { OpenSink } from '../types.js';

/** Consumes sound at the clock's pace and keeps nothing: a receiver without a card, or a measurement of all the rest. */
export const openNullSink: OpenSink = async () => ({
  kind: 'null',
  startedMs: systemClock.monotonicMs(),
  aheadFrames: 0,
  uncertaintyMs: 0.1,
  write() {
    // Nothing is kept; the writer's clock does the pacing.
  },
  async close() {
    // Nothing is open.
  },
});
