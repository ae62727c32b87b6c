import { msOf, RATE_HZ } from '../core/units.js';
import { Limiter, LIMITER_DELAY } from './limiter.js';
import type { Play } from './play.js';

/** Frames mixed at once: 10 ms. */
export const BLOCK_FRAMES = RATE_HZ / 100;

/** Blocks made from one piece of memory: a new one each second costs less than a hundred small ones. */
const SLAB_BLOCKS = 100;
const BLOCK_MS = msOf(BLOCK_FRAMES);

/** Sound is heard so much later than the block it was mixed in begins: the limiter looks ahead. */
export const MIXER_DELAY_MS = msOf(LIMITER_DELAY);

/** Whose sound a part of a block is. */
export interface Heard {
  readonly play: Play;
  readonly part: 'chime' | 'main';
  /** Frames of the block: from this one on, and up to this one. */
  readonly fromFrame: number;
  readonly toFrame: number;
}

/** What one block was made of. */
export interface MixedBlock {
  readonly block: Int16Array;
  /** Who has the air now. */
  readonly onAir: Play | undefined;
  /** Whose sound is in it, in its order: what the limiter still held of the block before, and what is new. */
  readonly heard: readonly Heard[];
  /** Root mean square of the block, linear. */
  readonly rms: number;
}

/**
 * Gives the air to the first play of the order that has sound and mixes one block at a time. A change of the air is a
 * ramp of one block (10 ms) down on one and up on the other, so that nothing clicks. A play that has begun keeps its
 * place until it ends; one that waits lets its live source go on.
 */
export class Mixer {
  readonly #permitted: (play: Play) => boolean;
  readonly #volume: (play: Play) => number;
  readonly #plays = new Map<string, Play>();
  readonly #sum = new Float32Array(BLOCK_FRAMES);
  readonly #scratch = new Float32Array(BLOCK_FRAMES);
  readonly #limiter = new Limiter(BLOCK_FRAMES);
  #slab = new Int16Array(0);
  #slabAt = 0;
  #order: readonly string[] = [];
  /** Whose sound the limiter still holds. */
  #held: { readonly play: Play; readonly part: 'chime' | 'main'; readonly fromFrame: number } | undefined;

  /**
   * @param permitted asked before each block that a play would have: the last word before the sink
   * @param volume linear, at most 1, of the play on air in this block
   */
  constructor(permitted: (play: Play) => boolean, volume: (play: Play) => number = () => 1) {
    this.#permitted = permitted;
    this.#volume = volume;
  }

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
    if (this.#held?.play.spec.playId === playId) this.#held = undefined;
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
    const soundAtMs = blockAtMs + MIXER_DELAY_MS;
    const onAir = this.#chooseAir(soundAtMs);
    const part = onAir?.part;
    const late = onAir === undefined ? 0 : framesUntilStart(onAir, soundAtMs);
    this.#sum.fill(0);
    for (const play of this.#plays.values()) {
      const target = play === onAir ? play.gain * this.#volume(play) : 0;
      if (play.currentGain === 0 && target === 0) {
        play.pass(BLOCK_FRAMES);
        continue;
      }
      this.#read(play, play === onAir ? late : 0);
      this.#addRamped(play.currentGain, target);
      play.currentGain = target;
    }
    this.#limiter.process(this.#sum);
    const heard = this.#account(onAir, part, late);
    return { ...this.#quantise(), onAir, heard };
  }

  /** Lets time pass while there is no sink. */
  pass(frames: number): void {
    this.#limiter.clear();
    this.#held = undefined;
    for (const play of this.#plays.values()) {
      play.currentGain = 0;
      play.pass(frames);
    }
  }

  /** A play that is to begin within the block gives its first frame there. */
  #read(play: Play, late: number): void {
    if (late === 0) {
      play.read(this.#scratch);
      return;
    }
    this.#scratch.fill(0, 0, late);
    play.read(this.#scratch.subarray(late));
  }

  #account(onAir: Play | undefined, part: 'chime' | 'main' | undefined, late: number): Heard[] {
    const heard: Heard[] = [];
    if (this.#held !== undefined) heard.push({ ...this.#held, toFrame: LIMITER_DELAY });
    this.#held = undefined;
    if (onAir === undefined || part === undefined) return heard;
    const fromFrame = LIMITER_DELAY + late;
    // What begins in the last 2 ms of the block is not in it yet.
    if (fromFrame < BLOCK_FRAMES) heard.push({ play: onAir, part, fromFrame, toFrame: BLOCK_FRAMES });
    this.#held = { play: onAir, part, fromFrame: Math.max(0, fromFrame - BLOCK_FRAMES) };
    return heard;
  }

  #chooseAir(soundAtMs: number): Play | undefined {
    for (const playId of this.#order) {
      const play = this.#plays.get(playId);
      if (play === undefined || play.closing !== undefined || play.ended) continue;
      const { startAtMs } = play.spec;
      const early = startAtMs !== undefined && startAtMs >= soundAtMs + BLOCK_MS;
      if (!early && play.ready && this.#permitted(play)) return play;
    }
    return undefined;
  }

  #addRamped(from: number, to: number): void {
    const step = (to - from) / BLOCK_FRAMES;
    const [sum, scratch] = [this.#sum, this.#scratch];
    let gain = from;
    for (let i = 0; i < BLOCK_FRAMES; i += 1) {
      gain += step;
      sum[i] = (sum[i] as number) + (scratch[i] as number) * gain;
    }
  }

  #quantise(): { block: Int16Array; rms: number } {
    const block = this.#newBlock();
    const sum = this.#sum;
    let energy = 0;
    for (let i = 0; i < BLOCK_FRAMES; i += 1) {
      const level = sum[i] as number;
      energy += level * level;
      // Rounded half up, without a call.
      block[i] = Math.floor((level > 1 ? 1 : level < -1 ? -1 : level) * 32_767 + 0.5);
    }
    return { block, rms: Math.sqrt(energy / BLOCK_FRAMES) };
  }

  #newBlock(): Int16Array {
    if (this.#slabAt === this.#slab.length) {
      this.#slab = new Int16Array(SLAB_BLOCKS * BLOCK_FRAMES);
      this.#slabAt = 0;
    }
    this.#slabAt += BLOCK_FRAMES;
    return this.#slab.subarray(this.#slabAt - BLOCK_FRAMES, this.#slabAt);
  }
}

/** Frames of the block that are still before the start asked for; 0 once the play was heard. */
function framesUntilStart(play: Play, soundAtMs: number): number {
  const { startAtMs } = play.spec;
  if (startAtMs === undefined || play.book.begun) return 0;
  return Math.max(0, Math.min(BLOCK_FRAMES - 1, Math.round(((startAtMs - soundAtMs) * RATE_HZ) / 1000)));
}
