import type { FreshDocument } from '../commands/clock-trust.js';
import type { Emergency, EmergencySet } from '../../protocols/messages/emergency.js';
import type { Authority } from '../../protocols/trust-document.js';
import {
  beganMs,
  emergencyKey,
  planEmergencies,
  type EmergencyPlan,
  type KeyedEmergency,
  type Sounding,
  type SoundingMemory,
} from './emergency-plan.js';
import {
  capAlertsOf,
  chainOf,
  filesOf,
  judgeEmergency,
  PLAIN_RULES,
  type EmergencyRules,
  type JudgedEmergency,
} from './emergency-rules.js';
import type { ChainSource } from '../sound/messages.js';

/** A set as it is in force in a slot. */
export interface KeptSet {
  readonly emergencies: readonly Emergency[];
  readonly authority: Authority;
  readonly issuedMs: number;
  readonly revision: number;
  /** Where it came in this run. */
  readonly fresh?: FreshDocument;
}

/** Wall time in milliseconds; for what came in this run it may be another, see clock-trust. */
export type EmergencyClock = (fresh?: FreshDocument) => number;

/** An emergency with the set that it stands in, as this receiver's rules take it. */
export type KeptEmergency = KeyedEmergency & { readonly kept: KeptSet; readonly judged: JudgedEmergency };

/** One that is to sound now, with what it sounds from, best first, and the time that it was judged by. */
export type DueEmergency = KeptEmergency & { readonly chain: readonly ChainSource[]; readonly nowMs: number };

/** An emergency in force, for people. */
export interface EmergencyInForce {
  readonly id: string;
  readonly title: string;
  readonly authority: string;
}

/** Soundings remembered at most: the oldest are forgotten. */
const SOUNDINGS = 1_024;

/** Keeps the emergencies in force and when each last sounded. Makes no sound, keeps no time: it is told both. */
export class EmergencyDesk {
  readonly #sets = new Map<string, KeptSet>();
  /** Cut off while they sounded for the first time: they sound again at once, and then count as having done so. */
  readonly #cutOff: Set<string>;
  #memory: SoundingMemory;
  #rules: EmergencyRules;
  /** Every emergency kept, judged; made anew when a set or the rules change: a CAP document is not read at each look. */
  #judged: readonly KeptEmergency[] = [];

  /** @param memory when each sounded before the start */
  constructor(memory: SoundingMemory, rules = PLAIN_RULES) {
    const open = Object.entries(memory).filter(([, one]) => typeof one !== 'number' && one.open === 'first');
    this.#cutOff = new Set(open.map(([key]) => key));
    this.#memory = Object.fromEntries(Object.entries(memory).filter(([key]) => !this.#cutOff.has(key)));
    this.#rules = rules;
  }

  /** Where the receiver stands has changed: what is in force is judged anew. */
  placed(place: EmergencyRules['place']): void {
    this.#rules = { ...this.#rules, place };
    this.#judge();
  }

  /** The numbered messages that are kept here from now on. */
  messages(messages: NonNullable<EmergencyRules['messages']>): void {
    this.#rules = { ...this.#rules, messages };
  }

  /** What of a slot is not heard here. */
  silent(slotKey: string): readonly JudgedEmergency[] {
    const kept = this.#sets.get(slotKey);
    return this.#judged
      .filter((one) => one.kept === kept && one.judged.silence !== undefined)
      .map(({ judged }) => judged);
  }

  /** When each last began to sound. A new object whenever it has changed. */
  get memory(): SoundingMemory {
    return this.#memory;
  }

  /** Replaces the emergencies of one authority in one slot. @param arrivedMs when it came, monotonic; undefined of what was kept */
  set(slotKey: string, set: EmergencySet, authority: Authority, arrivedMs?: number): void {
    const { emergencies } = set.body;
    const [before, issuedMs] = [this.#sets.get(slotKey), Date.parse(set.issuedAt)];
    const same = before?.revision === set.revision && before.issuedMs === issuedMs;
    const fresh = arrivedMs === undefined ? undefined : { issuedMs, arrivedMs };
    // What is kept is read again under another trust document: it came when it came.
    const arrived = same ? before.fresh : fresh;
    this.#forget(slotKey, new Set(emergencies.map(({ id }) => id)));
    this.#sets.set(slotKey, {
      ...{ emergencies, authority, issuedMs, revision: set.revision },
      ...(arrived === undefined ? {} : { fresh: arrived }),
    });
    this.#judge();
  }

  /** Takes the emergencies of a slot away; false where there were none. */
  drop(slotKey: string): boolean {
    this.#forget(slotKey, new Set());
    const had = this.#sets.delete(slotKey);
    this.#judge();
    return had;
  }

  /** What is due and in force now. */
  plan(clock: EmergencyClock): EmergencyPlan {
    return planEmergencies(this.#timed(clock), this.#memory, clock());
  }

  /** The emergency of a key that is to sound now: audible, begun and not over. */
  find(key: string, clock: EmergencyClock): DueEmergency | undefined {
    const due = this.#timed(clock).find((one) => one.key === key && isInForce(one, one.nowMs));
    return due === undefined ? undefined : { ...due, chain: chainOf(due.judged, this.#rules, due.nowMs) };
  }

  /** What those that are in force, or will be, may sound from, the chime apart. */
  sources(clock: EmergencyClock): ChainSource[] {
    return this.#timed(clock)
      .filter(({ audible, emergency: { endsAt }, nowMs }) => audible === true && nowMs < Date.parse(endsAt))
      .flatMap(({ emergency }) => filesOf(emergency, this.#rules));
  }

  /** It begins to sound now. */
  sounded(key: string, nowMs: number): void {
    const sounding: Sounding = { atMs: nowMs, open: this.#cutOff.delete(key) ? 'again' : 'first' };
    const all = Object.entries({ ...this.#memory, [key]: sounding });
    const newest = all.sort(([, a], [, b]) => beganMs(a) - beganMs(b));
    this.#memory = Object.fromEntries(newest.slice(-SOUNDINGS));
  }

  /** It has sounded to its end, or was told to end. */
  finished(key: string): void {
    const sounding = this.#memory[key];
    if (sounding !== undefined) this.#memory = { ...this.#memory, [key]: beganMs(sounding) };
  }

  /** Emergencies in force now, each once. */
  inForce(clock: EmergencyClock): readonly EmergencyInForce[] {
    const inForce = new Set(planEmergencies(this.#timed(clock), {}, clock()).inForce);
    const told = new Map<string, EmergencyInForce>();
    for (const { key, emergency, kept, audible } of this.#judged) {
      const { id, title } = emergency;
      if (inForce.has(key) && audible === true) told.set(key, { id, title, authority: kept.authority.id });
    }
    return [...told.values()];
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

  #timed(clock: EmergencyClock): (KeptEmergency & { readonly nowMs: number })[] {
    return this.#judged.map((one) => ({ ...one, nowMs: clock(one.kept.fresh) }));
  }

  #judge(): void {
    const sets = [...this.#sets.values()];
    this.#judged = sets.flatMap((kept) => {
      // Only its own authority takes a CAP message back, in whatever slot.
      const own = sets.filter(({ authority }) => authority.id === kept.authority.id);
      const alerts = capAlertsOf(own.flatMap(({ emergencies }) => emergencies));
      return kept.emergencies.map((one) => {
        const judged = judgeEmergency(one, this.#rules, alerts);
        const { emergency, silence } = judged;
        const key = emergencyKey(kept.authority.id, emergency.id);
        return { key, emergency, issuedMs: kept.issuedMs, audible: silence === undefined, kept, judged };
      });
    });
  }
}

function isInForce({ emergency, audible, issuedMs = -Infinity }: KeyedEmergency, nowMs: number): boolean {
  const begun = Date.parse(emergency.startsAt) <= Math.max(nowMs, issuedMs);
  return audible === true && begun && nowMs < Date.parse(emergency.endsAt);
}
