import { createHash } from 'node:crypto';
import { documentTopics, mirrorPath, topicOfKey } from '../../protocols/mirror.js';
import { downTopics } from '../../protocols/topics.js';
import type { TrustDocument } from '../../protocols/trust-document.js';
import type { Clock } from '../core/clock.js';
import type { MirrorAnswer, MirrorFetch } from './mirror-fetch.js';
import type { RoundOutcome } from './mirror-state.js';

/** What became of something that was offered; `failed`: a fault of our own, to be offered again. */
export type OfferOutcome = 'accepted' | 'refused' | 'failed';

/** What the receiver knows, and where what is fetched goes: the same way as a message of the broker. */
export interface MirrorHere {
  readonly receiver: string;
  /** The trust document in force. */
  trust(): TrustDocument;
  /** Areas of the assignment in force; none without one. */
  areas(): readonly string[];
  /** Keys of documents that a beat has named and that have not come. */
  awaited(): readonly string[];
  /** Changes whenever what was refused before might be accepted now. */
  context(): string;
  offer(topic: string, payload: Uint8Array): Promise<OfferOutcome>;
}

/** Questions in one round; what does not fit has its turn in the next. */
export const ROUND_REQUESTS = 64;
/** Bytes of documents in one round, after which no further question is asked. */
export const ROUND_BYTES = 1_048_576;
/** Versions of the trust document that are caught up with in one round. */
const TRUST_STEPS = 16;
/** What was refused is offered again after so long, milliseconds: it may have been the clock. */
const REFUSED_FOR_MS = 10 * 60_000;
const REMEMBERED_LIMIT = 512;

interface Remembered {
  readonly etag: string | undefined;
  readonly digest: string;
  readonly context: string;
  readonly untilMs: number;
}

/** What the rounds stand on. */
export interface MirrorRoundsParts {
  readonly here: MirrorHere;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** The mirror gives something odd for a topic: told once until it gives a document again. */
  readonly onOdd: (topic: string, why: string) => void;
}

/**
 * Asks for everything retained that could concern this receiver, told by what is signed alone: the next trust document,
 * the assignment, the beats, what they name, and the slots of all authorities that may speak here.
 */
export class MirrorRounds {
  readonly #parts: MirrorRoundsParts;
  readonly #remembered = new Map<string, Remembered>();
  readonly #odd = new Set<string>();
  #cursor = 0;

  constructor(parts: MirrorRoundsParts) {
    this.#parts = parts;
  }

  /** One round; never rejects for what the mirror or the network is. */
  async run(fetch: MirrorFetch): Promise<RoundOutcome> {
    const seen = { requests: 0, bytes: 0, right: 0, news: false };
    for (const topic of this.#topics()) {
      seen.requests += 1;
      const answer = await fetch(mirrorPath(topic), this.#etagOf(topic));
      if (answer.kind === 'failed') return answer;
      if (answer.kind === 'document' || answer.kind === 'same') seen.right += 1;
      if (answer.kind === 'document') {
        seen.bytes += answer.bytes.length;
        if (await this.#take(topic, answer)) seen.news = true;
      }
      this.#noteOdd(topic, answer);
      if (seen.requests >= ROUND_REQUESTS || seen.bytes >= ROUND_BYTES) break;
    }
    if (seen.right > 0) return { kind: 'answered', news: seen.news };
    const detail = `none of ${seen.requests} documents is there`;
    return { kind: 'failed', why: { code: 'E_MIRROR_UNREACHABLE', detail } };
  }

  /** Looked up one by one: an answer may change what is asked next. */
  *#topics(): Generator<string, void> {
    const { here } = this.#parts;
    for (let step = 0; step < TRUST_STEPS; step += 1) {
      const { version } = here.trust();
      yield downTopics.trustVersion(version + 1);
      if (here.trust().version === version) break;
    }
    yield downTopics.assignment(here.receiver);
    yield downTopics.receiverBeat(here.receiver);
    for (const area of here.areas()) yield downTopics.beat(area);
    yield* this.#documents();
  }

  /** What a beat has named and what may be there besides, by turns: a false table of contents holds up nothing. */
  *#documents(): Generator<string, void> {
    const { here } = this.#parts;
    const awaited = [...new Set(here.awaited().flatMap((key) => topicOfKey(key) ?? []))];
    const others = documentTopics(here.receiver, here.areas(), here.trust()).filter(
      (topic) => !awaited.includes(topic),
    );
    const start = this.#cursor;
    for (let n = 0; n < Math.max(awaited.length, others.length); n += 1) {
      const named = awaited[n];
      if (named !== undefined) yield named;
      const other = n < others.length ? others[(start + n) % others.length] : undefined;
      if (other === undefined) continue;
      this.#cursor = (start + n + 1) % others.length;
      yield other;
    }
  }

  /** True where it is accepted and was not known. */
  async #take(topic: string, { bytes, etag }: Extract<MirrorAnswer, { kind: 'document' }>): Promise<boolean> {
    const { here, clock } = this.#parts;
    const digest = createHash('sha256').update(bytes).digest('base64url');
    const known = this.#valid(topic);
    // A server without ETags sends the same again: it has been judged.
    if (known?.digest === digest) return false;
    const outcome = await here.offer(topic, bytes);
    this.#remembered.delete(topic);
    if (outcome === 'failed') return false;
    const untilMs = outcome === 'accepted' ? Infinity : clock.monotonicMs() + REFUSED_FOR_MS;
    this.#remembered.set(topic, { etag, digest, context: here.context(), untilMs });
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined && this.#remembered.size > REMEMBERED_LIMIT) this.#remembered.delete(oldest);
    return outcome === 'accepted' && !topic.includes('/beat');
  }

  #etagOf(topic: string): string | undefined {
    return this.#valid(topic)?.etag;
  }

  /** What is remembered, where it would be judged the same now. */
  #valid(topic: string): Remembered | undefined {
    const { here, clock } = this.#parts;
    const known = this.#remembered.get(topic);
    if (known === undefined || known.context !== here.context()) return undefined;
    return clock.monotonicMs() < known.untilMs ? known : undefined;
  }

  #noteOdd(topic: string, answer: MirrorAnswer): void {
    if (answer.kind !== 'odd') this.#odd.delete(topic);
    else if (!this.#odd.has(topic) && this.#odd.size < REMEMBERED_LIMIT) {
      this.#odd.add(topic);
      this.#parts.onOdd(topic, answer.why);
    }
  }
}
