import type { Refusal } from '../../agent/core/errors.js';
import type { AmplifierTimes, Foldback } from '../boards/board.js';
import type { AirWanted, DoorState } from '../types.js';

/** What an amplifier has to be told of. `lines`: its lines cannot be driven. */
export type AmplifierFault = 'open' | 'short' | 'hot' | 'undervoltage' | 'lines';

/** The lines that it is driven by. */
export type AmplifierLine = 'supply' | 'line' | 'unmute';

/** Where it is, and since when by the monotonic clock. */
export type AmplifierPhase =
  | { readonly kind: 'off'; readonly sinceMs: number }
  /** The supply comes up. */
  | { readonly kind: 'supply'; readonly sinceMs: number }
  /** The line relay is closed and comes to rest. */
  | { readonly kind: 'settle'; readonly sinceMs: number }
  | { readonly kind: 'unmute'; readonly sinceMs: number }
  /** Sound passes; `idleMs`: nobody wants the air since then. */
  | { readonly kind: 'open'; readonly sinceMs: number; readonly idleMs: number | undefined }
  /** Nothing new is let through; what was written runs out. */
  | { readonly kind: 'fade'; readonly sinceMs: number }
  | { readonly kind: 'mute'; readonly sinceMs: number }
  /** Muted, with everything on. */
  | { readonly kind: 'hold'; readonly sinceMs: number }
  /** The line relay is open, the supply on. */
  | { readonly kind: 'standby'; readonly sinceMs: number };

/** All that the sequence knows. */
export interface AmplifierState {
  readonly phase: AmplifierPhase;
  readonly wanted: AirWanted;
  /** It is to be left off. */
  readonly ending: boolean;
  /** Until when each fault counts; Infinity while it is there. */
  readonly blockedUntilMs: Readonly<Partial<Record<AmplifierFault, number>>>;
  readonly temperatureC: number | undefined;
  readonly overheated: boolean;
  readonly suppliedMs: number;
  readonly connectedMs: number;
  /** Not unmuted since then; at the start no longer than that: what was before it is not known. */
  readonly mutedMs: number;
  /** What was written before the door shut has been heard. */
  readonly quiet: boolean;
  /** What the sound worker was told last. */
  readonly told: DoorState;
  readonly refusal: Refusal | undefined;
}

/** What happens to it. */
export type AmplifierEvent =
  | { readonly kind: 'wanted'; readonly wanted: AirWanted }
  | { readonly kind: 'fault'; readonly fault: AmplifierFault; readonly there: boolean }
  | { readonly kind: 'temperature'; readonly celsius: number }
  /** All that was written before this turn of the door has been heard. */
  | { readonly kind: 'quiet'; readonly turn: number }
  /** The program ends: off, in order, and off for good. */
  | { readonly kind: 'end' }
  | { readonly kind: 'tick' };

/** What is to be done. */
export type AmplifierEffect =
  | { readonly kind: 'line'; readonly line: AmplifierLine; readonly active: boolean }
  | ({ readonly kind: 'door' } & DoorState)
  /** Why bulletins are refused from now on; undefined: they are not. */
  | { readonly kind: 'refusal'; readonly refusal: Refusal | undefined };

/** Its times, and its gain by temperature. */
export interface AmplifierRules {
  readonly times: AmplifierTimes;
  readonly foldback?: Foldback | undefined;
}
