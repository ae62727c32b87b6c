import type { Refusal } from '../core/errors.js';
import { framesOf } from '../core/units.js';
import type { Source } from './sources/source.js';

/** Below −50 dBFS nothing is heard of a loudspeaker. */
const SILENT_RMS = 10 ** (-50 / 20);
/** A live source that has given nothing since it was opened makes way after this long, milliseconds. */
const GIVE_UP_MS = 5_000;
/** One that has run dry, or stands in for another, makes way after this long: the next is heard within 500 ms. */
const DRY_MS = 150;
/** A source that was silent counts as sounding again after so much sound. */
const SOUNDING_FRAMES = framesOf(1_000);
/** Sound for so long makes the silence before it forgotten. */
const LOUD_FRAMES = framesOf(100);

/** One source of a chain while the play lasts: opened when it is wanted, perhaps again. */
export class ChainLink {
  readonly #first: boolean;
  #source: Source | undefined;
  #reconnects = 0;
  #openedMs = 0;
  #drySinceMs: number | undefined;
  #sounded = false;
  #refusal: Refusal | undefined;
  /** Heard out, or failed: nothing more comes of it. */
  over = false;
  /** It gave nothing but silence for too long. */
  muted = false;
  #silentFrames = 0;
  #loudFrames = 0;

  constructor(first: boolean) {
    this.#first = first;
  }

  get source(): Source | undefined {
    return this.#source;
  }

  get reconnects(): number {
    return this.#reconnects + (this.#source?.reconnects ?? 0);
  }

  /** It can be heard now. */
  get ready(): boolean {
    return this.#source?.ready === true && !this.muted;
  }

  /** So much of it was silence just now, frames. */
  get silentFrames(): number {
    return this.#silentFrames;
  }

  open(nowMs: number, open: (onRefused: (refusal: Refusal) => void) => Source): void {
    this.#openedMs = nowMs;
    this.#drySinceMs = undefined;
    this.#refusal = undefined;
    this.#sounded = false;
    this.#source = open((refusal) => {
      this.#refusal = refusal;
    });
  }

  close(): void {
    this.#reconnects += this.#source?.reconnects ?? 0;
    this.#source?.close();
    this.#source = undefined;
  }

  /** Closes it and makes it as if it had never been opened. */
  reset(): void {
    this.close();
    this.over = false;
    this.muted = false;
    this.#silentFrames = 0;
    this.#loudFrames = 0;
  }

  /** Notes whether it can be heard at this instant. */
  look(nowMs: number): void {
    if (this.ready) {
      this.#sounded = true;
      this.#refusal = undefined;
      this.#drySinceMs = undefined;
    } else this.#drySinceMs ??= nowMs;
  }

  /** Open and without sound for so long that the next should be heard. */
  makesWay(nowMs: number): boolean {
    if (this.muted) return true;
    const dryMs = nowMs - (this.#drySinceMs ?? nowMs);
    if (!this.#first) return dryMs > DRY_MS;
    if (this.#source?.live !== true) return false;
    if (this.#sounded) return dryMs > DRY_MS;
    return this.#refusal !== undefined || nowMs - this.#openedMs > GIVE_UP_MS;
  }

  /** Why it makes way. */
  get refusal(): Refusal {
    return (
      this.#refusal ?? { code: 'E_MEDIA_STALL', detail: this.#sounded ? 'it ran dry' : 'nothing came of it' }
    );
  }

  /** Takes note of how loud a block of it was. */
  listen(block: Float32Array): void {
    const silent = !(Math.sqrt(energyOf(block) / block.length) > SILENT_RMS);
    if (silent) {
      this.#silentFrames += block.length;
      this.#loudFrames = 0;
      return;
    }
    this.#loudFrames += block.length;
    if (this.#loudFrames >= LOUD_FRAMES) this.#silentFrames = 0;
    if (this.#loudFrames >= SOUNDING_FRAMES) this.muted = false;
  }
}

/** Sum of squares. A function of its own: as a loop within a method that is called a few times a second it was never compiled. */
function energyOf(block: Float32Array): number {
  let energy = 0;
  // By index: an iterator over floats makes an object of each.
  for (let i = 0; i < block.length; i += 1) {
    const level = block[i] as number;
    energy += level * level;
  }
  return energy;
}
