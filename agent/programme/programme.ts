import type { EventBody, Receipt } from '../../protocols/messages/up.js';
import type { Emergency, EmergencySet } from '../../protocols/messages/emergency.js';
import type { PlayStart, PlayStop } from '../../protocols/messages/play.js';
import { COUNTRY_OFFSET_MS } from '../../protocols/authorise.js';
import type { Authority } from '../../protocols/trust-document.js';
import { accepted, refused, type Outcome, type Refusal } from '../core/errors.js';
import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { FromSound, PlayOutcome, PlayTally, ToneSource } from '../sound/messages.js';
import type { SoundEngine } from '../sound/sound-engine.js';
import { airOrder } from './arbitration.js';
import { claimOf, receiptOf, type Bulletin } from './bulletin.js';
import { emergencyKey, planEmergencies, type KeyedEmergency, type SoundingMemory } from './emergency-plan.js';
import { addHeard, heardOf, NOTHING_HEARD, type HeardToday } from './heard-minutes.js';
import { dayLimitMs, renewable } from './renewal.js';

/** Whom the programme tells what it does. */
export interface ProgrammeListener {
  onReceipt(body: Receipt['body']): void;
  onEvent(body: EventBody): void;
  /** Keeps the memory of soundings across restarts. */
  onSounded(memory: SoundingMemory): void;
  /** Keeps the minutes heard of each authority across restarts; at most one a minute while something is on air. */
  onHeard(minutes: HeardToday): void;
}

/** What the programme stands on. */
export interface ProgrammeParts {
  readonly engine: Pick<SoundEngine, 'open' | 'order' | 'close'>;
  readonly clock: Clock;
  /** The time that emergencies are judged by, wall time in milliseconds; that of `clock` where left out. */
  readonly emergencyNowMs?: () => number;
  readonly log: Log;
  readonly listener: ProgrammeListener;
  /** A new UUID version 7. */
  readonly newId: () => string;
  readonly memory: SoundingMemory;
  /** What was heard before the start. */
  readonly heard?: HeardToday;
}

/** Who is on air. */
export interface OnAir {
  readonly playId: string;
  readonly class: Bulletin['class'];
  readonly title: string;
  readonly authority: string;
  readonly sinceMs: number | undefined;
}

interface KeptSet {
  readonly emergencies: readonly Emergency[];
  readonly authority: Authority;
  readonly issuedMs: number;
}

type Asked = Omit<Bulletin, 'turn' | 'closing' | 'firstSampleMs' | 'troubles'>;

/** Bulletins waiting or on air at once, emergencies and local sound apart. */
const BULLETINS = 8;
/** Soundings remembered at most: the oldest are forgotten. */
const SOUNDINGS = 1_024;
const HEARD_KEPT_EVERY_MS = 60_000;
const LOOK_MIN_MS = 50;
const LOOK_MAX_MS = 60_000;

/** Keeps what was asked for, decides who is on air, ends leases, and accounts for what was heard. */
export class Programme {
  readonly #parts: ProgrammeParts;
  readonly #bulletins = new Map<string, Bulletin>();
  readonly #sets = new Map<string, KeptSet>();
  #memory: Record<string, number>;
  #onAir: string | undefined;
  #airedMs = { day: '', ms: 0, sinceMs: undefined as number | undefined };
  #heard: HeardToday;
  #heardToldMs = -Infinity;
  #turn = 0;
  #cancelLook: () => void = () => undefined;
  #closed = false;

  constructor(parts: ProgrammeParts) {
    this.#parts = parts;
    this.#memory = { ...parts.memory };
    this.#heard = parts.heard ?? NOTHING_HEARD;
  }

  /** Takes a bulletin up, or renews its lease. */
  play(message: PlayStart, authority: Authority): Outcome<'taken' | 'renewed'> {
    const { body } = message;
    const nowMs = this.#parts.clock.nowMs();
    const endsMonotonicMs = this.#parts.clock.monotonicMs() + Date.parse(body.until) - nowMs;
    const known = this.#bulletins.get(body.playId);
    if (known !== undefined) {
      const allowed = renewable(known, message, authority);
      if (!allowed.ok) return allowed;
      known.endsMonotonicMs = endsMonotonicMs;
      this.#look();
      return accepted('renewed');
    }
    const waiting = this.#count((one) => one.class === 'normal' || one.class === 'priority');
    if (waiting >= BULLETINS) return refused('E_COMMAND_BUSY', `${BULLETINS} bulletins are waiting already`);
    const startAtMs =
      body.startAt === undefined
        ? undefined
        : this.#parts.clock.monotonicMs() + Date.parse(body.startAt) - nowMs;
    this.#take(
      {
        playId: body.playId,
        commandId: message.id,
        emergencyId: undefined,
        emergencyKey: undefined,
        authority: authority.id,
        level: authority.level,
        class: body.class,
        rank: body.rank,
        severity: undefined,
        title: body.title,
        chain: [body.source],
        gainDb: body.gainDb,
        askedMs: nowMs,
        issuedMs: Date.parse(message.issuedAt),
        startMs: Date.parse(body.startAt ?? message.issuedAt),
        dayLimitMs: dayLimitMs(authority, body.class, [body.source]),
        endsMonotonicMs,
      },
      startAtMs,
    );
    return accepted('taken');
  }

  /** Stops a bulletin of the same authority or of one below it. */
  stop(message: PlayStop, authority: Authority): Outcome<undefined> {
    const bulletin = this.#bulletins.get(message.body.playId);
    if (bulletin === undefined || bulletin.emergencyId !== undefined) {
      return refused('E_COMMAND_STOP', 'no such bulletin');
    }
    if (bulletin.authority !== authority.id && authority.level <= bulletin.level) {
      return refused('E_COMMAND_STOP', `${authority.id} may not stop what ${bulletin.authority} plays`);
    }
    this.#end(bulletin, 'stopped');
    return accepted(undefined);
  }

  /** Replaces the emergencies in force of one authority in one slot. */
  setEmergencies(slotKey: string, set: EmergencySet, authority: Authority): void {
    const { emergencies } = set.body;
    this.#forget(slotKey, new Set(emergencies.map(({ id }) => id)));
    this.#sets.set(slotKey, { emergencies, authority, issuedMs: Date.parse(set.issuedAt) });
    for (const { id, status } of emergencies) {
      if (status !== 'actual')
        this.#tell('notice', 'N_EMERGENCY_SILENT', `${status} of ${authority.id}`, { id });
    }
    this.#look();
  }

  /** Ends what is open of authorities that may not speak any more. Emergencies are withdrawn with their set. */
  endUnlessAllowed(mayStillSpeak: (authorityId: string) => boolean): void {
    for (const bulletin of this.#bulletins.values()) {
      const asked = bulletin.commandId !== undefined;
      if (asked && !mayStillSpeak(bulletin.authority)) this.#end(bulletin, 'stopped');
    }
  }

  /** Takes the emergencies of a slot away: its authority has lost the right to them. */
  dropEmergencies(slotKey: string): void {
    this.#forget(slotKey, new Set());
    if (this.#sets.delete(slotKey)) this.#look();
  }

  /**
   * Sound made by a technician: the lowest class, within the limits that the caller has checked. One at a time.
   * The value is its play id.
   */
  localTone(source: ToneSource): Outcome<string> {
    if (this.#count((one) => one.class === 'local') > 0)
      return refused('E_LOCAL_LIMIT', 'another test tone has not ended');
    const clock = this.#parts.clock;
    const playId = this.#parts.newId();
    this.#take({
      playId,
      commandId: undefined,
      emergencyId: undefined,
      emergencyKey: undefined,
      authority: 'local',
      level: 0,
      class: 'local',
      rank: 0,
      severity: undefined,
      title: `${source.frequencyHz} Hz`,
      chain: [source],
      gainDb: 0,
      askedMs: clock.nowMs(),
      issuedMs: clock.nowMs(),
      startMs: clock.nowMs(),
      dayLimitMs: Infinity,
      endsMonotonicMs: clock.monotonicMs() + source.durationMs + 1_000,
    });
    return accepted(playId);
  }

  /** Takes a message of the sound worker. */
  onSound(message: FromSound): void {
    switch (message.kind) {
      case 'began':
        this.#began(message.playId, message.atMs);
        return;
      case 'air':
        this.#airChanged(message.playId);
        return;
      case 'trouble':
        this.#trouble(message.playId, message.refusal);
        return;
      case 'ended':
        this.#ended(message.tally);
        return;
      case 'sink':
      case 'underrun':
      case 'title':
      case 'level':
        return;
    }
  }

  /** Who has the air now. */
  onAir(): OnAir | undefined {
    const bulletin = this.#onAir === undefined ? undefined : this.#bulletins.get(this.#onAir);
    if (bulletin === undefined) return undefined;
    const { playId, title, authority, firstSampleMs } = bulletin;
    return { playId, class: bulletin.class, title, authority, sinceMs: firstSampleMs };
  }

  /** Seconds on air since midnight UTC+7, the country's day. */
  secondsOnAirToday(): number {
    this.#countAir(this.#onAir !== undefined);
    return this.#airedMs.ms / 1000;
  }

  /** What was heard today (UTC+7) of an authority's plays, emergencies apart, milliseconds. */
  heardTodayMs(authorityId: string): number {
    this.#countAir(this.#onAir !== undefined);
    return heardOf(this.#heard, this.#day(), authorityId);
  }

  /** Emergencies in force now. */
  emergenciesInForce(): readonly { id: string; title: string; authority: string }[] {
    const nowMs = this.#emergencyNowMs();
    const inForce = new Set(planEmergencies(this.#keyed(), {}, nowMs).inForce);
    const told = new Map<string, { id: string; title: string; authority: string }>();
    for (const { key, emergency, kept } of this.#keyed()) {
      const { id, title } = emergency;
      if (inForce.has(key) && emergency.status === 'actual')
        told.set(key, { id, title, authority: kept.authority.id });
    }
    return [...told.values()];
  }

  /** Takes nothing more up. What is open is ended by the sound engine. */
  close(): void {
    this.#closed = true;
    this.#cancelLook();
  }

  #take(asked: Asked, startAtMs?: number): void {
    this.#add(asked, startAtMs);
    this.#look();
  }

  #add(asked: Asked, startAtMs?: number): void {
    this.#turn += 1;
    const bulletin: Bulletin = {
      ...asked,
      turn: this.#turn,
      closing: false,
      firstSampleMs: undefined,
      troubles: new Set(),
    };
    this.#bulletins.set(bulletin.playId, bulletin);
    const first = bulletin.chain[0];
    this.#parts.engine.open({
      playId: bulletin.playId,
      chimeFirst: bulletin.class === 'emergency',
      chain: bulletin.chain,
      gainDb: bulletin.gainDb,
      onInterrupt: first?.kind === 'file' ? first.onInterrupt : 'resume',
      startAtMs,
    });
  }

  /** Ends leases, starts emergencies that are due, tells the order, and asks to be called again. */
  #look(): void {
    if (this.#closed) return;
    const monotonicMs = this.#parts.clock.monotonicMs();
    const nowMs = this.#emergencyNowMs();
    const emergenciesAtMs = this.#lookAtEmergencies(nowMs);
    let nextMs = emergenciesAtMs === undefined ? LOOK_MAX_MS : emergenciesAtMs - nowMs;
    for (const bulletin of this.#bulletins.values()) {
      const leftMs = bulletin.endsMonotonicMs - monotonicMs;
      const dayLeftMs = bulletin.playId === this.#onAir ? this.#dayLeftMs() : Infinity;
      if (leftMs <= 0 || dayLeftMs <= 0) this.#end(bulletin, 'lease-ended');
      else nextMs = Math.min(nextMs, leftMs, dayLeftMs);
    }
    this.#parts.engine.order(airOrder([...this.#bulletins.values()].map(claimOf)));
    this.#cancelLook();
    const waitMs = Math.min(LOOK_MAX_MS, Math.max(LOOK_MIN_MS, nextMs));
    this.#cancelLook = this.#parts.clock.after(waitMs, () => this.#look());
  }

  #emergencyNowMs(): number {
    const { emergencyNowMs, clock } = this.#parts;
    return emergencyNowMs === undefined ? clock.nowMs() : emergencyNowMs();
  }

  #lookAtEmergencies(nowMs: number): number | undefined {
    const all = this.#keyed();
    const plan = planEmergencies(all, this.#memory, nowMs);
    this.#endWithdrawn(new Set(plan.inForce));
    for (const key of plan.due) {
      if (this.#count((bulletin) => bulletin.emergencyKey === key) > 0) continue;
      const due = all.find(
        (one) => one.key === key && isInForce(one.emergency, Math.max(nowMs, one.issuedMs ?? nowMs), nowMs),
      );
      if (due !== undefined) this.#sound(due, nowMs);
    }
    return plan.lookAgainMs;
  }

  #endWithdrawn(inForce: ReadonlySet<string>): void {
    for (const bulletin of this.#bulletins.values()) {
      const key = bulletin.emergencyKey;
      if (key !== undefined && !inForce.has(key)) this.#end(bulletin, 'stopped');
    }
  }

  /**
   * What is taken out of a set may sound at once when it is put in again. Only then is memory dropped: after a start the
   * sets come one by one, and those that are still to come have sounded too.
   */
  #forget(slotKey: string, stays: ReadonlySet<string>): void {
    const before = this.#sets.get(slotKey);
    if (before === undefined) return;
    const gone = before.emergencies.filter(({ id }) => !stays.has(id));
    const keys = new Set(gone.map(({ id }) => emergencyKey(before.authority.id, id)));
    this.#memory = Object.fromEntries(Object.entries(this.#memory).filter(([key]) => !keys.has(key)));
  }

  #keyed(): (KeyedEmergency & { readonly kept: KeptSet })[] {
    return [...this.#sets.values()].flatMap((kept) =>
      kept.emergencies.map((emergency) => ({
        key: emergencyKey(kept.authority.id, emergency.id),
        emergency,
        issuedMs: kept.issuedMs,
        kept,
      })),
    );
  }

  #count(which: (bulletin: Bulletin) => boolean): number {
    return [...this.#bulletins.values()].filter(which).length;
  }

  #end(bulletin: Bulletin, outcome: PlayOutcome): void {
    bulletin.closing = true;
    this.#parts.engine.close(bulletin.playId, outcome);
  }

  #sound({ key, emergency, kept }: KeyedEmergency & { kept: KeptSet }, nowMs: number): void {
    // A new object each time: the listener may still be writing the one before.
    const newest = Object.entries({ ...this.#memory, [key]: nowMs }).sort(([, a], [, b]) => a - b);
    this.#memory = Object.fromEntries(newest.slice(-SOUNDINGS));
    this.#parts.listener.onSounded(this.#memory);
    this.#add({
      playId: this.#parts.newId(),
      commandId: undefined,
      emergencyId: emergency.id,
      emergencyKey: key,
      authority: kept.authority.id,
      level: kept.authority.level,
      class: 'emergency',
      rank: 0,
      severity: emergency.severity,
      title: emergency.title,
      chain: emergency.content,
      gainDb: 0,
      askedMs: nowMs,
      issuedMs: kept.issuedMs,
      startMs: nowMs,
      dayLimitMs: Infinity,
      endsMonotonicMs: this.#parts.clock.monotonicMs() + Date.parse(emergency.endsAt) - nowMs,
    });
  }

  #began(playId: string, atMs: number): void {
    const bulletin = this.#bulletins.get(playId);
    if (bulletin === undefined) return;
    bulletin.firstSampleMs = atMs;
    this.#parts.log.info({ playId, class: bulletin.class, authority: bulletin.authority }, 'on air');
  }

  #airChanged(playId: string | undefined): void {
    this.#countAir(playId !== undefined);
    this.#onAir = playId;
    // Its authority's minutes run from now on.
    if (this.#dayLeftMs() < Infinity) this.#look();
  }

  #countAir(continues: boolean): void {
    const clock = this.#parts.clock;
    const monotonicMs = clock.monotonicMs();
    const day = this.#day();
    const counted = this.#airedMs;
    if (counted.sinceMs !== undefined) {
      counted.ms += monotonicMs - counted.sinceMs;
      this.#countAuthority(day, monotonicMs - counted.sinceMs, continues);
    }
    if (counted.day !== day) {
      counted.day = day;
      counted.ms = 0;
    }
    counted.sinceMs = continues ? monotonicMs : undefined;
  }

  #countAuthority(day: string, heardMs: number, continues: boolean): void {
    const bulletin = this.#onAir === undefined ? undefined : this.#bulletins.get(this.#onAir);
    if (bulletin === undefined || bulletin.class === 'emergency' || bulletin.class === 'local') return;
    this.#heard = addHeard(this.#heard, day, bulletin.authority, heardMs);
    const monotonicMs = this.#parts.clock.monotonicMs();
    if (continues && monotonicMs - this.#heardToldMs < HEARD_KEPT_EVERY_MS) return;
    this.#heardToldMs = monotonicMs;
    this.#parts.listener.onHeard(this.#heard);
  }

  /** Milliseconds until the one on air has used up its authority's day; Infinity where it may go on. */
  #dayLeftMs(): number {
    const bulletin = this.#onAir === undefined ? undefined : this.#bulletins.get(this.#onAir);
    if (bulletin === undefined || bulletin.dayLimitMs === Infinity) return Infinity;
    return bulletin.dayLimitMs - this.heardTodayMs(bulletin.authority);
  }

  #day(): string {
    return new Date(this.#parts.clock.nowMs() + COUNTRY_OFFSET_MS).toISOString().slice(0, 10);
  }

  #trouble(playId: string, refusal: Refusal): void {
    const bulletin = this.#bulletins.get(playId);
    if (bulletin === undefined || bulletin.troubles.has(refusal.code)) return;
    bulletin.troubles.add(refusal.code);
    this.#tell('alarm', refusal.code, refusal.detail, { playId });
  }

  #ended(tally: PlayTally): void {
    const bulletin = this.#bulletins.get(tally.playId);
    if (bulletin === undefined) return;
    this.#countAir(this.#onAir !== undefined);
    this.#bulletins.delete(tally.playId);
    this.#parts.log.info(
      { playId: tally.playId, outcome: tally.outcome, frames: tally.framesHeard },
      'ended',
    );
    this.#parts.listener.onReceipt(receiptOf(bulletin, tally, this.#parts.clock.nowMs()));
    this.#look();
  }

  #tell(kind: EventBody['kind'], code: string, detail: string, fields: Record<string, string>): void {
    this.#parts.log.warn({ code, ...fields }, detail);
    this.#parts.listener.onEvent({ kind, code, detail: detail.slice(0, 300), fields });
  }
}

/** It is one to sound: not a test, begun and not over. */
function isInForce({ status, startsAt, endsAt }: Emergency, begunMs: number, nowMs: number): boolean {
  return status === 'actual' && Date.parse(startsAt) <= begunMs && nowMs < Date.parse(endsAt);
}
