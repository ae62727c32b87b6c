import type { EventBody, Receipt } from '../../protocols/messages/up.js';
import type { StoredMessage } from '../../protocols/messages/desired.js';
import type { EmergencySet } from '../../protocols/messages/emergency.js';
import type { Schedule } from '../../protocols/messages/schedule.js';
import type { PlayStart, PlayStop } from '../../protocols/messages/play.js';
import type { Authority } from '../../protocols/trust-document.js';
import { accepted, refused, type ErrorCode, type Outcome, type Refusal } from '../core/errors.js';
import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { FromSound, PlayOutcome, PlayTally, ToneSource } from '../sound/messages.js';
import type { SoundEngine } from '../sound/sound-engine.js';
import { airOrder } from './arbitration.js';
import {
  askedByCommand,
  askedByEmergency,
  askedBySchedule,
  askedOnTheSpot,
  askedSilently,
  toneOnTheSpot,
  leaseEndMs,
  type Asked,
  type AskedAt,
  type SoundOnTheSpot,
} from './asked.js';
import { claimOf, receiptOf, type Bulletin } from './bulletin.js';
import { AirMinutes } from './air-minutes.js';
import {
  EmergencyDesk,
  type DueEmergency,
  type EmergencyClock,
  type EmergencyInForce,
} from './emergency-desk.js';
import type { SoundingMemory } from './emergency-plan.js';
import type { EmergencyRules } from './emergency-rules.js';
import { NOTHING_HEARD, type HeardToday } from './heard-minutes.js';
import type { KeptSchedule, Occurrence } from './day-plan.js';
import type { SilentPlay, SilentPlaying } from './path-test.js';
import { planMedia, type WantedMedia } from './media-plan.js';
import { renewable } from './renewal.js';
import { ScheduleDesk, type NotPlayed } from './schedule-desk.js';
import { NOTHING_SCHEDULED, type ScheduleMemory } from './schedule-memory.js';
import type { DueOccurrence } from './schedule-plan.js';

/** Whom the programme tells what it does. */
export interface ProgrammeListener {
  onReceipt(body: Receipt['body']): void;
  onEvent(body: EventBody): void;
  /** Keeps the memory of soundings across restarts. */
  onSounded(memory: SoundingMemory): void;
  /** Keeps the minutes heard of each authority across restarts; at most one a minute while something is on air. */
  onHeard(minutes: HeardToday): void;
  /** Keeps what was begun and done of the schedules across restarts. */
  onScheduled?(memory: ScheduleMemory): void;
  /** Something of a schedule was not played. */
  onNotPlayed?(occurrence: Occurrence, reason: NotPlayedReason): void;
}

/** Why something of a schedule was not played: the plan's reasons, or the code of what refused it. */
export type NotPlayedReason = NotPlayed | 'busy' | ErrorCode;

/** What the programme stands on. */
export interface ProgrammeParts {
  readonly engine: Pick<SoundEngine, 'open' | 'order' | 'close'>;
  readonly clock: Clock;
  /** The time that emergencies are judged by, wall time in milliseconds; that of `clock` where left out. */
  readonly emergencyNowMs?: EmergencyClock;
  readonly log: Log;
  readonly listener: ProgrammeListener;
  /** A new UUID version 7. */
  readonly newId: () => string;
  readonly memory: SoundingMemory;
  /** What this receiver lets be heard of emergencies; see PLAIN_RULES where left out. */
  readonly emergencyRules?: EmergencyRules;
  /** What was heard before the start. */
  readonly heard?: HeardToday;
  /** What was begun and done of the schedules before the start. */
  readonly scheduled?: ScheduleMemory;
  /** May something begin by the clock now? True where left out. */
  readonly clockTrusted?: () => boolean;
}

/** Who is on air. */
export interface OnAir {
  readonly playId: string;
  readonly class: Bulletin['class'];
  readonly title: string;
  readonly authority: string;
  readonly sinceMs: number | undefined;
}

/** What is open, on air or waiting. */
export interface OpenBulletin {
  readonly playId: string;
  readonly title: string;
  readonly by: 'schedule' | 'command' | 'emergency' | 'local';
}

/** Bulletins waiting or on air at once, emergencies and local sound apart. */
const BULLETINS = 8;
/** Changes of source that a receipt lists. */
const LINKS = 32;
/** When was looked last is kept this often, milliseconds. */
const SCHEDULED_KEPT_EVERY_MS = 600_000;
/** A plan that asks to be looked at again is, after this much at the earliest; the end of a lease is never late for it. */
const PLAN_MIN_MS = 50;
const LOOK_MIN_MS = 1;
const LOOK_MAX_MS = 60_000;

/** Keeps what was asked for, decides who is on air, ends leases, and accounts for what was heard. */
export class Programme {
  readonly #parts: ProgrammeParts;
  readonly #bulletins = new Map<string, Bulletin>();
  readonly #emergencies: EmergencyDesk;
  /** Tests that make no sound: nobody is told of them but who asked. */
  readonly #silent = new Map<string, (played: SilentPlay) => void>();
  readonly #minutes: AirMinutes;
  readonly #schedules: ScheduleDesk;
  #messages: readonly StoredMessage[] = [];
  #amplifier: Refusal | undefined;
  #scheduledToldMs = 0;
  #onAir: string | undefined;
  #turn = 0;
  #cancelLook: () => void = () => undefined;
  /** How often it has looked, and when it means to again, monotonic milliseconds. */
  #looks = 0;
  #nextLookMs = Infinity;
  #closed = false;

  constructor(parts: ProgrammeParts) {
    this.#parts = parts;
    this.#emergencies = new EmergencyDesk(parts.memory, parts.emergencyRules);
    this.#schedules = new ScheduleDesk(parts.scheduled ?? NOTHING_SCHEDULED);
    this.#minutes = new AirMinutes(parts.clock, parts.heard ?? NOTHING_HEARD, (heard) =>
      parts.listener.onHeard(heard),
    );
  }

  /**
   * Takes a bulletin up, or renews its lease.
   * @param as `local`: a technician plays it by a permit, as sound made on site, which the permitted hours do not bind
   */
  play(message: PlayStart, authority: Authority, as?: 'local'): Outcome<'taken' | 'renewed'> {
    const { playId, startAt } = message.body;
    const at = this.#at();
    const known = this.#bulletins.get(playId);
    if (known !== undefined) {
      const allowed = renewable(known, message, authority);
      if (!allowed.ok) return allowed;
      known.endsMonotonicMs = leaseEndMs(message, at);
      this.#look();
      return accepted('renewed');
    }
    const waiting = this.#count((one) => one.class === 'normal' || one.class === 'priority');
    if (waiting >= BULLETINS) return refused('E_COMMAND_BUSY', `${BULLETINS} bulletins are waiting already`);
    const startAtMs = startAt === undefined ? undefined : at.monotonicMs + Date.parse(startAt) - at.nowMs;
    const asked = askedByCommand(message, authority, at);
    this.#take(as === undefined ? asked : { ...asked, class: as, rank: 0 }, startAtMs);
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

  /** Replaces the emergencies in force of one authority in one slot. @param from `kept`: it may have come in an earlier run */
  setEmergencies(
    slotKey: string,
    set: EmergencySet,
    authority: Authority,
    from: 'wire' | 'kept' = 'kept',
  ): void {
    const arrivedMs = from === 'wire' ? this.#parts.clock.monotonicMs() : undefined;
    this.#emergencies.set(slotKey, set, authority, arrivedMs);
    for (const { emergency, silence, detail = '' } of this.#emergencies.silent(slotKey)) {
      const { id } = emergency;
      if (silence?.startsWith('E_') === true) this.#tell('alarm', silence, detail, { id });
      else this.#tell('notice', 'N_EMERGENCY_SILENT', `${silence ?? ''} of ${authority.id}`, { id });
    }
    this.#look();
  }

  /** Where the receiver stands, by its assignment: emergencies that name their area are judged by it. */
  placed(place: EmergencyRules['place']): void {
    this.#emergencies.placed(place);
    this.#look();
  }

  /** The numbered messages that are kept on this receiver from now on. */
  messages(messages: readonly StoredMessage[]): void {
    this.#messages = messages;
    this.#emergencies.messages(messages);
  }

  /** Replaces the schedule of one authority in one slot, whole. */
  setSchedule(slotKey: string, schedule: Schedule, authority: Authority): void {
    this.#schedules.set(slotKey, authority, schedule);
    this.#look();
  }

  /** Takes the schedule of a slot away, and ends what is on air by it. */
  dropSchedule(slotKey: string): void {
    this.#schedules.drop(slotKey);
    this.#look();
  }

  /** The schedules in force. */
  get schedules(): Iterable<KeptSchedule> {
    return this.#schedules.schedules;
  }

  /** The files that the time to come will ask for, an emergency's first. @param aheadMs how far to look ahead */
  wantedMedia(nowMs: number, aheadMs: number): WantedMedia[] {
    const emergencies = this.#emergencies.sources(this.#emergencyClock);
    return planMedia([...this.#schedules.schedules], emergencies, nowMs, aheadMs, this.#messages);
  }

  /** What stands in the schedules for a span of time, and what became of it so far. */
  day(fromMs: number, toMs: number): ReturnType<ScheduleDesk['day']> {
    return this.#schedules.day(fromMs, toMs);
  }

  /** What is open: who has the air, who waits, what each is open for. */
  open(): OpenBulletin[] {
    const told = [...this.#bulletins.values()].filter(({ playId }) => !this.#silent.has(playId));
    return told.map(({ playId, title, emergencyId, occurrence, commandId }) => ({
      ...{ playId, title },
      by:
        emergencyId !== undefined
          ? 'emergency'
          : occurrence !== undefined
            ? 'schedule'
            : commandId !== undefined
              ? 'command'
              : 'local',
    }));
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
    if (this.#emergencies.drop(slotKey)) this.#look();
  }

  /** A tone made by a technician or by the test of the line: see {@link localSound}. */
  localTone(source: ToneSource): Outcome<string> {
    return this.localSound(toneOnTheSpot(source));
  }

  /**
   * Sound made by a technician: the lowest class, within the limits that the caller has checked. One at a time.
   * The value is its play id.
   */
  localSound(sound: SoundOnTheSpot): Outcome<string> {
    if (this.#count((one) => one.class === 'local' && !this.#silent.has(one.playId)) > 0)
      return refused('E_LOCAL_LIMIT', 'another test tone has not ended');
    const playId = this.#parts.newId();
    this.#take(askedOnTheSpot(playId, sound, this.#at()));
    return accepted(playId);
  }

  /** Ends sound made by a technician. The value is how many were ended. */
  stopLocal(): number {
    const open = [...this.#bulletins.values()].filter(
      (one) => one.class === 'local' && !this.#silent.has(one.playId),
    );
    for (const { playId } of open) this.#parts.engine.close(playId, 'stopped');
    return open.length;
  }

  /** A spoken text and a stored sound that nobody hears, to prove the path to the sink; undefined while anything is open. */
  silentTest(): SilentPlaying | undefined {
    if (this.#closed || this.#bulletins.size > 0) return undefined;
    const playId = this.#parts.newId();
    const ended = new Promise<SilentPlay>((resolve) => this.#silent.set(playId, resolve));
    this.#take(askedSilently(playId, this.#at()));
    const alone = (): boolean => [...this.#bulletins.keys()].every((id) => id === playId);
    return { ended, alone, stop: () => this.#parts.engine.close(playId, 'stopped') };
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
      case 'link': {
        const links = this.#bulletins.get(message.playId)?.heardLinks;
        if (links !== undefined && links.length < LINKS) links.push(message.link);
        return;
      }
      case 'sink':
      case 'underrun':
      case 'title':
      case 'level':
      case 'bytes':
      case 'gate':
      case 'air-wanted':
      case 'envelope':
      case 'quiet':
      case 'tally':
        return;
    }
  }

  /** Who has the air now. */
  onAir(): OnAir | undefined {
    const bulletin = this.#onAir === undefined ? undefined : this.#bulletins.get(this.#onAir);
    if (bulletin === undefined || this.#silent.has(bulletin.playId)) return undefined;
    const { playId, title, authority, firstSampleMs } = bulletin;
    return { playId, class: bulletin.class, title, authority, sinceMs: firstSampleMs };
  }

  /** Seconds on air since midnight UTC+7, the country's day. */
  secondsOnAirToday(): number {
    return this.#minutes.secondsToday();
  }

  /** What was heard today (UTC+7) of an authority's plays, emergencies apart, milliseconds. */
  heardTodayMs(authorityId: string): number {
    return this.#minutes.heardTodayMs(authorityId);
  }

  /** Emergencies in force now. */
  emergenciesInForce(): readonly EmergencyInForce[] {
    return this.#emergencies.inForce(this.#emergencyClock);
  }

  /** Why the amplifier lets no bulletin through from now on; undefined: it does. Each that is open is told of. */
  amplifierRefuses(refusal: Refusal | undefined): void {
    this.#amplifier = refusal;
    for (const bulletin of this.#bulletins.values()) this.#tellRefused(bulletin);
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

  #add(asked: Asked, startAtMs?: number, offsetMs = 0): void {
    this.#turn += 1;
    const bulletin: Bulletin = {
      ...asked,
      turn: this.#turn,
      closing: false,
      firstSampleMs: undefined,
      troubles: new Set(),
      heardLinks: [],
    };
    this.#bulletins.set(bulletin.playId, bulletin);
    this.#tellRefused(bulletin);
    const first = bulletin.chain[0];
    this.#parts.engine.open({
      playId: bulletin.playId,
      class: bulletin.class,
      chimeFirst: bulletin.class === 'emergency',
      chain: bulletin.chain,
      lasts: isLive(first) && bulletin.class !== 'emergency',
      gainDb: bulletin.gainDb,
      onInterrupt: first?.kind === 'file' ? first.onInterrupt : 'resume',
      startAtMs,
      ...(offsetMs === 0 ? {} : { offsetMs }),
    });
  }

  /** Ends leases, starts emergencies that are due, tells the order, and asks to be called again. */
  #look(): void {
    if (this.#closed) return;
    const { nowMs, monotonicMs } = this.#at();
    const emergencyNowMs = this.#emergencyClock();
    const emergenciesAtMs = this.#lookAtEmergencies() ?? Infinity;
    const plansMs = Math.min(emergenciesAtMs - emergencyNowMs, this.#lookAtSchedules(nowMs) - nowMs);
    let nextMs = Math.max(PLAN_MIN_MS, plansMs);
    for (const bulletin of this.#bulletins.values()) {
      const leftMs = bulletin.endsMonotonicMs - monotonicMs;
      const dayLeftMs = bulletin.playId === this.#onAir ? this.#dayLeftMs() : Infinity;
      if (leftMs <= 0 || dayLeftMs <= 0) this.#end(bulletin, 'lease-ended');
      else nextMs = Math.min(nextMs, leftMs, dayLeftMs);
    }
    const claims = [...this.#bulletins.values()].map((one) =>
      claimOf(one, this.#schedules.placeOf(one.authority)),
    );
    this.#parts.engine.order(airOrder(claims));
    this.#cancelLook();
    const waitMs = Math.min(LOOK_MAX_MS, Math.max(LOOK_MIN_MS, nextMs));
    this.#looks += 1;
    this.#nextLookMs = monotonicMs + waitMs;
    this.#cancelLook = this.#parts.clock.after(waitMs, () => this.#look());
  }

  /** How often it has decided, and whether it is late to: a scheduler that stands still is not fed. */
  progress(): { readonly done: number; readonly busy: boolean } {
    return { done: this.#looks, busy: !this.#closed && this.#parts.clock.monotonicMs() > this.#nextLookMs };
  }

  #at(): AskedAt {
    const { clock } = this.#parts;
    return { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
  }

  readonly #emergencyClock: EmergencyClock = (fresh) => {
    const { emergencyNowMs, clock } = this.#parts;
    return emergencyNowMs === undefined ? clock.nowMs() : emergencyNowMs(fresh);
  };

  #lookAtEmergencies(): number | undefined {
    const plan = this.#emergencies.plan(this.#emergencyClock);
    this.#endWithdrawn(new Set(plan.inForce));
    for (const key of plan.due) {
      if (this.#count((bulletin) => bulletin.emergencyKey === key) > 0) continue;
      const due = this.#emergencies.find(key, this.#emergencyClock);
      if (due !== undefined) this.#sound(due);
    }
    return plan.lookAgainMs;
  }

  #lookAtSchedules(nowMs: number): number {
    const look = this.#schedules.look(nowMs, this.#parts.clockTrusted?.() ?? true);
    const ending = new Set(look.end);
    for (const bulletin of this.#bulletins.values()) {
      if (bulletin.occurrence !== undefined && ending.has(bulletin.occurrence.key))
        this.#end(bulletin, 'stopped');
    }
    for (const due of look.begin) this.#begin(due, nowMs);
    for (const { occurrence, reason } of look.notPlayed)
      this.#parts.listener.onNotPlayed?.(occurrence, reason);
    const news = look.begin.length + look.notPlayed.length > 0;
    if (news || nowMs - this.#scheduledToldMs > SCHEDULED_KEPT_EVERY_MS) this.#keepScheduled(nowMs);
    return look.lookAgainMs;
  }

  #keepScheduled(nowMs: number): void {
    this.#scheduledToldMs = nowMs;
    this.#parts.listener.onScheduled?.(this.#schedules.memory);
  }

  /** Takes up what a schedule has for now, if its authority may still be heard and there is room. */
  #begin({ occurrence, offsetMs }: DueOccurrence, nowMs: number): void {
    const allowed = this.#schedules.mayBegin(occurrence, (id) => this.heardTodayMs(id));
    const full = this.#count((one) => one.occurrence !== undefined) >= BULLETINS;
    if (!allowed.ok || full) {
      this.#schedules.ended(occurrence.key);
      this.#parts.listener.onNotPlayed?.(occurrence, allowed.ok ? 'busy' : allowed.refusal.code);
      return;
    }
    const at = { ...this.#at(), nowMs };
    const asked = askedBySchedule(this.#parts.newId(), occurrence, allowed.value, at);
    this.#add(asked, undefined, offsetMs);
  }

  #endWithdrawn(inForce: ReadonlySet<string>): void {
    for (const bulletin of this.#bulletins.values()) {
      const key = bulletin.emergencyKey;
      if (key !== undefined && !inForce.has(key)) this.#end(bulletin, 'stopped');
    }
  }

  #count(which: (bulletin: Bulletin) => boolean): number {
    return [...this.#bulletins.values()].filter(which).length;
  }

  #end(bulletin: Bulletin, outcome: PlayOutcome): void {
    bulletin.closing = true;
    this.#parts.engine.close(bulletin.playId, outcome);
  }

  #sound(due: DueEmergency): void {
    const { nowMs } = due;
    this.#emergencies.sounded(due.key, nowMs);
    this.#parts.listener.onSounded(this.#emergencies.memory);
    this.#add(askedByEmergency(this.#parts.newId(), due, { ...this.#at(), nowMs }));
  }

  #began(playId: string, atMs: number): void {
    const bulletin = this.#bulletins.get(playId);
    if (bulletin === undefined) return;
    bulletin.firstSampleMs = atMs;
    this.#parts.log.info({ playId, class: bulletin.class, authority: bulletin.authority }, 'on air');
  }

  #airChanged(playId: string | undefined): void {
    this.#onAir = playId;
    const bulletin = playId === undefined ? undefined : this.#bulletins.get(playId);
    const heard = bulletin !== undefined && !this.#silent.has(bulletin.playId);
    this.#minutes.changed(heard ? { counted: countedOf(bulletin) } : undefined);
    // Its authority's minutes run from now on.
    if (this.#dayLeftMs() < Infinity) this.#look();
  }

  /** Milliseconds until the one on air has used up its authority's day; Infinity where it may go on. */
  #dayLeftMs(): number {
    const bulletin = this.#onAir === undefined ? undefined : this.#bulletins.get(this.#onAir);
    if (bulletin === undefined || bulletin.dayLimitMs === Infinity) return Infinity;
    return bulletin.dayLimitMs - this.heardTodayMs(bulletin.authority);
  }

  #trouble(playId: string, refusal: Refusal): void {
    const bulletin = this.#bulletins.get(playId);
    if (bulletin === undefined || bulletin.troubles.has(refusal.code)) return;
    bulletin.troubles.add(refusal.code);
    if (this.#silent.has(playId)) return;
    this.#tell('alarm', refusal.code, refusal.detail, { playId });
  }

  /** An emergency overrides all but a short circuit. */
  #tellRefused({ class: airClass, troubles }: Bulletin): void {
    const refusal = this.#amplifier;
    if (refusal === undefined || (airClass === 'emergency' && refusal.code !== 'E_LINE_SHORT')) return;
    // Its receipt says so; the alarm is the amplifier's own.
    troubles.add(refusal.code);
  }

  #ended(tally: PlayTally): void {
    const bulletin = this.#bulletins.get(tally.playId);
    if (bulletin === undefined) return;
    this.#bulletins.delete(tally.playId);
    const silent = this.#silent.get(tally.playId);
    if (silent !== undefined) {
      this.#silent.delete(tally.playId);
      silent({ tally, links: bulletin.heardLinks, troubles: [...bulletin.troubles] });
      return;
    }
    if (bulletin.occurrence !== undefined) {
      this.#schedules.ended(bulletin.occurrence.key);
      this.#keepScheduled(this.#parts.clock.nowMs());
    }
    if (bulletin.emergencyKey !== undefined && !this.#closed) {
      this.#emergencies.finished(bulletin.emergencyKey);
      this.#parts.listener.onSounded(this.#emergencies.memory);
    }
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

/** Its sound goes on for as long as it is asked for. */
function isLive(source: Bulletin['chain'][number] | undefined): boolean {
  return source?.kind === 'live' || source?.kind === 'capture';
}

/** Whose minutes a bulletin takes; an emergency and a technician's test take none. */
function countedOf(bulletin: Bulletin | undefined): string | undefined {
  if (bulletin === undefined || bulletin.class === 'emergency' || bulletin.class === 'local')
    return undefined;
  return bulletin.authority;
}
