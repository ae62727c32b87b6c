import { RATE_HZ } from '../core/units.js';
import type { Play } from './play.js';

/** Frames mixed at once: 10 ms. */
export const BLOCK_FRAMES = RATE_HZ / 100;

/** Highest level that leaves the mixer: −1 dBFS. */
const CEILING = 0.891;

/** What one block was made of. */
export interface MixedBlock {
  readonly block: Int16Array;
  /** Who had the air, and which part of it was heard. */
  readonly onAir: { readonly play: Play; readonly part: 'chime' | 'main' } | undefined;
  /** Root mean square of the block, linear. */
  readonly rms: number;
}

/**
 * Gives the air to the first play of the order that has sound and mixes one block at a time. A change of the air is a
 * ramp of one block (10 ms) down on one and up on the other, so that nothing clicks. A play that has begun keeps its
 * place until it ends; one that waits lets its live source go on.
 */
export class Mixer {
  readonly #plays = new Map<string, Play>();
  readonly #sum = new Float32Array(BLOCK_FRAMES);
  readonly #scratch = new Float32Array(BLOCK_FRAMES);
  #order: readonly string[] = [];

  /** Every play there is. */
  get plays(): Iterable<Play> {
    return this.#plays.values();
  }

  add(play: Play): void {
    this.#plays.set(play.spec.playId, play);
  }

  get(playId: string): Play | undefined {
    return this.#plays.get(playId);
  }

  remove(playId: string): void {
    this.#plays.delete(playId);
  }

  order(playIds: readonly string[]): void {
    this.#order = playIds;
  }

  /** The play that would be missed least: the last in the order, or where none stands there the oldest. */
  get leastWanted(): Play | undefined {
    const playId = this.#order.findLast((one) => this.#plays.has(one));
    return playId === undefined ? [...this.#plays.values()][0] : this.#plays.get(playId);
  }

  /** One block; `blockAtMs` is the monotonic instant of its first frame at the loudspeaker. */
  mix(blockAtMs: number): MixedBlock {
    const onAir = this.#chooseAir(blockAtMs);
    const part = onAir?.part;
    this.#sum.fill(0);
    for (const play of this.#plays.values()) {
      const target = play === onAir ? play.gain : 0;
      if (play.currentGain === 0 && target === 0) {
        play.pass(BLOCK_FRAMES);
        continue;
      }
      play.read(this.#scratch);
      this.#addRamped(play.currentGain, target);
      play.currentGain = target;
    }
    const { block, rms } = this.#quantise();
    return {
      block,
      onAir: onAir === undefined || part === undefined ? undefined : { play: onAir, part },
      rms,
    };
  }

  /** Lets time pass while there is no sink. */
  pass(frames: number): void {
    for (const play of this.#plays.values()) {
      play.currentGain = 0;
      play.pass(frames);
    }
  }

  #chooseAir(blockAtMs: number): Play | undefined {
    for (const playId of this.#order) {
      const play = this.#plays.get(playId);
      if (play === undefined || play.closing !== undefined || play.ended) continue;
      const early = play.spec.startAtMs !== undefined && blockAtMs + 5 < play.spec.startAtMs;
      if (!early && play.ready) return play;
    }
    return undefined;
  }

  #addRamped(from: number, to: number): void {
    const step = (to - from) / BLOCK_FRAMES;
    let gain = from;
    for (let i = 0; i < BLOCK_FRAMES; i += 1) {
      gain += step;
      this.#sum[i] = (this.#sum[i] as number) + (this.#scratch[i] as number) * gain;
    }
  }

  #quantise(): { block: Int16Array; rms: number } {
    const block = new Int16Array(BLOCK_FRAMES);
    let energy = 0;
    for (let i = 0; i < BLOCK_FRAMES; i += 1) {
      const level = limited(this.#sum[i] as number);
      energy += level * level;
      block[i] = Math.round(level * 32_767);
    }
    return { block, rms: Math.sqrt(energy / BLOCK_FRAMES) };
  }
}

/** A level within the ceiling; what is no number (a float stream may hold NaN) is silence. */
function limited(level: number): number {
  if (level > CEILING) return CEILING;
  if (level < -CEILING) return -CEILING;
  return Number.isNaN(level) ? 0 : level;
}
