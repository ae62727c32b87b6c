import { CLOCK_SKEW_MS } from '../../protocols/authorise.js';
import { KeyRing } from '../../protocols/key-ring.js';
import type { Assignment } from '../../protocols/messages/assignment.js';
import type { Beat } from '../../protocols/messages/beat.js';
import { readPermit, type Permit } from '../../protocols/permit.js';
import { MESSAGE_LIMIT_BYTES, readSigned, type SignedMessage } from '../../protocols/signed-message.js';
import { parseDownTopic, sameSlot, slotPath, type DownTopic } from '../../protocols/topics.js';
import { samePayload, verifyTrust, versionOf, type TrustDocument } from '../../protocols/trust-document.js';
import { accepted, codeOf, messageOf, refused, type Outcome, type Refusal } from '../core/errors.js';
import { createBoundedQueue } from '../core/bounded-queue.js';
import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import { BeatCover } from './beat-cover.js';
import { CommandDesk } from './command-desk.js';
import type { DocumentFolder, TrustFile } from './document-folder.js';
import { DocumentsInForce } from './documents-in-force.js';
import type { BroughtBy, IntakeListener } from './intake-listener.js';
import type { Journal } from './journal.js';
import { Judgement } from './judgement.js';
import { Postponed } from './postponed.js';
import { plainTime, type TimeKeeper } from './signed-time.js';
import { WithheldWatch, type InForceHere } from './withheld.js';

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

/** What became of a message that was offered. */
export type Offered = 'accepted' | 'refused' | 'failed';

/** Messages that wait for the one before them; the broker sends no more than this unacknowledged. */
const WAITING_LIMIT = 64;
const PRUNE_EVERY_MS = 3_600_000;

/**
 * Everything that comes from the broker passes here: verify, dedupe, journal, route. One terminal answer for each
 * command that an authority signed; a refusal is a security event.
 */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #postponed = new Postponed();
  readonly #turns = createBoundedQueue(WAITING_LIMIT, 'messages');
  readonly #time: TimeKeeper;
  readonly #watch: WithheldWatch;
  readonly #cover: BeatCover;
  readonly #judgement: Judgement;
  readonly #documents: DocumentsInForce;
  readonly #commands: CommandDesk;
  #prunedMs: number;
  #ring: KeyRing;

  private constructor(parts: IntakeParts, ring: KeyRing) {
    this.#parts = parts;
    this.#ring = ring;
    this.#time = parts.time ?? plainTime(parts.clock);
    this.#prunedMs = parts.clock.monotonicMs();
    const { receiver, journal, documents: folder, heardTodayMs, listener, log } = parts;
    this.#judgement = new Judgement({
      ...{ receiver, journal, time: this.#time, assignment: () => this.assignment },
      ...(heardTodayMs === undefined ? {} : { heardTodayMs }),
    });
    this.#commands = new CommandDesk({ judgement: this.#judgement, journal, listener });
    this.#documents = new DocumentsInForce({
      ...{ receiver, folder, judgement: this.#judgement, ring: () => this.#ring, listener, log },
      refuse: (refusal, topic) => this.#refuse(refusal, topic),
      onChange: () => this.#watch.look(),
    });
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
    await intake.#documents.readKept();
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
    return this.#documents.assignment;
  }

  /**
   * Takes one message, after all that came before it: two copies of a command, or two revisions of a document, that
   * arrive together must not pass each other. An emergency waits for none of them: it is in force when the call returns. Never throws: a
   * fault of the disk is an event, and a command that could not be written down is not done.
   */
  async take(topic: string, payload: Uint8Array): Promise<void> {
    await this.offer(topic, payload);
  }

  /** The same, and what became of it; `failed` for a fault of our own: it may be offered again. */
  async offer(topic: string, payload: Uint8Array, by: BroughtBy = 'wire'): Promise<Offered> {
    // An empty retained payload is how a broker forgets: it cancels nothing here.
    if (payload.length === 0) return 'refused';
    try {
      const outcome = isEmergency(topic)
        ? await this.#takeNoted(topic, payload, by)
        : await this.#turns.run(() => this.#take(topic, payload, by));
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
  verifyKept(): Promise<Outcome<number>> {
    return this.#documents.verifyKept();
  }

  /** Reads a permit that a technician shows and judges it here and now; a refusal is a security event. */
  async permit(signed: string): Promise<Outcome<Permit>> {
    const state = this.#time.state();
    const outcome =
      state === 'behind' || state === 'ahead'
        ? refused('E_CLOCK_UNKNOWN', `permit: clock ${state}`)
        : readPermit(signed, this.#ring, {
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
    const outcome = await this.#takeNoted(topic, payload, by);
    // Judged by other areas now.
    if (outcome.ok && parseDownTopic(topic)?.kind === 'assignment') await this.#takePostponed();
    return outcome;
  }

  async #takeNoted(topic: string, payload: Uint8Array, by: BroughtBy = 'wire'): Promise<Outcome<undefined>> {
    const outcome = await this.#takeOnce(topic, payload, by);
    this.#postponed.note(topic, payload, outcome);
    return outcome;
  }

  /** Documents that were refused for what has changed now: a broker brings what is retained once a connection. */
  async #takePostponed(): Promise<void> {
    for (const { topic, payload } of this.#postponed.all()) await this.#takeNoted(topic, payload);
  }

  async #takeOnce(topic: string, payload: Uint8Array, by: BroughtBy): Promise<Outcome<undefined>> {
    const where = parseDownTopic(topic);
    if (where === undefined) return refused('E_MESSAGE_TYPE', `unknown topic ${topic.slice(0, 80)}`);
    if (where.kind === 'trust') return this.#takeTrust(payload);
    if (payload.length > MESSAGE_LIMIT_BYTES) return refused('E_MESSAGE_SIZE', `${payload.length} bytes`);
    const read = readSigned(payload, this.#ring);
    if (!read.ok) return read;
    const { message } = read.value;
    if ('target' in message) return this.#commands.take(message, read.value, where, by);
    if (message.type === 'beat') return this.#takeBeat(message, read.value, where);
    return this.#documents.take(message, read.value, where, payload);
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
    await this.#documents.readKept();
    await this.#takePostponed();
    this.#watch.look();
    return accepted(undefined);
  }

  /** A receiver runs for months: its journal must not grow for as long. */
  async #prune(): Promise<void> {
    const { clock, journal } = this.#parts;
    if (clock.monotonicMs() - this.#prunedMs < PRUNE_EVERY_MS) return;
    this.#prunedMs = clock.monotonicMs();
    // Not by a clock that may be years ahead: a command replayed once it is put right must be known still.
    await journal.prune(this.#time.floorMs());
  }

  async #takeBeat(beat: Beat, signed: SignedMessage, where: DownTopic): Promise<Outcome<undefined>> {
    const by = { authority: beat.authority };
    if (where.kind !== 'beat' || !sameSlot(where.slot, beat.slot))
      return refused('E_DOCUMENT_SLOT', `a beat for ${slotPath(beat.slot)}`, by);
    const allowed = this.#judgement.authorise(signed);
    if (!allowed.ok) return allowed;
    const nowMs = this.#time.nowMs();
    const taken = await this.#time.takeBeat(beat);
    if (!taken.ok) return taken;
    this.#parts.listener.onBeat?.();
    // What was kept may have been thought over, or not yet begun.
    if (Math.abs(this.#time.nowMs() - nowMs) > CLOCK_SKEW_MS) {
      await this.#documents.readKept();
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
      revisionOf: (key) => this.#documents.get(key),
    };
  }

  /** Ends its timers. */
  close(): void {
    this.#cover.close();
    this.#watch.close();
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

function isEmergency(topic: string): boolean {
  return parseDownTopic(topic)?.kind === 'emergency';
}

function definedOf(fields: Refusal['fields']): Record<string, string | number | boolean> {
  const defined: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(fields ?? {})) {
    if (value !== undefined) defined[name] = typeof value === 'string' ? value.slice(0, 200) : value;
  }
  return defined;
}
