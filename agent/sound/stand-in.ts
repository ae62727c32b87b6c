import { execFile } from 'node:child_process';
import { rmSync, writeFileSync, writeSync } from 'node:fs';
import type { AirClass } from '../../protocols/messages/common.js';

/** What the sound thread needs to keep an emergency on air when the main thread stands still. */
export interface StandInSettings {
  /** One 32-bit counter that the main thread moves once a second. */
  readonly alive: SharedArrayBuffer;
  /** The service manager's socket; undefined outside a unit. */
  readonly socket: string | undefined;
  /** The open file of the watchdog device, which is the whole process's; undefined for none. */
  readonly device: number | undefined;
  /** Time between two meals, milliseconds. */
  readonly everyMs: number;
  /** Where a standstill of the main thread is noted for the next start. */
  readonly notePath: string;
}

/** How the watchdogs are fed from here. */
export interface StandInEffects {
  feed(): void;
  note(): void;
  unnote(): void;
}

/** Seconds without a sign of the main thread after which it stands still, at most. */
const STILL_S = 10;
/** So long an emergency is held on air without it: nobody ends its lease meanwhile. */
export const LONGEST_S = 900;
/** Quieter than this is no sound, dBFS. */
const SOUNDING_DB = -60;

/**
 * Feeds the watchdogs in the main thread's place, but only while that stands still and an emergency is sounding: a reset would cut the
 * warning off. It runs in the sound thread, once a second; as long as all is well it reads one number.
 */
export class StandIn {
  readonly #settings: StandInSettings;
  readonly #effects: StandInEffects;
  readonly #alive: Int32Array;
  /** Sooner than the watchdog could strike. */
  readonly #limitS: number;
  #seen = 0;
  #stillS = 0;
  #fedS = Infinity;
  #stoodInS = 0;

  constructor(settings: StandInSettings, effects: StandInEffects = effectsOf(settings)) {
    this.#settings = settings;
    this.#effects = effects;
    this.#alive = new Int32Array(settings.alive);
    this.#limitS = Math.max(2, Math.min(STILL_S, Math.floor(settings.everyMs / 1_000)));
  }

  /** Called once a second with what was heard in it. */
  second(airClass: AirClass | undefined, rmsDb: number): void {
    const now = Atomics.load(this.#alive, 0);
    if (now !== this.#seen) {
      if (this.#stillS >= this.#limitS) this.#effects.unnote();
      this.#seen = now;
      this.#stillS = this.#stoodInS = 0;
      this.#fedS = Infinity;
      return;
    }
    this.#stillS += 1;
    if (this.#stillS === this.#limitS) this.#effects.note();
    const isNeeded = airClass === 'emergency' && rmsDb > SOUNDING_DB && this.#stoodInS < LONGEST_S;
    if (this.#stillS < this.#limitS || !isNeeded) return;
    this.#stoodInS += 1;
    this.#fedS += 1;
    if (this.#fedS * 1_000 < this.#settings.everyMs) return;
    this.#fedS = 0;
    this.#effects.feed();
  }
}

function effectsOf({ socket, device, notePath }: StandInSettings): StandInEffects {
  return {
    feed() {
      if (socket !== undefined) {
        const env = { ...process.env, NOTIFY_SOCKET: socket };
        // What it answers is of no use here: the main thread's own feeding is what gets logged.
        execFile('systemd-notify', ['WATCHDOG=1'], { env, timeout: 5_000 }, () => undefined);
      }
      if (device !== undefined) quietly(() => void writeSync(device, '\0'));
    },
    note: () => quietly(() => writeFileSync(notePath, 'main\n', { mode: 0o640 })),
    unnote: () => quietly(() => rmSync(notePath, { force: true })),
  };
}

function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // Nobody is left to be told: the main thread stands still.
  }
}
