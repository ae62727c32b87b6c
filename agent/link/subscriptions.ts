import { messageOf } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { Store } from '../core/store.js';

const KEY = 'link/subscriptions';

/** How subscriptions reach the broker: see Attempt. */
export interface Subscriber {
  subscribe(topics: readonly string[]): Promise<string[]>;
  unsubscribe(topics: readonly string[]): Promise<void>;
}

/** Keeps the subscriptions of the broker's session equal to the set that is wanted. */
export interface Subscriptions {
  /** From now on exactly these topics are wanted. */
  want(topics: readonly string[]): void;
  /** The connection is up; without a session the broker knows of no subscription. */
  up(through: Subscriber, sessionPresent: boolean): void;
  /** The connection is down. */
  down(): void;
  /** Topics that the broker refused on this connection. */
  refused(): readonly string[];
}

/**
 * What the session holds is kept in the store, because the session outlives the process: after a restart the topics
 * that are no longer wanted are known. The first connection of a process subscribes to everything all the same, so
 * that retained documents come again even where the broker's queue overflowed.
 */
export function createSubscriptions({ store, log }: { store: Store; log: Log }): Subscriptions {
  let wanted: ReadonlySet<string> = new Set();
  /** Topics the session may hold; undefined until read from the store. */
  let held: Set<string> | undefined;
  /** Topics subscribed to since this process first had this session. */
  let fresh = new Set<string>();
  /** Refused by the broker on this connection: not asked for again on it. */
  let refused = new Set<string>();
  let through: Subscriber | undefined;
  let running = false;

  const difference = (): { remove: string[]; add: string[] } => ({
    remove: [...(held ?? [])].filter((topic) => !wanted.has(topic)),
    add: [...wanted].filter((topic) => !fresh.has(topic) && !refused.has(topic)),
  });
  const keep = (): Promise<void> => store.write([{ put: KEY, value: encode([...(held ?? [])]) }]);

  const step = async (
    subscriber: Subscriber,
    { remove, add }: ReturnType<typeof difference>,
  ): Promise<void> => {
    const known = (held ??= new Set());
    if (remove.length > 0) {
      await subscriber.unsubscribe(remove);
      for (const topic of remove) [known, fresh].forEach((set) => set.delete(topic));
    }
    if (add.length > 0) {
      const rejected = new Set(await subscriber.subscribe(add));
      for (const topic of rejected) refused.add(topic);
      for (const topic of add.filter((one) => !rejected.has(one)))
        [known, fresh].forEach((set) => set.add(topic));
      if (rejected.size > 0) {
        log.error({ code: 'E_LINK_REFUSED', topics: [...rejected] }, 'the broker refuses subscriptions');
      }
    }
    await keep().catch((error: unknown) => {
      log.warn({ code: 'E_STORE_WRITE', error: messageOf(error) }, 'the list of subscriptions is not kept');
    });
  };

  const reconcile = async (): Promise<void> => {
    if (running) return;
    running = true;
    try {
      held ??= decode(await store.get(KEY));
      for (;;) {
        const subscriber = through;
        const change = difference();
        if (subscriber === undefined || change.remove.length + change.add.length === 0) return;
        try {
          await step(subscriber, change);
        } catch (error) {
          // The connection went: the next one begins anew. Otherwise the same would fail again and again.
          if (through === subscriber) through = undefined;
          log.debug({ error: messageOf(error) }, 'subscriptions not changed');
        }
      }
    } finally {
      running = false;
    }
  };
  const kick = (): void => {
    reconcile().catch((error: unknown) => {
      log.error({ code: 'E_INTERNAL', error: messageOf(error) }, 'subscriptions stopped');
    });
  };
  return {
    want(topics) {
      wanted = new Set(topics);
      kick();
    },
    up(subscriber, sessionPresent) {
      if (!sessionPresent) {
        fresh = new Set();
        held = new Set();
      }
      refused = new Set();
      through = subscriber;
      kick();
    },
    down() {
      through = undefined;
    },
    refused: () => [...refused],
  };
}

function encode(topics: readonly string[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(topics));
}

function decode(value: Uint8Array | undefined): Set<string> {
  if (value === undefined) return new Set();
  const topics: unknown = JSON.parse(new TextDecoder().decode(value));
  return new Set(Array.isArray(topics) ? topics.filter((topic) => typeof topic === 'string') : []);
}
