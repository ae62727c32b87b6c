import type { Outcome } from '../core/errors.js';
import { parseDownTopic } from '../../protocols/topics.js';

/** Refusals that a newer trust document, another assignment or the right time may turn round. */
const MAY_PASS = new Set([
  ...['E_SIGNATURE_KEY', 'E_AUTHORITY_REVOKED', 'E_AUTHORITY_AREA', 'E_AUTHORITY_GRANT'],
  ...['E_COMMAND_TARGET', 'E_COMMAND_TIME'],
]);
/** At most so many, the newest on each topic: 1 MiB. */
const LIMIT = 16;

/** A document as it came. */
export interface PostponedDocument {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/**
 * Documents that were refused and may be right before long: a receiver that was away over several trust documents is brought its new
 * assignment before the document that names its signer. Each is judged anew as if it had just come.
 */
export class Postponed {
  readonly #documents = new Map<string, Uint8Array>();

  /** Remembers or forgets, by what became of a document. */
  note(topic: string, payload: Uint8Array, outcome: Outcome<unknown>): void {
    const kind = parseDownTopic(topic)?.kind;
    if (kind !== 'assignment' && kind !== 'emergency') return;
    if (outcome.ok) this.#documents.delete(topic);
    if (outcome.ok || !MAY_PASS.has(outcome.refusal.code)) return;
    this.#documents.delete(topic);
    this.#documents.set(topic, payload);
    const [oldest] = this.#documents.keys();
    if (this.#documents.size > LIMIT && oldest !== undefined) this.#documents.delete(oldest);
  }

  /** What is remembered, assignments first: the others are judged by them. */
  all(): PostponedDocument[] {
    const all = [...this.#documents].map(([topic, payload]) => ({ topic, payload }));
    const last = ({ topic }: PostponedDocument): number => Number(!topic.endsWith('/assignment'));
    return all.sort((one, other) => last(one) - last(other));
  }
}
