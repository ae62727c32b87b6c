import { authorise, issuedAtOf } from '../../protocols/authorise.js';
import type { Assignment } from '../../protocols/messages/assignment.js';
import type { Command, DownMessage, SignedDocument } from '../../protocols/messages/catalogue.js';
import type { SignedMessage } from '../../protocols/signed-message.js';
import { refused, type Outcome } from '../core/errors.js';
import type { Journal } from './journal.js';
import { mayAccept } from './may-accept.js';
import type { TimeKeeper } from './signed-time.js';

/** What a message is judged by, its signature apart. */
export interface JudgementParts {
  readonly receiver: string;
  readonly journal: Pick<Journal, 'covers'>;
  readonly time: TimeKeeper;
  /** The one in force. */
  readonly assignment: () => Assignment | undefined;
  /** What was heard today of an authority's plays, milliseconds. */
  readonly heardTodayMs?: (authorityId: string) => number;
}

/** May a message whose signature holds be taken: by what its authority may do, by the time, and by what is known here? */
export class Judgement {
  readonly #parts: JudgementParts;

  constructor(parts: JudgementParts) {
    this.#parts = parts;
  }

  /** May its authority say it, here and now? @param from `kept`: it was taken before, and is read again */
  authorise(signed: SignedMessage, from: 'wire' | 'kept' = 'wire'): Outcome<undefined> {
    const { receiver, heardTodayMs, assignment } = this.#parts;
    return authorise(signed.message, signed.key, {
      receiver,
      assignment: assignment(),
      nowMs: from === 'kept' ? this.#keptJudgedMs(signed.message) : this.#judgedMs(signed.message),
      ...(from === 'kept' || this.#isInDoubt(signed.message) ? { keyMs: this.#keptMs(signed.message) } : {}),
      ...(heardTodayMs === undefined ? {} : { heardTodayMs }),
    });
  }

  /** May it be taken in the circumstances: the clock, the journal, how fresh the trust is? */
  mayAccept(message: Command | SignedDocument): Outcome<undefined> {
    const { journal, time } = this.#parts;
    const covers = journal.covers(Date.parse(message.issuedAt)) ? 'covers' : 'lost';
    const circumstances = { clock: time.state(), journal: covers, trust: time.freshness() } as const;
    const outcome = mayAccept(message.type, circumstances);
    if (outcome.ok) return outcome;
    return refused(outcome.refusal.code, outcome.refusal.detail, { authority: message.authority });
  }

  /**
   * The instant to judge a message by. While the clock is known to be behind, a document is as young as it says, within
   * the validity of its key: an emergency must not wait for the clock. A beat is judged by its own time until there is a better one:
   * it is what the clock is corrected with.
   */
  #judgedMs(message: DownMessage): number {
    const { time, assignment } = this.#parts;
    const nowMs = time.nowMs();
    const state = time.state();
    const signedMs = Date.parse(issuedAtOf(message));
    if (message.type === 'beat' && state !== 'trusted') return signedMs;
    // Nor has a receiver without an assignment any beat: the first one must not wait for the clock that it would be corrected by.
    const isFirst = message.type === 'assignment' && assignment() === undefined && state !== 'trusted';
    if (isFirst) return Math.max(nowMs, signedMs);
    return 'target' in message || state !== 'behind' ? nowMs : Math.max(nowMs, signedMs);
  }

  /** What was taken before is not from the future for a clock that may be late. */
  #keptJudgedMs(message: DownMessage): number {
    const judgedMs = this.#judgedMs(message);
    if (this.#parts.time.state() === 'trusted') return judgedMs;
    return Math.max(judgedMs, Date.parse(issuedAtOf(message)));
  }

  /** A document that comes while the clock may be years ahead: an emergency must not wait for the clock. */
  #isInDoubt(message: DownMessage): boolean {
    return !('target' in message) && message.type !== 'beat' && this.#parts.time.state() === 'ahead';
  }

  /** What was taken before is not dropped for a clock that may be years ahead: its key is judged by what is certain. */
  #keptMs(message: DownMessage): number {
    const { time } = this.#parts;
    if (time.state() === 'trusted') return time.nowMs();
    return Math.max(time.floorMs(), Date.parse(issuedAtOf(message)));
  }
}
