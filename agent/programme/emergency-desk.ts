import type { Emergency, EmergencySet } from '../../protocols/messages/emergency.js';
import type { SoundSource } from '../../protocols/messages/sound-source.js';
import type { Authority } from '../../protocols/trust-document.js';
import {
  emergencyKey,
  planEmergencies,
  type EmergencyPlan,
  type KeyedEmergency,
  type SoundingMemory,
} from './emergency-plan.js';

/** A set as it is in force in a slot. */
export interface KeptSet {
  readonly emergencies: readonly Emergency[];
  readonly authority: Authority;
  readonly issuedMs: number;
}

/** An emergency with the set that it stands in. */
export type KeptEmergency = KeyedEmergency & { readonly kept: KeptSet };

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
  #memory: SoundingMemory;

  /** @param memory when each sounded before the start */
  constructor(memory: SoundingMemory) {
    this.#memory = memory;
  }

  /** When each last began to sound. A new object whenever it has changed. */
  get memory(): SoundingMemory {
    return this.#memory;
  }

  /** Replaces the emergencies of one authority in one slot. */
  set(slotKey: string, set: EmergencySet, authority: Authority): void {
    const { emergencies } = set.body;
    this.#forget(slotKey, new Set(emergencies.map(({ id }) => id)));
    this.#sets.set(slotKey, { emergencies, authority, issuedMs: Date.parse(set.issuedAt) });
  }

  /** Takes the emergencies of a slot away; false where there were none. */
  drop(slotKey: string): boolean {
    this.#forget(slotKey, new Set());
    return this.#sets.delete(slotKey);
  }

  /** What is due and in force now. */
  plan(nowMs: number): EmergencyPlan {
    return planEmergencies(this.#keyed(), this.#memory, nowMs);
  }

  /** The emergency of a key that is to sound now: not a test, begun and not over. */
  find(key: string, nowMs: number): KeptEmergency | undefined {
    return this.#keyed().find(
      (one) => one.key === key && isInForce(one.emergency, Math.max(nowMs, one.issuedMs ?? nowMs), nowMs),
    );
  }

  /** What those that are in force, or will be, may sound from, the chime apart. */
  sources(nowMs: number): SoundSource[] {
    return this.#keyed()
      .filter(({ emergency: { status, endsAt } }) => status === 'actual' && nowMs < Date.parse(endsAt))
      .flatMap(({ emergency }) => emergency.content);
  }

  /** It begins to sound now. */
  sounded(key: string, nowMs: number): void {
    const newest = Object.entries({ ...this.#memory, [key]: nowMs }).sort(([, a], [, b]) => a - b);
    this.#memory = Object.fromEntries(newest.slice(-SOUNDINGS));
  }

  /** Emergencies in force now, each once. */
  inForce(nowMs: number): readonly EmergencyInForce[] {
    const inForce = new Set(planEmergencies(this.#keyed(), {}, nowMs).inForce);
    const told = new Map<string, EmergencyInForce>();
    for (const { key, emergency, kept } of this.#keyed()) {
      const { id, title, status } = emergency;
      if (inForce.has(key) && status === 'actual') told.set(key, { id, title, authority: kept.authority.id });
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

  #keyed(): KeptEmergency[] {
    return [...this.#sets.values()].flatMap((kept) =>
      kept.emergencies.map((emergency) => ({
        key: emergencyKey(kept.authority.id, emergency.id),
        emergency,
        issuedMs: kept.issuedMs,
        kept,
      })),
    );
  }
}

function isInForce({ status, startsAt, endsAt }: Emergency, begunMs: number, nowMs: number): boolean {
  return status === 'actual' && Date.parse(startsAt) <= begunMs && nowMs < Date.parse(endsAt);
}
