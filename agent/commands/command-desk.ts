import type { Command } from '../../protocols/messages/catalogue.js';
import type { Reply } from '../../protocols/messages/up.js';
import type { SignedMessage } from '../../protocols/signed-message.js';
import type { DownTopic } from '../../protocols/topics.js';
import { accepted, refused, type Outcome, type Refusal } from '../core/errors.js';
import type { BroughtBy, IntakeListener } from './intake-listener.js';
import type { Journal } from './journal.js';
import type { Judgement } from './judgement.js';

/** What commands go through. */
export interface CommandDeskParts {
  readonly judgement: Judgement;
  readonly journal: Journal;
  readonly listener: Pick<IntakeListener, 'onCommand' | 'onReply'>;
}

/** Takes commands whose signature holds: judged, once only, done, and answered once. */
export class CommandDesk {
  readonly #parts: CommandDeskParts;

  constructor(parts: CommandDeskParts) {
    this.#parts = parts;
  }

  /** @throws LoaError `E_STORE_WRITE`: one that could not be written down is not done */
  async take(
    command: Command,
    signed: SignedMessage,
    where: DownTopic,
    by: BroughtBy,
  ): Promise<Outcome<undefined>> {
    const { judgement, journal, listener } = this.#parts;
    if (where.kind !== 'command') return refused('E_DOCUMENT_SLOT', `a command on a ${where.kind} topic`);
    const allowed = judgement.authorise(signed);
    // A command for somebody else is not ours to answer.
    if (!allowed.ok)
      return allowed.refusal.code === 'E_COMMAND_TARGET'
        ? allowed
        : this.#answerRefused(command, allowed.refusal);
    const possible = judgement.mayAccept(command);
    if (!possible.ok) return this.#answerRefused(command, possible.refusal);
    const known = await journal.take(command.id, Date.parse(command.expiresAt));
    if (known !== 'new') return refused('E_COMMAND_REPLAY', command.id, { authority: command.authority });
    const outcome = listener.onCommand(command, signed.key.authority, by);
    await this.#answer(command, outcome);
    await journal.answered(command.id);
    return accepted(undefined);
  }

  /** Refused for what it asks, by an authority that we know: it is told so, once. */
  async #answerRefused(command: Command, refusal: Refusal): Promise<Outcome<undefined>> {
    const { journal } = this.#parts;
    const known = await journal.take(command.id, Date.parse(command.expiresAt));
    if (known === 'new') {
      await this.#answer(command, { ok: false, refusal });
      await journal.answered(command.id);
    }
    return { ok: false, refusal };
  }

  async #answer(command: Command, outcome: Outcome<unknown>): Promise<void> {
    const body: Reply['body'] = outcome.ok
      ? { commandId: command.id, outcome: 'done' }
      : {
          commandId: command.id,
          outcome: 'refused',
          code: outcome.refusal.code,
          detail: outcome.refusal.detail.slice(0, 300),
        };
    await this.#parts.listener.onReply(body);
  }
}
