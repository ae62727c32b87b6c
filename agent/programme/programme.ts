import type { EventBody, Receipt } from '../../protocols/messages/up.js';
import type { Emergency, EmergencySet } from '../../protocols/messages/emergency.js';
import type { PlayStart, PlayStop } from '../../protocols/messages/play.js';
import type { Authority } from '../../protocols/trust-document.js';
import { accepted, refused, type Outcome, type Refusal } from '../core/errors.js';
import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { FromSound, PlayTally, ToneSource } from '../sound/messages.js';
import type { SoundEngine } from '../sound/sound-engine.js';
import { airOrder } from './arbitration.js';
import { claimOf, receiptOf, type Bulletin } from './bulletin.js';
import { planEmergencies, type SoundingMemory } from './emergency-plan.js';

/** Whom the programme tells what it does. */
export interface ProgrammeListener {
  onReceipt(body: Receipt['body']): void;
  onEvent(body: EventBody): void;
  /** Keeps the memory of soundings across restarts. */
  onSounded(memory: SoundingMemory): void;
}

/** What the programme stands on. */
export interface ProgrammeParts {
  readonly engine: Pick<SoundEngine, 'open' | 'order' | 'close'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly listener: ProgrammeListener;
  /** A new UUID version 7. */
  readonly newId: () => string;
  readonly memory: SoundingMemory;
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

type Asked = Omit<Bulletin, 'turn' | 'firstSampleMs' | 'troubles'>;

/** Bulletins waiting or on air at once, emergencies and local sound apart. */
const BULLETINS = 8;
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
  #turn = 0;
  #cancelLook: () => void = () => undefined;
  #closed = false;

  constructor(parts: ProgrammeParts) {
    this.#parts = parts;
    this.#memory = { ...parts.memory };
  }

  /** Takes a bulletin up, or renews its lease. */
  play(message: PlayStart, authority: Authority): Outcome<'taken' | 'renewed'> {
    const { body } = message;
    const nowMs = this.#parts.clock.nowMs();
    const endsMonotonicMs = this.#parts.clock.monotonicMs() + Date.parse(body.until) - nowMs;
    const known = this.#bulletins.get(body.playId);
    if (known !== undefined) {
      if (known.authority !== authority.id)
        return refused('E_COMMAND_STOP', 'the bulletin is of another authority');
      known.endsMonotonicMs = endsMonotonicMs;
      this.#look();
      return accepted('renewed');
    }
    const waiting = [...this.#bulletins.values()].filter((one) => one.emergencyId === undefined);
    if (waiting.length >= BULLETINS)
      return refused('E_COMMAND_BUSY', `${BULLETINS} bulletins are waiting already`);
    const startAtMs =
      body.startAt === undefined
        ? undefined
        : this.#parts.clock.monotonicMs() + Date.parse(body.startAt) - nowMs;
    this.#take(
      {
        playId: body.playId,
        commandId: message.id,
        emergencyId: undefined,
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
    this.#parts.engine.close(bulletin.playId, 'stopped');
    return accepted(undefined);
  }

  /** Replaces the emergencies in force of one authority in one slot. */
  setEmergencies(slotKey: string, set: EmergencySet, authority: Authority): void {
    const { emergencies } = set.body;
    this.#sets.set(slotKey, { emergencies, authority, issuedMs: Date.parse(set.issuedAt) });
    for (const { id, status } of emergencies) {
      if (status !== 'actual')
        this.#tell('notice', 'N_EMERGENCY_SILENT', `${status} of ${authority.id}`, { id });
    }
    this.#look();
  }

  /** Takes the emergencies of a slot away: its authority has lost the right to them. */
  dropEmergencies(slotKey: string): void {
    if (this.#sets.delete(slotKey)) this.#look();
  }

  /** Sound made by a technician: the lowest class, within the limits that the caller has checked. */
  localTone(source: ToneSource): string {
    const clock = this.#parts.clock;
    const playId = this.#parts.newId();
    this.#take({
      playId,
      commandId: undefined,
      emergencyId: undefined,
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
      endsMonotonicMs: clock.monotonicMs() + source.durationMs + 1_000,
    });
    return playId;
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

  /** Emergencies in force now. */
  emergenciesInForce(): readonly { id: string; title: string; authority: string }[] {
    const nowMs = this.#parts.clock.nowMs();
    return [...this.#sets.values()].flatMap(({ emergencies, authority }) => {
      const { inForce } = planEmergencies(emergencies, {}, nowMs);
      return emergencies
        .filter(({ id }) => inForce.includes(id))
        .map(({ id, title }) => ({ id, title, authority: authority.id }));
    });
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
    const bulletin: Bulletin = { ...asked, turn: this.#turn, firstSampleMs: undefined, troubles: new Set() };
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
    const nowMs = this.#parts.clock.nowMs();
    const emergenciesAtMs = this.#lookAtEmergencies(nowMs);
    let nextMs = emergenciesAtMs === undefined ? LOOK_MAX_MS : emergenciesAtMs - nowMs;
    for (const bulletin of this.#bulletins.values()) {
      const leftMs = bulletin.endsMonotonicMs - monotonicMs;
      if (leftMs <= 0) this.#parts.engine.close(bulletin.playId, 'lease-ended');
      else nextMs = Math.min(nextMs, leftMs);
    }
    this.#parts.engine.order(airOrder([...this.#bulletins.values()].map(claimOf)));
    this.#cancelLook();
    const waitMs = Math.min(LOOK_MAX_MS, Math.max(LOOK_MIN_MS, nextMs));
    this.#cancelLook = this.#parts.clock.after(waitMs, () => this.#look());
  }

  #lookAtEmergencies(nowMs: number): number | undefined {
    const all = [...this.#sets.values()];
    const plan = planEmergencies(
      all.flatMap(({ emergencies }) => emergencies),
      this.#memory,
      nowMs,
    );
    this.#endWithdrawn(new Set(plan.inForce));
    for (const id of plan.due) {
      if ([...this.#bulletins.values()].some((bulletin) => bulletin.emergencyId === id)) continue;
      const kept = all.find(({ emergencies }) => emergencies.some((one) => one.id === id));
      const emergency = kept?.emergencies.find((one) => one.id === id);
      if (kept !== undefined && emergency !== undefined) this.#sound(emergency, kept, nowMs);
    }
    return plan.lookAgainMs;
  }

  #endWithdrawn(inForce: ReadonlySet<string>): void {
    for (const { playId, emergencyId } of this.#bulletins.values()) {
      if (emergencyId !== undefined && !inForce.has(emergencyId)) this.#parts.engine.close(playId, 'stopped');
    }
    const kept = Object.entries(this.#memory).filter(([id]) => inForce.has(id));
    if (kept.length < Object.keys(this.#memory).length) this.#memory = Object.fromEntries(kept);
  }

  #sound(emergency: Emergency, kept: KeptSet, nowMs: number): void {
    // A new object each time: the listener may still be writing the one before.
    this.#memory = { ...this.#memory, [emergency.id]: nowMs };
    this.#parts.listener.onSounded(this.#memory);
    this.#add({
      playId: this.#parts.newId(),
      commandId: undefined,
      emergencyId: emergency.id,
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
  }

  #countAir(continues: boolean): void {
    const clock = this.#parts.clock;
    const monotonicMs = clock.monotonicMs();
    const day = new Date(clock.nowMs() + 7 * 3_600_000).toISOString().slice(0, 10);
    const counted = this.#airedMs;
    if (counted.sinceMs !== undefined) counted.ms += monotonicMs - counted.sinceMs;
    if (counted.day !== day) {
      counted.day = day;
      counted.ms = 0;
    }
    counted.sinceMs = continues ? monotonicMs : undefined;
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
