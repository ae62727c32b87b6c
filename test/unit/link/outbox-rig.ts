import { LoaError } from '../../../agent/core/errors.js';
import { openOutbox, type Outbox, type OutboxKind } from '../../../agent/link/outbox.js';
import { memoryStore, type MemoryStore } from '../../fakes/memory-store.js';
import { handClock, keptLog, type HandClock } from './support.js';

/** UTF-8 of a text. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A broker that acknowledges when told. */
export function way(): {
  publish(topic: string, payload: Uint8Array): Promise<void>;
  readonly sent: string[];
  acknowledge(text: string): void;
  acknowledgeAll(): void;
  refuse(text: string, code: 'E_LINK_LOST' | 'E_LINK_REFUSED', reason?: number): void;
  waiting(): number;
} {
  const sent: string[] = [];
  const open = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  return {
    publish(_topic, payload) {
      const text = new TextDecoder().decode(payload);
      sent.push(text);
      return new Promise((resolve, reject) => open.set(text, { resolve, reject }));
    },
    sent,
    acknowledge(text) {
      open.get(text)?.resolve();
      open.delete(text);
    },
    acknowledgeAll() {
      for (const text of [...open.keys()]) this.acknowledge(text);
    },
    refuse(text, code, reason) {
      open.get(text)?.reject(new LoaError(code, 'refused', { fields: { reason } }));
      open.delete(text);
    },
    waiting: () => open.size,
  };
}

/** An outbox over a store, and the broker behind it. */
export async function opened(
  store: MemoryStore = memoryStore(),
  limitBytes?: number,
): Promise<{ outbox: Outbox; broker: ReturnType<typeof way>; store: MemoryStore; clock: HandClock }> {
  const broker = way();
  const clock = handClock();
  const options = {
    store,
    clock,
    log: keptLog(),
    publish: (topic: string, payload: Uint8Array) => broker.publish(topic, payload),
  };
  const outbox = await openOutbox(limitBytes === undefined ? options : { ...options, limitBytes });
  return { outbox, broker, store, clock };
}

/** Puts messages whose payloads are these texts. */
export async function fill(
  outbox: Outbox,
  names: readonly string[],
  kind: OutboxKind = 'event',
): Promise<void> {
  for (const name of names) await outbox.put(kind, 'loa/v1/x', bytes(name));
}
/** m1, m2 and so on. */
export const numbers = (count: number): string[] => Array.from({ length: count }, (_, n) => `m${n + 1}`);
