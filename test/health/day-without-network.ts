import { openOutbox } from '../../agent/link/outbox.js';
import { LOOK_MS, ProgressWatch } from '../../agent/progress-watch.js';
import { memoryStore } from '../fakes/memory-store.js';
import { KeptLog } from '../support/kept-log.js';
import { ManualClock } from '../support/manual-clock.js';

/** What the watchdog's gate said over a day. */
export interface GatedDay {
  readonly looks: number;
  /** Looks at which the watchdogs were not to be fed. */
  readonly withheld: number;
  /** Looks after which a deadlock of the outbox withheld the food; the control of this measurement. */
  readonly deadlockSeenS: number | undefined;
}

const HOUR_S = 3_600;
const STUCK_MS = 120_000;

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * A day in virtual time without a network: a report a minute is kept, nothing leaves, and for an hour of it the disk refuses every
 * write. Then, as a control, a write that never ends.
 */
export async function dayWithoutNetwork(): Promise<GatedDay> {
  const clock = new ManualClock();
  const log = new KeptLog();
  const store = memoryStore();
  let hangs = false;
  const outbox = await openOutbox({
    store: {
      ...store,
      write: (changes) => (hangs ? new Promise<void>(() => undefined) : store.write(changes)),
    },
    ...{ clock, log },
    publish: () => Promise.reject(new Error('no network')),
  });
  let seconds = 0;
  const watch = new ProgressWatch({
    ...{ clock, log, stuckMs: STUCK_MS },
    look: () => ({
      sound: { done: seconds, busy: true },
      scheduler: { done: 0, busy: false },
      outbox: outbox.progress(),
    }),
    emergencySounds: () => false,
    alive: () => undefined,
    tell: () => undefined,
    onStuck: () => undefined,
  });
  let looks = 0;
  let withheld = 0;
  const second = async (): Promise<void> => {
    seconds += 1;
    store.failAll(seconds > 10 * HOUR_S && seconds < 11 * HOUR_S);
    if (seconds % 60 === 0) void outbox.put('event', 'event', Buffer.from('x')).catch(() => undefined);
    if (seconds % 60 < 2) await settled();
    clock.advance(LOOK_MS);
    looks += 1;
    if (!watch.mayFeed) withheld += 1;
  };
  while (seconds < 24 * HOUR_S) await second();
  const day = { looks, withheld };
  hangs = true;
  const from = seconds;
  while (watch.mayFeed && seconds - from < HOUR_S) await second();
  watch.close();
  return { ...day, deadlockSeenS: watch.mayFeed ? undefined : seconds - from };
}
