/** What is kept, from what is dropped last to what is dropped first. */
export type OutboxKind = 'receipt' | 'security' | 'reply' | 'event' | 'telemetry';

/** Receipts and security events, then replies, then alarms and other events, then readings. Smaller is dropped first. */
const RANK: Record<OutboxKind, number> = { receipt: 3, security: 3, reply: 2, event: 1, telemetry: 0 };

/** The classes of the outbox, the one that is dropped first at the front. */
export const RANKS = [0, 1, 2, 3] as const;

/** Class of a kind. */
export function rankOf(kind: OutboxKind): (typeof RANKS)[number] {
  return RANKS[RANK[kind]] ?? 0;
}

/** A message as the outbox keeps it. */
export interface KeptMessage {
  readonly kind: OutboxKind;
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** The key of message `number` under a prefix: keys in the order of their numbers. */
export function keyOf(prefix: string, number: number): string {
  return `${prefix}${String(number).padStart(16, '0')}`;
}

/** The number in a key, or undefined where it is none. */
export function numberOf(prefix: string, key: string): number | undefined {
  const number = Number(key.slice(prefix.length));
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

/** One line of kind and topic, then the payload as it is. */
export function encodeMessage({ kind, topic, payload }: KeptMessage): Uint8Array {
  return Buffer.concat([Buffer.from(`${kind} ${topic}\n`), payload]);
}

/** The message of a value, or undefined where it cannot be read. */
export function decodeMessage(value: Uint8Array | undefined): KeptMessage | undefined {
  if (value === undefined) return undefined;
  const end = value.indexOf(10);
  const [kind = '', topic = ''] = Buffer.from(value.subarray(0, Math.max(end, 0)))
    .toString('utf8')
    .split(' ', 2);
  if (topic === '' || !isKind(kind)) return undefined;
  return { kind, topic, payload: value.subarray(end + 1) };
}

function isKind(text: string): text is OutboxKind {
  return Object.hasOwn(RANK, text);
}
