import type { Emergency } from '../../protocols/messages/emergency.js';

/**
 * When an emergency last began to sound, wall time in milliseconds; with `open` while it sounds, so that a start finds what was cut
 * off: `again` where this sounding is itself the one after a cut.
 */
export type Sounding = number | { readonly atMs: number; readonly open: 'first' | 'again' };

/** The last sounding of each emergency, by its key. */
export type SoundingMemory = Readonly<Record<string, Sounding>>;

/** When a sounding began, wall time in milliseconds. Pure. */
export function beganMs(sounding: Sounding): number {
  return typeof sounding === 'number' ? sounding : sounding.atMs;
}

/** An emergency as it is told apart from all others: the sender chooses its id, so another sender may choose the same. */
export interface KeyedEmergency {
  readonly key: string;
  readonly emergency: Emergency;
  /**
   * When its set was signed, wall time in milliseconds: what began by then has begun, even where the clock here lies behind.
   */
  readonly issuedMs?: number;
  /** The time that it is judged by, wall time in milliseconds; that of all where left out. */
  readonly nowMs?: number;
  /** May it be heard here? By its status alone, only what is actual, where left out. */
  readonly audible?: boolean;
}

/** The key of an authority's emergency. The same one in two slots is one emergency. */
export function emergencyKey(authority: string, id: string): string {
  return `${authority}/${id}`;
}

/** What to do about the emergencies in force. */
export interface EmergencyPlan {
  /** Keys of those that are due to sound now. */
  readonly due: readonly string[];
  /** Keys of those in force, due or not. */
  readonly inForce: readonly string[];
  /** When to look again, wall time in milliseconds; undefined where there is nothing to wait for. */
  readonly lookAgainMs: number | undefined;
}

/**
 * Which emergencies are due. Pure. Each sounds when it begins and then once per repeat interval until it ends. Where
 * memory of it is lost, or lies in the future of a clock that stepped back, a repeat is preferred to a miss. What may not be
 * heard is never due.
 */
export function planEmergencies(
  emergencies: readonly KeyedEmergency[],
  memory: SoundingMemory,
  commonMs: number,
): EmergencyPlan {
  const due: string[] = [];
  const inForce: string[] = [];
  const looks: number[] = [];
  for (const one of emergencies) {
    const { key, emergency, audible = emergency.status === 'actual', nowMs = commonMs } = one;
    const { issuedMs = nowMs } = one;
    if (!audible) continue;
    const lookAtMs = (ms: number): void => void looks.push(commonMs + ms - nowMs);
    const startMs = Date.parse(emergency.startsAt);
    const endMs = Date.parse(emergency.endsAt);
    if (nowMs >= endMs) continue;
    if (Math.max(nowMs, issuedMs) < startMs) {
      lookAtMs(startMs);
      continue;
    }
    inForce.push(key);
    const last = memory[key];
    const lastMs = last === undefined ? undefined : beganMs(last);
    const nextMs = lastMs === undefined || lastMs > nowMs ? nowMs : lastMs + emergency.repeatEveryMs;
    if (nextMs <= nowMs) {
      due.push(key);
      lookAtMs(Math.min(endMs, nowMs + emergency.repeatEveryMs));
    } else lookAtMs(Math.min(endMs, nextMs));
  }
  return { due, inForce, lookAgainMs: looks.length === 0 ? undefined : Math.min(...looks) };
}
