import type { KeyRing } from '../../protocols/key-ring.js';
import type { Assignment } from '../../protocols/messages/assignment.js';
import type { SignedDocument } from '../../protocols/messages/catalogue.js';
import { readSigned, type SignedMessage } from '../../protocols/signed-message.js';
import { documentKey, sameSlot, type DownTopic } from '../../protocols/topics.js';
import type { Authority } from '../../protocols/trust-document.js';
import { accepted, codeOf, messageOf, refused, type Outcome, type Refusal } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { DocumentFolder } from './document-folder.js';
import type { IntakeListener } from './intake-listener.js';
import type { Judgement } from './judgement.js';

/** What documents are kept and judged with. */
export interface DocumentParts {
  readonly receiver: string;
  readonly folder: DocumentFolder;
  readonly judgement: Judgement;
  /** The keys of the trust document in force. */
  readonly ring: () => KeyRing;
  readonly listener: Pick<IntakeListener, 'onDocument' | 'onWithdrawn' | 'onEvent'>;
  /** Tells that a document was refused. */
  readonly refuse: (refusal: Refusal, topic: string) => void;
  /** What is in force has changed. */
  readonly onChange: () => void;
  readonly log: Log;
}

/** The documents in force, one a slot: the newest revision of each, kept on the disk as it was signed. */
export class DocumentsInForce {
  readonly #parts: DocumentParts;
  readonly #inForce = new Map<string, SignedDocument>();
  /** Emergencies that the disk did not take, by slot: they stand before what is kept of it. */
  readonly #unkept = new Map<string, Uint8Array>();

  constructor(parts: DocumentParts) {
    this.#parts = parts;
  }

  /** The assignment, if there is one. */
  get assignment(): Assignment | undefined {
    const kept = this.#inForce.get(documentKey('assignment', { receiver: this.#parts.receiver }, ''));
    return kept?.type === 'assignment' ? kept : undefined;
  }

  /** What is in force in a slot. */
  get(slotKey: string): SignedDocument | undefined {
    return this.#inForce.get(slotKey);
  }

  /** Takes a document whose signature holds, from the topic that it came on. @throws LoaError `E_STORE_WRITE` */
  async take(
    document: SignedDocument,
    signed: SignedMessage,
    where: DownTopic,
    payload: Uint8Array,
  ): Promise<Outcome<undefined>> {
    const { judgement, folder } = this.#parts;
    if (!fitsTopic(document, where))
      return refused('E_DOCUMENT_SLOT', `${document.type} of ${document.authority}`, {
        authority: document.authority,
      });
    const allowed = judgement.authorise(signed);
    if (!allowed.ok) return allowed;
    const possible = judgement.mayAccept(document);
    if (!possible.ok) return possible;
    const slotKey = documentKey(document.type, document.slot, document.authority);
    const current = this.#inForce.get(slotKey);
    if (current !== undefined) {
      const newer =
        document.epoch > current.epoch ||
        (document.epoch === current.epoch && document.revision > current.revision);
      // The broker brings what is retained at every connection: the one in force is no news.
      if (document.epoch === current.epoch && document.revision === current.revision)
        return accepted(undefined);
      if (!newer)
        return refused('E_DOCUMENT_OLD', `revision ${document.revision}`, { authority: document.authority });
    }
    const inForce = (): void => this.#put(slotKey, document, signed.key.authority);
    if (document.type === 'emergency.set') {
      // It is heard first: a slow disk must not delay it, a full one not keep it away.
      inForce();
      await this.#keepEmergency(slotKey, payload);
    } else {
      await folder.keep(slotKey, payload);
      inForce();
    }
    // Other areas, other authorities: what was kept is judged again.
    if (document.type === 'assignment') await this.readKept();
    return accepted(undefined);
  }

  /** Verifies every kept document again under the trust in force; what no longer holds is withdrawn. */
  async readKept(): Promise<void> {
    const { folder, ring, judgement, refuse, listener } = this.#parts;
    const before = new Set(this.#inForce.keys());
    const read: (SignedMessage & { readonly bytes: Uint8Array })[] = [];
    for (const bytes of [...(await folder.all()), ...this.#unkept.values()]) {
      const outcome = await readSigned(bytes, ring());
      if (outcome.ok) read.push({ ...outcome.value, bytes });
      else refuse(outcome.refusal, 'kept document');
    }
    // The assignment first: the others are judged by it.
    read.sort((a, b) => Number(b.message.type === 'assignment') - Number(a.message.type === 'assignment'));
    for (const signed of read) {
      const { message } = signed;
      if ('target' in message || message.type === 'beat') continue;
      const slotKey = documentKey(message.type, message.slot, message.authority);
      // The disk has an older one.
      if ((this.#unkept.get(slotKey) ?? signed.bytes) !== signed.bytes) continue;
      const allowed = judgement.authorise(signed, 'kept');
      if (!allowed.ok) {
        refuse(allowed.refusal, 'kept document');
        continue;
      }
      before.delete(slotKey);
      this.#put(slotKey, message, signed.key.authority);
    }
    for (const slotKey of before) {
      this.#inForce.delete(slotKey);
      listener.onWithdrawn(slotKey);
    }
  }

  /** Verifies the signature of every kept document again: how many hold. A test of the path, of no consequence. */
  async verifyKept(): Promise<Outcome<number>> {
    const { folder, ring } = this.#parts;
    let verified = 0;
    for (const bytes of await folder.all()) {
      const read = await readSigned(bytes, ring());
      if (!read.ok) return read;
      verified += 1;
    }
    return verified > 0 ? accepted(verified) : refused('E_AUTHORITY_AREA', 'no document is kept');
  }

  /** What cannot be kept is in force until the next start, and comes again from the broker or the mirror then. */
  async #keepEmergency(slotKey: string, payload: Uint8Array): Promise<void> {
    const { folder, log, listener } = this.#parts;
    try {
      await folder.keep(slotKey, payload);
      this.#unkept.delete(slotKey);
    } catch (error) {
      this.#unkept.set(slotKey, payload);
      const [code, detail] = [codeOf(error), messageOf(error).slice(0, 300)];
      log.error({ code, error: detail }, 'an emergency could not be kept');
      listener.onEvent({ kind: 'alarm', code, detail });
    }
  }

  #put(slotKey: string, document: SignedDocument, authority: Authority): void {
    const { log, onChange, listener } = this.#parts;
    const { type, revision } = document;
    const isNews = this.#inForce.get(slotKey)?.revision !== revision;
    this.#inForce.set(slotKey, document);
    if (isNews) log.info({ type, authority: document.authority, revision }, 'document in force');
    onChange();
    listener.onDocument(slotKey, document, authority);
  }
}

/** The signed part must agree with the topic: type, slot, and where the topic names one the authority. */
function fitsTopic(document: SignedDocument, where: DownTopic): boolean {
  if (where.kind === 'trust' || where.kind === 'command' || where.kind === 'beat') return false;
  const type = where.kind === 'emergency' ? 'emergency.set' : where.kind;
  return (
    document.type === type &&
    sameSlot(where.slot, document.slot) &&
    (!('authority' in where) || where.authority === document.authority)
  );
}
