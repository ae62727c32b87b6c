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

interface InForce {
  readonly document: SignedDocument;
  /** As it was signed: it is verified again without a disk. */
  readonly bytes: Uint8Array;
}

/** The documents in force, one a slot: the newest revision of each, kept on the disk as it was signed. */
export class DocumentsInForce {
  readonly #parts: DocumentParts;
  readonly #inForce = new Map<string, InForce>();
  /** Emergencies that are not on the disk yet, the newest of each slot. */
  readonly #unkept = new Map<string, Uint8Array>();
  #keeping: Promise<void> | undefined;

  constructor(parts: DocumentParts) {
    this.#parts = parts;
  }

  /** The assignment, if there is one. */
  get assignment(): Assignment | undefined {
    const kept = this.get(documentKey('assignment', { receiver: this.#parts.receiver }, ''));
    return kept?.type === 'assignment' ? kept : undefined;
  }

  /** What is in force in a slot. */
  get(slotKey: string): SignedDocument | undefined {
    return this.#inForce.get(slotKey)?.document;
  }

  /**
   * Takes a document whose signature holds, from the topic that it came on. Emergencies are in force when the call returns, and kept when
   * the promise resolves: a slow disk must not delay them, a full one not keep them away.
   * @throws LoaError `E_STORE_WRITE`
   */
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
    const current = this.get(slotKey);
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
    const inForce = (): void =>
      this.#put(slotKey, { document, bytes: payload }, signed.key.authority, 'wire');
    if (document.type === 'emergency.set') {
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

  /**
   * Verifies every document again, those in force and those of the disk, under the trust in force; what no longer holds is withdrawn.
   * A disk that cannot be read takes nothing out of force.
   */
  async readKept(): Promise<void> {
    const { ring, judgement, refuse, listener } = this.#parts;
    const onDisk = await this.#parts.folder.all((error) => this.#tellUnreadable(error));
    const before = new Map(this.#inForce);
    const inForce = [...before.values()].map(({ bytes }) => bytes);
    const others = onDisk.filter((bytes) => !inForce.some((one) => Buffer.compare(one, bytes) === 0));
    const read: (SignedMessage & { readonly bytes: Uint8Array })[] = [];
    for (const bytes of [...inForce, ...others]) {
      const outcome = readSigned(bytes, ring());
      if (outcome.ok) read.push({ ...outcome.value, bytes });
      else refuse(outcome.refusal, 'kept document');
    }
    // The assignment first: the others are judged by it.
    read.sort((a, b) => Number(b.message.type === 'assignment') - Number(a.message.type === 'assignment'));
    const gone = new Set(before.keys());
    for (const { message, key, bytes } of read) {
      if ('target' in message || message.type === 'beat') continue;
      const slotKey = documentKey(message.type, message.slot, message.authority);
      // The disk has an older one.
      if ((before.get(slotKey)?.bytes ?? bytes) !== bytes) continue;
      const allowed = judgement.authorise({ message, key }, 'kept');
      if (!allowed.ok) {
        refuse(allowed.refusal, 'kept document');
        continue;
      }
      gone.delete(slotKey);
      this.#put(slotKey, { document: message, bytes }, key.authority, 'kept');
    }
    for (const slotKey of gone) {
      this.#inForce.delete(slotKey);
      listener.onWithdrawn(slotKey);
    }
  }

  /** Verifies the signature of every kept document again: how many hold. A test of the path, of no consequence. */
  async verifyKept(): Promise<Outcome<number>> {
    const { folder, ring } = this.#parts;
    let verified = 0;
    for (const bytes of await folder.all((error) => this.#tellUnreadable(error))) {
      const read = readSigned(bytes, ring());
      if (!read.ok) return read;
      verified += 1;
    }
    return verified > 0 ? accepted(verified) : refused('E_AUTHORITY_AREA', 'no document is kept');
  }

  /** Resolves when what waits is on the disk, one after the other; of each slot the newest. */
  #keepEmergency(slotKey: string, payload: Uint8Array): Promise<void> {
    this.#unkept.set(slotKey, payload);
    this.#keeping ??= this.#keepWaiting();
    return this.#keeping;
  }

  /** What cannot be kept is in force until the next start, and comes again from the broker or the mirror then. */
  async #keepWaiting(): Promise<void> {
    const { folder, log, listener } = this.#parts;
    // Those that come meanwhile are seen, too.
    for (const [slotKey, payload] of this.#unkept) {
      try {
        await folder.keep(slotKey, payload);
      } catch (error) {
        const [code, detail] = [codeOf(error), messageOf(error).slice(0, 300)];
        log.error({ code, error: detail }, 'an emergency could not be kept');
        listener.onEvent({ kind: 'alarm', code, detail });
      }
      // A newer one goes to the end of the row.
      const newer = this.#unkept.get(slotKey);
      this.#unkept.delete(slotKey);
      if (newer !== undefined && newer !== payload) this.#unkept.set(slotKey, newer);
    }
    this.#keeping = undefined;
  }

  #put(slotKey: string, inForce: InForce, authority: Authority, from: 'wire' | 'kept'): void {
    const { log, onChange, listener } = this.#parts;
    const { type, revision, authority: by } = inForce.document;
    const isNews = this.get(slotKey)?.revision !== revision;
    this.#inForce.set(slotKey, inForce);
    // First of all: it may be an emergency.
    listener.onDocument(slotKey, inForce.document, authority, from);
    if (isNews) log.info({ type, authority: by, revision }, 'document in force');
    onChange();
  }

  #tellUnreadable(error: unknown): void {
    const [code, detail] = [codeOf(error), messageOf(error).slice(0, 300)];
    this.#parts.log.error({ code, error: detail }, 'a kept document cannot be read');
    this.#parts.listener.onEvent({ kind: 'alarm', code, detail });
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
