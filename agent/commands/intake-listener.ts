import type { Command, SignedDocument } from '../../protocols/messages/catalogue.js';
import type { EventBody, Reply } from '../../protocols/messages/up.js';
import type { Authority, TrustDocument } from '../../protocols/trust-document.js';
import type { Outcome } from '../core/errors.js';

/** The link or the mirror; a technician, by hand; a technician with a permit for sound outside the permitted hours. */
export type BroughtBy = 'wire' | 'hand' | 'hand-permit';

/** Where accepted messages go. */
export interface IntakeListener {
  /** Does a command; what it gives back is the terminal answer. */
  onCommand(command: Command, authority: Authority, by: BroughtBy): Outcome<unknown>;
  /** A document is in force in its slot. @param from `kept`: it was taken before, perhaps by an earlier run */
  onDocument(slotKey: string, document: SignedDocument, authority: Authority, from: 'wire' | 'kept'): void;
  /** A document that was in force may not be used any more. */
  onWithdrawn(slotKey: string): void;
  onTrust(document: TrustDocument): void;
  onReply(body: Reply['body']): Promise<void>;
  onEvent(body: EventBody): void;
  /** The areas whose beats must be heard have changed. */
  onHeard?(): void;
  /** A beat of the province was accepted. */
  onBeat?(): void;
  /** A message on this topic was refused; its event has been told. */
  onRefused?(topic: string): void;
}
