import { MESSAGE_LIMIT_BYTES } from '../../protocols/signed-message.js';

/**
 * Longest packet that a connection survives, bytes, fixed header included. A longer message of QoS 1 is acknowledged before
 * the end: a broker that keeps the session would send it again at every connection, and the receiver would be deaf.
 */
export const PACKET_LIMIT_BYTES = 1_048_576;

/** Longest remaining length that is handed on: a message of the limit with its topic, id and properties. */
export const PASSED_LIMIT_BYTES = MESSAGE_LIMIT_BYTES + 2_048;

/** As much of an oversized message's topic as is kept for the report, bytes. */
const TOPIC_KEPT_BYTES = 256;

/** What the guard wants done besides handing bytes on. */
export type GuardEffect =
  /** The broker broke the standard, or sends what no receiver can take: end the connection now. */
  | { readonly kind: 'violation'; readonly detail: string }
  /** The broker answers with the CONNACK of 3.1.1, code 1: it does not speak this version. */
  | { readonly kind: 'version-refused' }
  /** An oversized message has passed by; `bytes` is its remaining length. */
  | { readonly kind: 'oversize'; readonly topic: string; readonly bytes: number }
  /** A packet that answers one of the receiver's begins: 4 PUBACK, 9 SUBACK, 11 UNSUBACK, 13 PINGRESP. */
  | { readonly kind: 'answer'; readonly type: number }
  /** A message begins that is handed on. */
  | { readonly kind: 'message' }
  /** Acknowledge the message with this packet (PUBACK, the same bytes in 3.1.1 and 5). */
  | { readonly kind: 'acknowledge'; readonly packet: Uint8Array };

/**
 * Is an ordinary message on this topic let go as it comes in, because too many wait already? `bytes` is its packet's remaining length.
 * Asked once for each message whose beginning is in one piece; who says yes has counted it.
 */
export type Sheds = (topic: string, bytes: number) => boolean;

/** Where in the stream of packets the guard is. Holds at most a fixed header, or the beginning of a message that is dropped. */
export type GuardState =
  | { readonly kind: 'header'; readonly held: readonly number[]; readonly connected: boolean }
  | { readonly kind: 'pass'; readonly left: number; readonly connected: boolean }
  | { readonly kind: 'connack'; readonly held: readonly number[]; readonly left: number }
  | { readonly kind: 'discard'; readonly publish: Dropped }
  | { readonly kind: 'broken' };

/** A message that is not handed on. */
interface Dropped {
  readonly flags: number;
  readonly bytes: number;
  /** Bytes of the packet's body seen so far. */
  readonly seen: number;
  readonly topicBytes: number;
  readonly topic: readonly number[];
  readonly id: number;
  /** Over the packet limit: the connection ends as soon as it is acknowledged. */
  readonly huge: boolean;
  /** Let go by {@link Sheds}, and not for its size. */
  readonly shed: boolean;
}

/** What one chunk of the stream led to. */
export interface GuardStep {
  readonly state: GuardState;
  /** Bytes for the MQTT library, in order. */
  readonly pass: readonly Uint8Array[];
  readonly effects: readonly GuardEffect[];
}

/** Before the first byte of a connection. */
export const GUARD_START: GuardState = { kind: 'header', held: [], connected: false };

const CONNACK = 2;
const PUBLISH = 3;
/**
 * What a broker may send to this client (MQTT 5.0, table 2-1): nothing of QoS 2 (5 to 7) and no AUTH (15), because the
 * client never begins either (4.3.3, 4.12).
 */
const FROM_BROKER = new Set([2, 3, 4, 9, 11, 13, 14]);

/** Packets that answer one of the client's. */
const ANSWERS = new Set([4, 9, 11, 13]);

/**
 * Looks at the packets of a broker before the MQTT library buffers them: it holds a packet of any announced length in
 * memory (measured with mqtt 5.16: 333 MB for one). Oversized messages are dropped as they come in and acknowledged, so
 * that a retained one does not come back with every connection; so are those of a flood that nobody has room for, which
 * cost the library ten times as much. Sources: MQTT 3.1.1 and 5.0, clauses 2.1, 3.2, 3.3.
 */
export function guard(before: GuardState, chunk: Uint8Array, sheds: Sheds = () => false): GuardStep {
  let state = before;
  let at = 0;
  const pass: Uint8Array[] = [];
  const effects: GuardEffect[] = [];
  while (at < chunk.length && state.kind !== 'broken') {
    const step: Step = take(state, chunk, at, sheds);
    state = step.state;
    at += step.took;
    if (step.pass !== undefined) pass.push(step.pass);
    if (step.effects !== undefined) for (const effect of step.effects) effects.push(effect);
  }
  return { state, pass, effects };
}

const NOTHING_SEEN = { seen: 0, topicBytes: 0, topic: [], id: 0, huge: false, shed: false } as const;

interface Step {
  readonly state: GuardState;
  readonly took: number;
  readonly pass?: Uint8Array;
  readonly effects?: readonly GuardEffect[];
}

function take(state: GuardState, chunk: Uint8Array, at: number, sheds: Sheds): Step {
  switch (state.kind) {
    case 'header':
      return shedding(takeHeader([...state.held, chunk[at] ?? 0], state.connected), chunk, at + 1, sheds);
    case 'pass': {
      const took = Math.min(state.left, chunk.length - at);
      const left = state.left - took;
      return {
        took,
        pass: chunk.subarray(at, at + took),
        state: left === 0 ? next(state.connected) : { ...state, left },
      };
    }
    case 'connack':
      return takeConnack([...state.held, chunk[at] ?? 0], state.left - 1);
    case 'discard':
      return discard(state.publish, chunk, at);
    case 'broken':
      return { took: chunk.length - at, state };
  }
}

function next(connected: boolean): GuardState {
  return { kind: 'header', held: [], connected };
}

function violation(detail: string): Step {
  return { took: 1, state: { kind: 'broken' }, effects: [{ kind: 'violation', detail }] };
}

/** One more byte of a fixed header: type and flags, then the remaining length in at most four bytes (2.1.4). */
function takeHeader(held: readonly number[], connected: boolean): Step {
  const [first = 0, ...lengthBytes] = held;
  const type = first >> 4;
  if (lengthBytes.length === 0) {
    if (!FROM_BROKER.has(type)) return violation(`packet type ${type} from a broker`);
    if (!connected && type !== CONNACK) return violation(`packet type ${type} before the CONNACK`);
    if (connected && type === CONNACK) return violation('a second CONNACK');
    if (type === PUBLISH && (first & 0b0100) !== 0)
      return violation('a message of QoS 2 or 3, never asked for');
    return { took: 1, state: { kind: 'header', held, connected } };
  }
  if ((lengthBytes.at(-1) ?? 0) >= 128) {
    if (lengthBytes.length === 4) return violation('a remaining length of more than four bytes');
    return { took: 1, state: { kind: 'header', held, connected } };
  }
  const length = lengthBytes.reduce((sum, byte, index) => sum + (byte & 127) * 128 ** index, 0);
  return body(held, first, length, connected);
}

function body(held: readonly number[], first: number, length: number, connected: boolean): Step {
  const type = first >> 4;
  const huge = held.length + length > PACKET_LIMIT_BYTES;
  if (huge && (type !== PUBLISH || (first & 0b0010) === 0)) {
    return violation(`a packet of ${length} bytes announced`);
  }
  if (length > PASSED_LIMIT_BYTES) {
    if (type !== PUBLISH) return violation(`a packet of type ${type} with ${length} bytes`);
    const publish = { ...NOTHING_SEEN, flags: first & 15, bytes: length, huge };
    return { took: 1, state: { kind: 'discard', publish } };
  }
  if (type === CONNACK && length < 2) return violation('a CONNACK without a code');
  if (type === CONNACK) return { took: 1, state: { kind: 'connack', held, left: length } };
  const told: GuardEffect[] =
    type === PUBLISH ? [{ kind: 'message' }] : ANSWERS.has(type) ? [{ kind: 'answer', type }] : [];
  return {
    took: 1,
    pass: Uint8Array.from(held),
    state: length === 0 ? next(connected) : { kind: 'pass', left: length, connected },
    effects: told,
  };
}

/** A message whose header ends in this step is let go where that is wanted. One whose beginning is not all in this piece passes. */
function shedding(step: Step, chunk: Uint8Array, at: number, sheds: Sheds): Step {
  const begins = step.effects?.[0]?.kind === 'message' && step.state.kind === 'pass';
  const publish = begins ? beginningOf(step.pass?.[0] ?? 0, step.state.left, chunk, at) : undefined;
  if (publish === undefined || !sheds(publish.name, publish.bytes)) return step;
  const { state, effects = [] } = discarded(publish, 0);
  return { took: step.took + publish.seen, state, effects: [...(step.effects ?? []), ...effects] };
}

/** Topic and packet id (3.3.2), where both are in this piece. */
function beginningOf(
  first: number,
  bytes: number,
  chunk: Uint8Array,
  at: number,
): (Dropped & { readonly name: string }) | undefined {
  const flags = first & 15;
  const topicBytes = (chunk[at] ?? 0) * 256 + (chunk[at + 1] ?? 0);
  const idAt = at + 2 + topicBytes;
  const seen = 2 + topicBytes + (qosOf({ flags }) === 1 ? 2 : 0);
  if (seen > bytes || at + seen > chunk.length) return undefined;
  const id = qosOf({ flags }) === 1 ? (chunk[idAt] ?? 0) * 256 + (chunk[idAt + 1] ?? 0) : 0;
  if (qosOf({ flags }) === 1 && id === 0) return undefined;
  const name = Buffer.from(chunk.buffer, chunk.byteOffset + at + 2, topicBytes).toString('utf8');
  return { ...NOTHING_SEEN, flags, bytes, seen, topicBytes, id, shed: true, name };
}

/** The CONNACK's flags and code are looked at whole: `20 02 00 01` is a broker of 3.1.1 refusing a newer version. */
function takeConnack(held: readonly number[], left: number): Step {
  const header = held.findIndex((byte, index) => index > 0 && byte < 128) + 1;
  if (held.length - header < 2) return { took: 1, state: { kind: 'connack', held, left } };
  const old = left === 0 && held.length === 4 && held[3] === 1;
  return {
    took: 1,
    pass: Uint8Array.from(held),
    state: left === 0 ? next(true) : { kind: 'pass', left, connected: true },
    ...(old ? { effects: [{ kind: 'version-refused' as const }] } : {}),
  };
}

/** Topic length, topic, packet id where QoS is 1 (3.3.2); all that follows is skipped. */
function discard(publish: Dropped, chunk: Uint8Array, at: number): Step {
  const idAt = 2 + publish.topicBytes;
  const bodyAt = idAt + (qosOf(publish) === 1 ? 2 : 0);
  if (publish.seen >= 2 && publish.seen >= bodyAt) {
    const took = Math.min(publish.bytes - publish.seen, chunk.length - at);
    return discarded({ ...publish, seen: publish.seen + took }, took);
  }
  const byte = chunk[at] ?? 0;
  const seen = publish.seen + 1;
  if (publish.seen < 2) {
    const topicBytes = publish.topicBytes * 256 + byte;
    return discarded({ ...publish, seen, topicBytes }, 1);
  }
  if (publish.seen < idAt) {
    const topic = publish.topic.length < TOPIC_KEPT_BYTES ? [...publish.topic, byte] : publish.topic;
    return discarded({ ...publish, seen, topic }, 1);
  }
  const id = publish.id * 256 + byte;
  if (seen === bodyAt && id === 0) return violation('a message of QoS 1 without a packet id');
  if (seen === bodyAt && publish.huge) {
    const { effects } = passedBy({ ...publish, id });
    const end: GuardEffect = { kind: 'violation', detail: `a message of ${publish.bytes} bytes announced` };
    return { took: 1, state: { kind: 'broken' }, effects: [...effects, end] };
  }
  return discarded({ ...publish, seen, id }, 1);
}

function discarded(publish: Dropped, took: number): Step {
  if (publish.seen < publish.bytes) return { took, state: { kind: 'discard', publish } };
  return { took, state: next(true), ...passedBy(publish) };
}

/** What is told of a message that was not handed on, and its acknowledgement. */
function passedBy(publish: Dropped): { readonly effects: readonly GuardEffect[] } {
  const acknowledge: GuardEffect[] =
    qosOf(publish) === 1
      ? [{ kind: 'acknowledge', packet: Uint8Array.of(0x40, 2, publish.id >> 8, publish.id & 255) }]
      : [];
  if (publish.shed) return { effects: acknowledge };
  const topic = new TextDecoder().decode(Uint8Array.from(publish.topic));
  const oversize: GuardEffect = { kind: 'oversize', topic, bytes: publish.bytes };
  return { effects: [oversize, ...acknowledge] };
}

function qosOf({ flags }: Pick<Dropped, 'flags'>): number {
  return (flags >> 1) & 3;
}
