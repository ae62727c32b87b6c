import { UUID } from 'uuidv7';
import type { z } from 'zod';
import { instant, type Clock } from '../../agent/core/clock.js';
import { LoaError } from '../../agent/core/errors.js';
import { BEAT_DOCUMENTS, type Beat } from '../../protocols/messages/beat.js';
import type { Renew } from '../../protocols/messages/renew.js';
import { permit as permitSchema, type Permit } from '../../protocols/permit.js';
import type { Retire } from '../../protocols/messages/retire.js';
import type { Update } from '../../protocols/messages/update.js';
import type { Assignment } from '../../protocols/messages/assignment.js';
import type { Desired } from '../../protocols/messages/desired.js';
import { schedule as scheduleSchema, type Schedule } from '../../protocols/messages/schedule.js';
import type { Command } from '../../protocols/messages/catalogue.js';
import type { target as targetSchema } from '../../protocols/messages/common.js';
import type { Emergency, EmergencySet } from '../../protocols/messages/emergency.js';
import type { PlayStart, PlayStop } from '../../protocols/messages/play.js';
import type { SoundSource } from '../../protocols/messages/sound-source.js';
import { signMessage, TYP } from '../../protocols/signed-message.js';
import { documentKey, downTopics, parseDownTopic, slotPath, type Slot } from '../../protocols/topics.js';
import type { TrustDocument } from '../../protocols/trust-document.js';
import { areaIds, lineOf } from './cast.js';
import { keepNextTrust, openKeys, signerIn, type ProvinceKeys } from './province-keys.js';
import {
  RecordBook,
  type PlayRecord,
  type ProvinceRecords,
  type ReceiverRecord,
} from './province-records.js';
import type { Signer } from './signer.js';

const LIVE_LIFE_MS = 10 * 60_000;
const OTHER_LIFE_MS = 24 * 3_600_000;
const WHOLE_DAY = [{ from: '00:00', to: '24:00' }];

/** Whom a command is for. */
export type Target = z.infer<typeof targetSchema>;

/** Something to be published: where, what, and the message before it was signed. */
export interface Publication<M = unknown> {
  readonly topic: string;
  /** A compact JWS, or for the trust document its JSON envelope. */
  readonly payload: string;
  readonly retain: boolean;
  readonly message: M;
}

/** What an operator says of a play; the rest is filled in. */
export interface PlayRequest {
  readonly target: { readonly area: string } | { readonly group: string } | { readonly receiver: string };
  readonly source: SoundSource;
  /** Heard, best first, while the source gives no sound. */
  readonly fallback?: readonly SoundSource[];
  readonly title: string;
  readonly class?: 'normal' | 'priority';
  readonly rank?: number;
  readonly gainDb?: number;
  /** RFC 3339; the instant of the first sample. */
  readonly startAt?: string;
  /** Length of the lease from now (or from `startAt`), milliseconds; ten minutes by default. */
  readonly forMs?: number;
  /** Of an earlier play, to renew its lease. */
  readonly playId?: string;
}

/** An emergency as an operator says it; id, status, severity, start and repetition are filled in where left out. */
export type EmergencyRequest = Pick<Emergency, 'title' | 'content'> &
  Partial<Omit<Emergency, 'title' | 'content'>> & { readonly forMs?: number };

/** For tests of refusal: signs with a key that is not the authority's, or changes the message before it is signed. */
export interface Forgery {
  readonly signer?: Signer;
  readonly alter?: (message: Record<string, unknown>) => Record<string, unknown>;
}

/**
 * The simulated province: who may speak, with their keys, in one folder (keys of mode 0600). It signs; it sends
 * nothing.
 */
export class Province {
  readonly #folder: string;
  #keys: ProvinceKeys;
  readonly #book: RecordBook;
  readonly #clock: Clock;

  private constructor(folder: string, keys: ProvinceKeys, book: RecordBook, clock: Clock) {
    this.#folder = folder;
    this.#keys = keys;
    this.#book = book;
    this.#clock = clock;
  }

  /** The province of a folder; makes keys and trust document where the folder has none. */
  static async open(folder: string, clock: Clock): Promise<Province> {
    return new Province(folder, await openKeys(folder, clock.nowMs()), new RecordBook(folder), clock);
  }

  /** The trust document in force. */
  get trust(): TrustDocument {
    return this.#keys.trust;
  }

  /** The signed trust document, as it goes on the wire. */
  get trustText(): string {
    return this.#keys.trustText;
  }

  /** Every version so far, the oldest first, as signed. */
  get trustVersions(): ProvinceKeys['trustVersions'] {
    return this.#keys.trustVersions;
  }

  /** What an installer compares by another way than the network. */
  get rootFingerprint(): string {
    return this.#keys.rootFingerprint;
  }

  /** Reads anew what another process may have published. */
  async refresh(): Promise<void> {
    this.#keys = await openKeys(this.#folder, this.#clock.nowMs());
  }

  get #signers(): ReadonlyMap<string, Signer> {
    return this.#keys.signers;
  }

  /** The key of an authority. @throws LoaError `E_USAGE` where there is no such authority */
  signer(authorityId: string): Signer {
    return signerIn(this.#signers, authorityId);
  }

  /** Where a receiver was assigned to; undefined where it was not. */
  async receiver(id: string): Promise<ReceiverRecord | undefined> {
    return (await this.#book.read()).receivers[id];
  }

  /** The newest plays, the newest last. */
  async plays(): Promise<readonly PlayRecord[]> {
    return (await this.#book.read()).plays;
  }

  /** Everything that must stand retained on a broker: trust document, assignments, what is desired, emergency sets, schedules. */
  async retained(): Promise<Publication[]> {
    const { assignments, desired, emergencySets, schedules } = await this.#book.read();
    const documents = [assignments, desired, emergencySets, schedules].flatMap((all) => Object.values(all));
    return [
      { topic: downTopics.trust(), payload: this.trustText, retain: true, message: this.trust },
      ...this.trustVersions.map(({ version, text }) => {
        const topic = downTopics.trustVersion(version);
        return { topic, payload: text, retain: true, message: undefined };
      }),
      ...documents.map(({ topic, payload }) => ({ topic, payload, retain: true, message: undefined })),
    ];
  }

  /** Says where a receiver stands. The epoch rises when it moves: commands meant for it at the old place die. */
  async assign(
    id: string,
    home: string,
    groups: readonly string[] = [],
    place?: Assignment['body']['place'],
  ): Promise<Publication<Assignment>> {
    const areas = lineOf(home);
    if (areas === undefined) throw new LoaError('E_USAGE', `no such area: ${home} (there are ${areaIds()})`);
    return this.#book.change(async (records) => {
      const before = records.receivers[id];
      const moved = before !== undefined && before.home !== home;
      const record = {
        home,
        groups: [...groups],
        epoch: (before?.epoch ?? 1) + (moved ? 1 : 0),
        revision: (before?.revision ?? 0) + 1,
        ...(place === undefined ? {} : { place }),
      };
      const message: Assignment = {
        type: 'assignment',
        authority: 'province',
        slot: { receiver: id },
        revision: record.revision,
        epoch: record.epoch,
        issuedAt: this.#now(),
        body: { home, areas, groups: [...groups], ...(place === undefined ? {} : { place }) },
      };
      const publication = await this.#publication(downTopics.assignment(id), message, true);
      records.receivers[id] = record;
      records.assignments[id] = { topic: publication.topic, payload: publication.payload };
      if (before === undefined) await this.#keepDesired(records, id, {});
      return publication;
    });
  }

  /**
   * What is desired of a receiver, signed: it may sound at every hour of the day unless the body says otherwise, so that what a
   * test hears does not hang on when it is run. Said first when it is assigned for the first time.
   */
  async desired(id: string, body: Partial<Desired['body']>): Promise<Publication<Desired>> {
    return this.#book.change((records) => this.#keepDesired(records, id, body));
  }

  /** What was desired of a receiver last, to be published beside its assignment; undefined where it was never assigned. */
  async desiredNow(id: string): Promise<Publication | undefined> {
    const { [id]: kept } = (await this.#book.read()).desired;
    return kept && { topic: kept.topic, payload: kept.payload, retain: true, message: undefined };
  }

  /** Signs the schedule of an authority in a slot, whole, with the slot's next revision. */
  async schedule(
    by: string,
    slot: Slot,
    body: z.input<typeof scheduleSchema>['body'],
  ): Promise<Publication<Schedule>> {
    const topic = downTopics.schedule(slot, by);
    return this.#book.change(async (records) => {
      const revision = (records.schedules[topic]?.revision ?? 0) + 1;
      const message = scheduleSchema.parse({
        ...{ type: 'schedule', authority: by, slot, revision, epoch: epochOf(records, slot) },
        ...{ issuedAt: this.#now(), body },
      });
      const publication = await this.#publication(topic, message, true);
      const { payload } = publication;
      records.schedules[topic] = { topic, payload, authority: by, slot, revision };
      return publication;
    });
  }

  /** Signs a `play.start`. A live play's command lives ten minutes, another's a day at most. */
  async playStart(by: string, request: PlayRequest, forgery: Forgery = {}): Promise<Publication<PlayStart>> {
    const nowMs = this.#clock.nowMs();
    const target = await this.#targetOf(request.target);
    const startMs = request.startAt === undefined ? nowMs : Date.parse(request.startAt);
    const untilMs = startMs + (request.forMs ?? LIVE_LIFE_MS);
    const message: PlayStart = {
      type: 'play.start',
      ...this.#envelope(by, target, isLive(request) ? LIVE_LIFE_MS : OTHER_LIFE_MS),
      body: {
        playId: request.playId ?? newId(nowMs),
        class: request.class ?? 'normal',
        rank: request.rank ?? 0,
        title: request.title,
        source: request.source,
        ...(request.fallback === undefined ? {} : { fallback: [...request.fallback] }),
        ...(request.startAt === undefined ? {} : { startAt: request.startAt }),
        until: instant(untilMs),
        gainDb: request.gainDb ?? 0,
      },
    };
    const publication = await this.#publication(topicOf(target), message, false, forgery);
    const { playId, title } = message.body;
    await this.#book.change(({ plays }) => plays.push({ playId, authority: by, title, target }));
    return publication;
  }

  /** Signs a `play.stop`. */
  async playStop(
    by: string,
    request: Pick<PlayRequest, 'target'> & { readonly playId: string },
    forgery: Forgery = {},
  ): Promise<Publication<PlayStop>> {
    const target = await this.#targetOf(request.target);
    const message: PlayStop = {
      type: 'play.stop',
      ...this.#envelope(by, target, LIVE_LIFE_MS),
      body: { playId: request.playId },
    };
    return this.#publication(topicOf(target), message, false, forgery);
  }

  /** Signs the set of all emergencies of an authority in a slot, with the slot's next revision. An empty set ends them. */
  async emergencySet(
    by: string,
    slot: Slot,
    requests: readonly EmergencyRequest[],
    forgery: Forgery = {},
  ): Promise<Publication<EmergencySet>> {
    const topic = downTopics.emergency(slot, by);
    return this.#book.change(async (records) => {
      const revision = (records.emergencySets[topic]?.revision ?? 0) + 1;
      const emergencies = requests.map((request) => this.#emergency(request));
      const epoch = epochOf(records, slot);
      const message: EmergencySet = {
        type: 'emergency.set',
        authority: by,
        slot,
        revision,
        epoch,
        issuedAt: this.#now(),
        body: { emergencies },
      };
      const publication = await this.#publication(topic, message, true, forgery);
      if (forgery.signer === undefined && forgery.alter === undefined) {
        const { payload } = publication;
        records.emergencySets[topic] = { topic, payload, authority: by, slot, revision, emergencies };
      }
      return publication;
    });
  }

  /** The emergencies of an authority in a slot that have not ended by themselves. */
  async emergencies(by: string, slot: Slot): Promise<Emergency[]> {
    const nowMs = this.#clock.nowMs();
    const { emergencySets } = await this.#book.read();
    const all = emergencySets[downTopics.emergency(slot, by)]?.emergencies ?? [];
    return all.filter(({ endsAt }) => Date.parse(endsAt) > nowMs);
  }

  /** Adds one emergency to those in force. */
  async emergencyAdd(by: string, slot: Slot, request: EmergencyRequest): Promise<Publication<EmergencySet>> {
    return this.emergencySet(by, slot, [...(await this.emergencies(by, slot)), request]);
  }

  /** Takes one emergency, or with no id all of them, out of force. @throws LoaError `E_USAGE` for an id not in force */
  async emergencyCancel(by: string, slot: Slot, id?: string): Promise<Publication<EmergencySet>> {
    const before = await this.emergencies(by, slot);
    if (id !== undefined && !before.some((one) => one.id === id)) {
      throw new LoaError('E_USAGE', `${by} has no emergency ${id} in ${slotPath(slot)}`);
    }
    return this.emergencySet(by, slot, id === undefined ? [] : before.filter((one) => one.id !== id));
  }

  /**
   * Signs the time and the newest revisions for an area and those above it, or for one receiver those of its areas too.
   * @param nonce of the birth that it answers
   */
  async beat(slot: Slot, nonce?: string, forgery: Forgery = {}): Promise<Publication<Beat>> {
    const { receivers, emergencySets, schedules, desired } = await this.#book.read();
    const record = 'receiver' in slot ? receivers[slot.receiver] : undefined;
    const areas =
      'area' in slot ? (lineOf(slot.area) ?? []) : record === undefined ? [] : (lineOf(record.home) ?? []);
    const above = 'area' in slot ? areas.filter((area) => area !== slot.area) : [];
    const places = new Set([slotPath(slot), ...areas.map((area) => slotPath({ area }))]);
    const kept = [
      ...Object.values(emergencySets).map((set) => ({ ...set, type: 'emergency.set' as const })),
      ...Object.values(schedules).map((one) => ({ ...one, type: 'schedule' as const })),
    ];
    const documents = kept
      .filter((one) => places.has(slotPath(one.slot)) && !this.isRevoked(one.authority))
      .map((one) => ({
        key: documentKey(one.type, one.slot, one.authority),
        epoch: epochOf({ receivers }, one.slot),
        revision: one.revision,
      }));
    if (record !== undefined && 'receiver' in slot) {
      const wanted = desired[slot.receiver];
      if (wanted !== undefined) {
        const { epoch, revision } = wanted;
        documents.unshift({ key: documentKey('desired', slot, 'province'), epoch, revision });
      }
      const { epoch, revision } = record;
      documents.unshift({ key: documentKey('assignment', slot, 'province'), epoch, revision });
    }
    const message: Beat = {
      type: 'beat',
      authority: 'province',
      slot,
      at: this.#now(),
      ...(nonce === undefined ? {} : { nonce }),
      trustVersion: this.trust.version,
      documents: documents.slice(0, BEAT_DOCUMENTS),
      // One that cannot name them all covers none.
      ...(above.length > 0 && documents.length <= BEAT_DOCUMENTS ? { covers: above } : {}),
    };
    const topic = 'area' in slot ? downTopics.beat(slot.area) : downTopics.receiverBeat(slot.receiver);
    return this.#publication(topic, message, false, forgery);
  }

  /** Signs a `renew`: the receivers of a place renew their certificates. */
  async renew(
    by: string,
    at: PlayRequest['target'],
    withinS = 0,
    forgery: Forgery = {},
  ): Promise<Publication<Renew>> {
    const target = await this.#targetOf(at);
    const envelope = this.#envelope(by, target, OTHER_LIFE_MS);
    const message: Renew = { type: 'renew', ...envelope, body: { withinS } };
    return this.#publication(topicOf(target), message, false, forgery);
  }

  /** Signs an `update`: what the province wants of updates from now on. */
  async update(
    by: string,
    at: PlayRequest['target'],
    body: Partial<Update['body']> = {},
  ): Promise<Publication<Update>> {
    const target = await this.#targetOf(at);
    const message: Update = {
      type: 'update',
      ...this.#envelope(by, target, OTHER_LIFE_MS),
      body: { percent: 100, groups: [], hold: false, back: false, ...body },
    };
    return this.#publication(topicOf(target), message, false);
  }

  /** Signs a `retire`: the receiver wipes itself. */
  async retire(by: string, receiver: string, forgery: Forgery = {}): Promise<Publication<Retire>> {
    const epoch = (await this.receiver(receiver))?.epoch ?? 1;
    const target = { receiver, epoch };
    const message: Retire = {
      type: 'retire',
      ...this.#envelope(by, target, LIVE_LIFE_MS),
      target,
      body: {},
    };
    return this.#publication(topicOf(target), message, false, forgery);
  }

  /** Signs a permit for sound on site, on these days of the country. It is carried by hand, not published. */
  async permit(by: string, receivers: readonly string[], days: readonly string[]): Promise<string> {
    const nowMs = this.#clock.nowMs();
    const lastMs = Math.max(...days.map((day) => Date.parse(`${day}T00:00:00+07:00`)));
    const message: Permit = permitSchema.parse({
      ...{ type: 'permit', id: newId(nowMs), authority: by, issuedAt: instant(nowMs) },
      ...{ expiresAt: instant(lastMs + 86_400_000), receivers: [...receivers], days: [...days] },
    });
    return signMessage(message, TYP.permit, signerIn(this.#signers, by));
  }

  /** True where the trust document in force revokes an authority. */
  isRevoked(authorityId: string): boolean {
    return this.trust.revoked.some((one) => 'authority' in one && one.authority === authorityId);
  }

  /**
   * Publishes the next trust document, which revokes an authority from now on. Everything that must stand retained anew is
   * given back.
   * @throws LoaError `E_USAGE` where there is no such authority, or it is revoked already
   */
  async revoke(authorityId: string): Promise<Publication[]> {
    signerIn(this.#signers, authorityId);
    if (this.isRevoked(authorityId)) throw new LoaError('E_USAGE', `${authorityId} is revoked already`);
    const revoked = [...this.trust.revoked, { authority: authorityId, since: this.#now() }];
    return this.changeTrust((document) => ({ ...document, revoked }));
  }

  /** Signs and keeps the next trust document; the publications that make it known. */
  async changeTrust(change: (document: TrustDocument) => TrustDocument): Promise<Publication[]> {
    const { version } = this.trust;
    const next = { ...change(this.trust), version: version + 1, issuedAt: this.#now() };
    this.#keys = await keepNextTrust(this.#folder, this.#keys, next);
    return [
      { topic: downTopics.trustVersion(next.version), payload: this.trustText, retain: true, message: next },
      { topic: downTopics.trust(), payload: this.trustText, retain: true, message: next },
    ];
  }

  async #keepDesired(
    records: ProvinceRecords,
    id: string,
    body: Partial<Desired['body']>,
  ): Promise<Publication<Desired>> {
    const slot = { receiver: id };
    const epoch = epochOf(records, slot);
    const revision = (records.desired[id]?.revision ?? 0) + 1;
    const message: Desired = {
      ...{ type: 'desired', authority: 'province', slot, revision, epoch, issuedAt: this.#now() },
      body: { permittedHours: { normal: WHOLE_DAY, priority: WHOLE_DAY }, minutesADay: {}, ...body },
    };
    const publication = await this.#publication(downTopics.desired(id), message, true);
    const { topic, payload } = publication;
    records.desired[id] = { topic, payload, epoch, revision };
    return publication;
  }

  #emergency({ forMs, ...request }: EmergencyRequest): Emergency {
    const nowMs = this.#clock.nowMs();
    return {
      id: newId(nowMs),
      status: 'actual',
      severity: 'severe',
      startsAt: instant(nowMs),
      endsAt: instant(nowMs + (forMs ?? 3_600_000)),
      repeatEveryMs: 60_000,
      ...request,
    };
  }

  #envelope(by: string, target: Target, lifeMs: number): Omit<Command, 'type' | 'body'> {
    const nowMs = this.#clock.nowMs();
    return {
      id: newId(nowMs),
      authority: by,
      issuedAt: instant(nowMs),
      expiresAt: instant(nowMs + lifeMs),
      target,
    };
  }

  async #targetOf(target: PlayRequest['target']): Promise<Target> {
    if (!('receiver' in target)) return target;
    return { receiver: target.receiver, epoch: (await this.receiver(target.receiver))?.epoch ?? 1 };
  }

  async #publication<M extends { type: keyof typeof TYP; authority: string }>(
    topic: string,
    message: M,
    retain: boolean,
    { signer, alter }: Forgery = {},
  ): Promise<Publication<M>> {
    const signed = alter === undefined ? message : alter({ ...message });
    const payload = await signMessage(signed, TYP[message.type], signer ?? this.signer(message.authority));
    return { topic, payload, retain, message };
  }

  #now(): string {
    return instant(this.#clock.nowMs());
  }
}

/** A publication, and behind an assignment what is desired of its receiver. */
export async function withDesired(province: Province, publication: Publication): Promise<Publication[]> {
  const where = parseDownTopic(publication.topic);
  if (where?.kind !== 'assignment' || !('receiver' in where.slot)) return [publication];
  const desired = await province.desiredNow(where.slot.receiver);
  return desired === undefined ? [publication] : [publication, desired];
}

/** A UUID of version 7 (RFC 9562) of an instant. */
export function newId(nowMs: number): string {
  const [a = 0, hi = 0, lo = 0] = crypto.getRandomValues(new Uint32Array(3));
  return UUID.fromFieldsV7(nowMs, a >>> 20, hi >>> 2, lo).toString();
}

function epochOf({ receivers }: Pick<ProvinceRecords, 'receivers'>, slot: Slot): number {
  return 'receiver' in slot ? (receivers[slot.receiver]?.epoch ?? 1) : 1;
}

function topicOf(target: Target): string {
  if ('receiver' in target) return downTopics.receiverCommand(target.receiver);
  return 'area' in target ? downTopics.areaCommand(target.area) : downTopics.groupCommand(target.group);
}

function isLive({ source, fallback = [] }: PlayRequest): boolean {
  return [source, ...fallback].some(({ kind }) => kind === 'live' || kind === 'capture');
}
