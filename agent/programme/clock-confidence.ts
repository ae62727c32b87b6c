import type { ClockState } from '../commands/clock-trust.js';

/** What schedules do while the system clock lies below the last time known. */
export type ClockBehind = 'wait' | 'last-known';

/** By which clock schedules are judged: one that may be right, the last time known run on by the uptime, or none. */
export type ScheduleClock = 'clock' | 'last-known' | 'none';

/**
 * May something of a schedule begin by the time there is? Pure. A clock `behind` is known to be wrong (no battery, 1970): the corrected
 * time is then the last one kept, an hour old at most when the mains went, run on by the uptime; it lacks the outage. One
 * `ahead` may be years off, and nothing better is known.
 * @param behind the province's choice: silence until a beat, or the last time known
 */
export function scheduleClock(state: ClockState, behind: ClockBehind): ScheduleClock {
  switch (state) {
    case 'trusted':
    case 'unconfirmed':
      return 'clock';
    case 'behind':
      return behind === 'last-known' ? 'last-known' : 'none';
    case 'ahead':
      return 'none';
  }
}
