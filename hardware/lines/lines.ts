import type { GpioLine } from '../boards/board.js';

/** A line that is wanted: an input that is watched, or an output that is held. */
export interface LineWish {
  readonly name: LineName;
  readonly direction: 'in' | 'out';
  readonly at: GpioLine;
  /** Of an output, as it is taken; inactive where left out. */
  readonly initially?: boolean;
}

/** What the lines of a board may be. */
export type LineName =
  | 'supply'
  | 'line'
  | 'unmute'
  | 'fault-open'
  | 'fault-short'
  | 'fault-hot'
  | 'fault-undervoltage'
  | 'mains'
  | 'charging'
  | 'door'
  | 'fan-failed'
  | 'modem-power'
  | 'modem-reset'
  | 'button';

/** One step to where the board is left when the program is gone: a line to make inactive, or a pause. */
export type LeavingStep = { readonly inactive: LineName } | { readonly waitMs: number };

/** What a driver tells. */
export interface LinesListener {
  /** An input has this value: once at the start, and at each change. */
  onInput(name: LineName, active: boolean): void;
  /** A line cannot be driven or read, by name; undefined: all are well again. */
  onTrouble(trouble: { readonly name: LineName | undefined; readonly detail: string } | undefined): void;
}

/** The lines of a board, held from the opening to the close. */
export interface Lines {
  /** Sets an output; never waits, and is done again where the driver had to start anew. */
  set(name: LineName, active: boolean): void;
  /** Does the leaving steps and lets go. */
  close(): Promise<void>;
}

/** What is wanted of a driver. */
export interface LinesRequest {
  readonly wishes: readonly LineWish[];
  /** Done by the driver when it is closed, and when the program has died. */
  readonly leaving: readonly LeavingStep[];
}
