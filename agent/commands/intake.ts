import { authorise, CLOCK_SKEW_MS, issuedAtOf } from '../../protocols/authorise.js';
import { KeyRing } from '../../protocols/key-ring.js';
import type { Assignment } from '../../protocols/messages/assignment.js';
import type { Beat } from '../../protocols/messages/beat.js';
import type { Command, DownMessage, SignedDocument } from '../../protocols/messages/catalogue.js';
import type { EventBody, Reply } from '../../protocols/messages/up.js';
import { readPermit, type Permit } from '../../protocols/permit.js';
import { MESSAGE_LIMIT_BYTES, readSigned, type SignedMessage } from '../../protocols/signed-message.js';
import { documentKey, parseDownTopic, sameSlot, slotPath, type DownTopic } from '../../protocols/topics.js';
import {
  samePayload,
  verifyTrust,
  versionOf,
  type Authority,
  type TrustDocument,
} from '../../protocols/trust-document.js';
import { accepted, codeOf, messageOf, refused, type Outcome, type Refusal } from '../core/errors.js';
import { createBoundedQueue } from '../core/bounded-queue.js';
import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { DocumentFolder, TrustFile } from './document-folder.js';
import type { Journal } from './journal.js';
import { BeatCover } from './beat-cover.js';
import { mayAccept } from './may-accept.js';
import { plainTime, type TimeKeeper } from './signed-time.js';
import { Postponed } from './postponed.js';
import { WithheldWatch, type InForceHere } from './withheld.js';

/** Where accepted messages go. */
export interface IntakeListener {
  /** Does a command; what it gives back is the terminal answer. */
  onCommand(command: Command, authority: Authority, by: BroughtBy): Outcome<unknown>;
  /** A document is in force in its slot. */
  onDocument(slotKey: string, document: SignedDocument, authority: Authority): void;
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

/** What the intake stands on. */
export interface IntakeParts {
  readonly receiver: string;
  readonly journal: Journal;
  readonly documents: DocumentFolder;
  readonly trustFile: TrustFile;
  readonly clock: Clock;
  /** Signed time; the clock as it is where left out. */
  readonly time?: TimeKeeper;
  /** What was heard today of an authority's plays, milliseconds. */
  readonly heardTodayMs?: (authorityId: string) => number;
  readonly log: Log;
  readonly listener: IntakeListener;
}

/** The link or the mirror; a technician, by hand; a technician with a permit for sound outside the permitted hours. */
export type BroughtBy = 'wire' | 'hand' | 'hand-permit';

/** What became of a message that was offered. */
export type Offered = 'accepted' | 'refused' | 'failed';

/** Messages that wait for the one before them; the broker sends no more than this unacknowledged. */
const WAITING_LIMIT = 64;
const PRUNE_EVERY_MS = 3_600_000;

interface InForce {
  readonly document: SignedDocument;
}

/**
 * Everything that comes from the broker passes here: verify, dedupe, journal, route. One terminal answer for each
 * command that an authority signed; a refusal is a security event.
 */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #inForce = new Map<string, InForce>();
  readonly #postponed = new Postponed();
  /** Emergencies that the disk did not take, by slot: they stand before what is kept of it. */
  readonly #unkept = new Map<string, Uint8Array>();
  readonly #turns = createBoundedQueue(WAITING_LIMIT, 'messages');
  readonly #time: TimeKeeper;
  readonly #watch: WithheldWatch;
  readonly #cover: BeatCover;
  #prunedMs: number;
  #ring: KeyRing;

  private constructor(parts: IntakeParts, ring: KeyRing) {
    this.#parts = parts;
    this.#ring = ring;
    this.#time = parts.time ?? plainTime(parts.clock);
    this.#prunedMs = parts.clock.monotonicMs();
    this.#watch = new WithheldWatch(this.#time, this.#here(), (body) => parts.listener.onEvent(body));
    this.#cover = new BeatCover({
      clock: this.#time,
      standing: () => ({ assignment: this.assignment, trust: this.trust }),
      onChange: () => parts.listener.onHeard?.(),
    });
  }

  /** Starts from a verified trust document and from the documents kept on disk, each verified again. */
  static async open(parts: IntakeParts, trust: TrustDocument): Promise<Intake> {
    const intake = new Intake(parts, await KeyRing.of(trust));
    await intake.#readKept();
    return intake;
  }

  /** The trust document in force. */
  get trust(): TrustDocument {
    return this.#ring.document;
  }

  /** How many keys of an authority hold now. */
  validKeys(authorityId: string): number {
    return this.#ring.validKeys(authorityId, this.#time.nowMs());
  }

  /** The assignment in force, if there is one. */
  get assignment(): Assignment | undefined {
    const kept = this.#inForce.get(
      documentKey('assignment', { receiver: this.#parts.receiver }, ''),
    )?.document;
    return kept?.type === 'assignment' ? kept : undefined;
  }

  /**
   * Takes one message, after all that came before it: two copies of a command, or two revisions of a document, that
   * arrive together must not pass each other. Never throws: a fault of the disk is an event, and a command that could
   * not be written down is not done.
   */
  async take(topic: string, payload: Uint8Array): Promise<void> {
    await this.offer(topic, payload);
  }

  /** The same, and what became of it; `failed` for a fault of our own: it may be offered again. */
  async offer(topic: string, payload: Uint8Array, by: BroughtBy = 'wire'): Promise<Offered> {
    // An empty retained payload is how a broker forgets: it cancels nothing here.
    if (payload.length === 0) return 'refused';
    try {
      const outcome = await this.#turns.run(() => this.#take(topic, payload, by));
      if (outcome.ok) return 'accepted';
      this.#refuse(outcome.refusal, topic);
      this.#parts.listener.onRefused?.(topic);
      return 'refused';
    } catch (error) {
      this.#parts.log.error(
        { code: codeOf(error), error: messageOf(error) },
        'a message could not be handled',
      );
      this.#parts.listener.onEvent({
        kind: 'alarm',
        code: codeOf(error),
        detail: messageOf(error).slice(0, 300),
      });
      return 'failed';
    }
  }

  /** Areas of the assignment whose own beats must be heard: see BeatCover. */
  heard(): readonly string[] {
    return this.#cover.heard();
  }

  /** When the province last vouched for all that concerns this receiver, by a beat; -Infinity before the first. */
  get vouchedMs(): number {
    return this.#cover.vouchedMs;
  }

  /** Verifies the signature of every kept document again: how many hold. A test of the path, of no consequence. */
  async verifyKept(): Promise<Outcome<number>> {
    let verified = 0;
    for (const bytes of await this.#parts.documents.all()) {
      const read = await readSigned(bytes, this.#ring);
      if (!read.ok) return read;
      verified += 1;
    }
    return verified > 0 ? accepted(verified) : refused('E_AUTHORITY_AREA', 'no document is kept');
  }

  /** Reads a permit that a technician shows and judges it here and now; a refusal is a security event. */
  async permit(signed: string): Promise<Outcome<Permit>> {
    const state = this.#time.state();
    const outcome =
      state === 'behind' || state === 'ahead'
        ? refused('E_CLOCK_UNKNOWN', `permit: clock ${state}`)
        : await readPermit(signed, this.#ring, {
            receiver: this.#parts.receiver,
            assignment: this.assignment,
            nowMs: this.#time.nowMs(),
          });
    if (!outcome.ok) this.#refuse(outcome.refusal, 'permit');
    return outcome;
  }

  /** Keys of what a beat has named and what has not come yet, the trust document among them as `trust`. */
  awaited(): readonly string[] {
    return this.#watch.awaited();
  }

  async #take(topic: string, payload: Uint8Array, by: BroughtBy): Promise<Outcome<undefined>> {
    await this.#prune();
    const outcome = await this.#takeOnce(topic, payload, by);
    this.#postponed.note(topic, payload, outcome);
    return outcome;
  }

  /** Documents that were refused for what has changed now: a broker brings what is retained once a connection. */
  async #takePostponed(): Promise<void> {
    for (const { topic, payload } of this.#postponed.all()) {
      const outcome = await this.#takeOnce(topic, payload);
      this.#postponed.note(topic, payload, outcome);
    }
  }

  async #takeOnce(topic: string, payload: Uint8Array, by: BroughtBy = 'wire'): Promise<Outcome<undefined>> {
    const where = parseDownTopic(topic);
    if (where === undefined) return refused('E_MESSAGE_TYPE', `unknown topic ${topic.slice(0, 80)}`);
    if (where.kind === 'trust') return this.#takeTrust(payload);
    if (payload.length > MESSAGE_LIMIT_BYTES) return refused('E_MESSAGE_SIZE', `${payload.length} bytes`);
    const read = await readSigned(payload, this.#ring);
    if (!read.ok) return read;
    const { message } = read.value;
    if ('target' in message) return this.#takeCommand(message, read.value, where, by);
    if (message.type === 'beat') return this.#takeBeat(message, read.value, where);
    return this.#takeDocument(message, read.value, where, payload);
  }

  async #takeCommand(
    command: Command,
    signed: SignedMessage,
    where: DownTopic,
    by: BroughtBy,
  ): Promise<Outcome<undefined>> {
    if (where.kind !== 'command') return refused('E_DOCUMENT_SLOT', `a command on a ${where.kind} topic`);
    const allowed = this.#authorise(signed);
    // A command for somebody else is not ours to answer.
    if (!allowed.ok)
      return allowed.refusal.code === 'E_COMMAND_TARGET'
        ? allowed
        : this.#answerRefused(command, allowed.refusal);
    const possible = this.#mayAccept(command);
    if (!possible.ok) return this.#answerRefused(command, possible.refusal);
    const known = await this.#parts.journal.take(command.id, Date.parse(command.expiresAt));
    if (known !== 'new') return refused('E_COMMAND_REPLAY', command.id, { authority: command.authority });
    const outcome = this.#parts.listener.onCommand(command, signed.key.authority, by);
    await this.#answer(command, outcome);
    await this.#parts.journal.answered(command.id);
    return accepted(undefined);
  }

  /** Refused for what it asks, by an authority that we know: it is told so, once. */
  async #answerRefused(command: Command, refusal: Refusal): Promise<Outcome<undefined>> {
    const known = await this.#parts.journal.take(command.id, Date.parse(command.expiresAt));
    if (known === 'new') {
      await this.#answer(command, { ok: false, refusal });
      await this.#parts.journal.answered(command.id);
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

  async #takeDocument(
    document: SignedDocument,
    signed: SignedMessage,
    where: DownTopic,
    payload: Uint8Array,
  ): Promise<Outcome<undefined>> {
    if (!fitsTopic(document, where))
      return refused('E_DOCUMENT_SLOT', `${document.type} of ${document.authority}`, {
        authority: document.authority,
      });
    const allowed = this.#authorise(signed);
    if (!allowed.ok) return allowed;
    const possible = this.#mayAccept(document);
    if (!possible.ok) return possible;
    const slotKey = documentKey(document.type, document.slot, document.authority);
    const current = this.#inForce.get(slotKey)?.document;
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
    const inForce = (): void => this.#putInForce(slotKey, document, signed.key.authority);
    if (document.type === 'emergency.set') {
      // It is heard first: a slow disk must not delay it, a full one not keep it away.
      inForce();
      await this.#keepEmergency(slotKey, payload);
    } else {
      await this.#parts.documents.keep(slotKey, payload);
      inForce();
    }
    // Other areas, other authorities: what was kept is judged again.
    if (document.type === 'assignment') await this.#readKept();
    return accepted(undefined);
  }

  /** What cannot be kept is in force until the next start, and comes again from the broker or the mirror then. */
  async #keepEmergency(slotKey: string, payload: Uint8Array): Promise<void> {
    try {
      await this.#parts.documents.keep(slotKey, payload);
      this.#unkept.delete(slotKey);
    } catch (error) {
      this.#unkept.set(slotKey, payload);
      const [code, detail] = [codeOf(error), messageOf(error).slice(0, 300)];
      this.#parts.log.error({ code, error: detail }, 'an emergency could not be kept');
      this.#parts.listener.onEvent({ kind: 'alarm', code, detail });
    }
  }

  async #takeTrust(payload: Uint8Array): Promise<Outcome<undefined>> {
    const text = new TextDecoder().decode(payload);
    const kept = await this.#parts.trustFile.read();
    // The same content with other signatures is no news either.
    if (text === kept || (kept !== undefined && samePayload(text, kept))) return accepted(undefined);
    const version = versionOf(text);
    if (version !== undefined && version > this.#ring.document.version + 1) {
      // Those between come one by one, each on its own topic; the beat shows when they do not.
      this.#parts.log.info({ version, known: this.#ring.document.version }, 'a later trust document waits');
      return accepted(undefined);
    }
    const verified = await verifyTrust(text, { current: this.#ring.document });
    if (!verified.ok) return verified;
    await this.#parts.trustFile.write(text);
    this.#ring = await KeyRing.of(verified.value);
    this.#parts.log.info({ version: verified.value.version }, 'new trust document');
    await this.#time.lift(Date.parse(verified.value.issuedAt));
    this.#parts.listener.onTrust(verified.value);
    await this.#readKept();
    await this.#takePostponed();
    this.#watch.look();
    return accepted(undefined);
  }

  /** Verifies every kept document again under the trust in force; what no longer holds is withdrawn. */
  async #readKept(): Promise<void> {
    const before = new Set(this.#inForce.keys());
    const read: (SignedMessage & { readonly bytes: Uint8Array })[] = [];
    for (const bytes of [...(await this.#parts.documents.all()), ...this.#unkept.values()]) {
      const outcome = await readSigned(bytes, this.#ring);
      if (outcome.ok) read.push({ ...outcome.value, bytes });
      else this.#refuse(outcome.refusal, 'kept document');
    }
    // The assignment first: the others are judged by it.
    read.sort((a, b) => Number(b.message.type === 'assignment') - Number(a.message.type === 'assignment'));
    for (const signed of read) {
      const { message } = signed;
      if ('target' in message || message.type === 'beat') continue;
      const slotKey = documentKey(message.type, message.slot, message.authority);
      // The disk has an older one.
      if ((this.#unkept.get(slotKey) ?? signed.bytes) !== signed.bytes) continue;
      const allowed = this.#authorise(signed, 'kept');
      if (!allowed.ok) {
        this.#refuse(allowed.refusal, 'kept document');
        continue;
      }
      before.delete(slotKey);
      this.#putInForce(slotKey, message, signed.key.authority);
    }
    for (const slotKey of before) {
      this.#inForce.delete(slotKey);
      this.#parts.listener.onWithdrawn(slotKey);
    }
  }

  /** A receiver runs for months: its journal must not grow for as long. */
  async #prune(): Promise<void> {
    const { clock, journal } = this.#parts;
    if (clock.monotonicMs() - this.#prunedMs < PRUNE_EVERY_MS) return;
    this.#prunedMs = clock.monotonicMs();
    // Not by a clock that may be years ahead: a command replayed once it is put right must be known still.
    await journal.prune(this.#time.floorMs());
  }

  #authorise(signed: SignedMessage, from: 'wire' | 'kept' = 'wire'): Outcome<undefined> {
    const { receiver, heardTodayMs } = this.#parts;
    return authorise(signed.message, signed.key, {
      receiver,
      assignment: this.assignment,
      nowMs: from === 'kept' ? this.#keptJudgedMs(signed.message) : this.#judgedMs(signed.message),
      ...(from === 'kept' || this.#isInDoubt(signed.message) ? { keyMs: this.#keptMs(signed.message) } : {}),
      ...(heardTodayMs === undefined ? {} : { heardTodayMs }),
    });
  }

  /**
   * The instant to judge a message by. While the clock is known to be behind, a document is as young as it says, within
   * the validity of its key: an emergency must not wait for the clock. A beat is judged by its own time until there is a better one:
   * it is what the clock is corrected with.
   */
  #judgedMs(message: DownMessage): number {
    const nowMs = this.#time.nowMs();
    const state = this.#time.state();
    const signedMs = Date.parse(issuedAtOf(message));
    if (message.type === 'beat' && state !== 'trusted') return signedMs;
    // Nor has a receiver without an assignment any beat: the first one must not wait for the clock that it would be corrected by.
    const isFirst = message.type === 'assignment' && this.assignment === undefined && state !== 'trusted';
    if (isFirst) return Math.max(nowMs, signedMs);
    return 'target' in message || state !== 'behind' ? nowMs : Math.max(nowMs, signedMs);
  }

  /** What was taken before is not from the future for a clock that may be late. */
  #keptJudgedMs(message: DownMessage): number {
    const judgedMs = this.#judgedMs(message);
    if (this.#time.state() === 'trusted') return judgedMs;
    return Math.max(judgedMs, Date.parse(issuedAtOf(message)));
  }

  /** A document that comes while the clock may be years ahead: an emergency must not wait for the clock. */
  #isInDoubt(message: DownMessage): boolean {
    return !('target' in message) && message.type !== 'beat' && this.#time.state() === 'ahead';
  }

  /** What was taken before is not dropped for a clock that may be years ahead: its key is judged by what is certain. */
  #keptMs(message: DownMessage): number {
    if (this.#time.state() === 'trusted') return this.#time.nowMs();
    return Math.max(this.#time.floorMs(), Date.parse(issuedAtOf(message)));
  }

  #mayAccept(message: Command | SignedDocument): Outcome<undefined> {
    const journal = this.#parts.journal.covers(Date.parse(message.issuedAt)) ? 'covers' : 'lost';
    const circumstances = { clock: this.#time.state(), journal, trust: this.#time.freshness() } as const;
    const outcome = mayAccept(message.type, circumstances);
    if (outcome.ok) return outcome;
    return refused(outcome.refusal.code, outcome.refusal.detail, { authority: message.authority });
  }

  async #takeBeat(beat: Beat, signed: SignedMessage, where: DownTopic): Promise<Outcome<undefined>> {
    const by = { authority: beat.authority };
    if (where.kind !== 'beat' || !sameSlot(where.slot, beat.slot))
      return refused('E_DOCUMENT_SLOT', `a beat for ${slotPath(beat.slot)}`, by);
    const allowed = this.#authorise(signed);
    if (!allowed.ok) return allowed;
    const nowMs = this.#time.nowMs();
    const taken = await this.#time.takeBeat(beat);
    if (!taken.ok) return taken;
    this.#parts.listener.onBeat?.();
    // What was kept may have been thought over, or not yet begun.
    if (Math.abs(this.#time.nowMs() - nowMs) > CLOCK_SKEW_MS) {
      await this.#readKept();
      await this.#takePostponed();
    }
    this.#cover.take(beat);
    const areas = this.assignment?.body.areas ?? [];
    this.#watch.take(beat, [`receiver/${this.#parts.receiver}`, ...areas.map((area) => `area/${area}`)]);
    return accepted(undefined);
  }

  #here(): InForceHere {
    return {
      trustVersion: () => this.trust.version,
      revisionOf: (key) => this.#inForce.get(key)?.document,
    };
  }

  /** Ends its timers. */
  close(): void {
    this.#cover.close();
    this.#watch.close();
  }

  #putInForce(slotKey: string, document: SignedDocument, authority: Authority): void {
    const news = this.#inForce.get(slotKey)?.document.revision !== document.revision;
    this.#inForce.set(slotKey, { document });
    if (news) this.#tellInForce(document);
    this.#watch.look();
    this.#parts.listener.onDocument(slotKey, document, authority);
  }

  #tellInForce({ type, authority, revision }: SignedDocument): void {
    this.#parts.log.info({ type, authority, revision }, 'document in force');
  }

  #refuse(refusal: Refusal, topic: string): void {
    const fields = { topic: topic.slice(0, 200), ...definedOf(refusal.fields) };
    this.#parts.log.warn({ code: refusal.code, ...fields }, refusal.detail);
    this.#parts.listener.onEvent({
      kind: 'security',
      code: refusal.code,
      detail: refusal.detail.slice(0, 300),
      fields,
    });
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

function definedOf(fields: Refusal['fields']): Record<string, string | number | boolean> {
  const defined: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(fields ?? {})) {
    if (value !== undefined) defined[name] = typeof value === 'string' ? value.slice(0, 200) : value;
  }
  return defined;
}
