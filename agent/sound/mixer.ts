import { msOf, RATE_HZ } from '../core/units.js';
import { Limiter, LIMITER_DELAY } from './limiter.js';
import type { Play } from './play.js';

/** Frames mixed at once: 10 ms. */
export const BLOCK_FRAMES = RATE_HZ / 100;
/** While nothing changes, so many blocks are mixed as one: each costs as much beside its samples as they do. */
const STEADY_BLOCKS = 4;

/** Blocks made from one piece of memory: a new one each second costs less than a hundred small ones. */
const SLAB_BLOCKS = 100;
const BLOCK_MS = msOf(BLOCK_FRAMES);

/** A block of nothing, the same one each time: most of the day is made of it. */
const SILENCE: MixedBlock = { block: new Int16Array(BLOCK_FRAMES), onAir: undefined, heard: [], rms: 0 };

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
  readonly #keeps: (play: Play) => boolean;
  readonly #plays = new Map<string, Play>();
  /** For one block, two, and so on. */
  readonly #sums = arraysOf(STEADY_BLOCKS);
  readonly #scratches = arraysOf(STEADY_BLOCKS);
  readonly #limiter = new Limiter(STEADY_BLOCKS * BLOCK_FRAMES);
  #slab = new Int16Array(0);
  #slabAt = 0;
  #order: readonly string[] = [];
  /** Whose sound the limiter still holds. */
  #held: { readonly play: Play; readonly part: 'chime' | 'main'; readonly fromFrame: number } | undefined;
  /** Who had the air in the last block. */
  #last: Play | undefined;

  /**
   * @param permitted asked before each block that a play would have: the last word before the sink
   * @param volume linear, at most 1, of the play on air in this block
   * @param keeps a play that is not heard yet and must lose nothing meanwhile
   */
  constructor(
    permitted: (play: Play) => boolean,
    volume: (play: Play) => number = () => 1,
    keeps: (play: Play) => boolean = () => false,
  ) {
    this.#permitted = permitted;
    this.#volume = volume;
    this.#keeps = keeps;
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

  /**
   * One block of 10 ms, or more of them as one where the play on air is alone, goes on, and is sure to.
   * @param blockAtMs monotonic instant of its first frame at the loudspeaker
   * @param mostBlocks how many are wanted
   */
  mix(blockAtMs: number, mostBlocks = 1): MixedBlock {
    if (this.#plays.size === 0 && this.#held === undefined && this.#limiter.silent) return SILENCE;
    const soundAtMs = blockAtMs + MIXER_DELAY_MS;
    const onAir = this.#chooseAir(soundAtMs);
    const blocks = onAir !== undefined && this.#isSteady(onAir) ? steadyBlocks(onAir, mostBlocks) : 1;
    const frames = blocks * BLOCK_FRAMES;
    const sum = this.#sums[blocks - 1] as Float32Array;
    const part = onAir?.part;
    const late = onAir === undefined ? 0 : framesUntilStart(onAir, soundAtMs);
    sum.fill(0);
    for (const play of this.#plays.values()) {
      const target = play === onAir ? play.gain * this.#volume(play) : 0;
      if (play.currentGain === 0 && target === 0) {
        if (!this.#keeps(play)) play.pass(frames);
        continue;
      }
      const read = this.#scratches[blocks - 1] as Float32Array;
      readInto(read, play, play === onAir ? late : 0);
      addRamped(sum, read, play.currentGain, target);
      play.currentGain = target;
    }
    this.#limiter.process(sum);
    const heard = this.#account(onAir, part, late, frames);
    this.#last = onAir;
    const block = this.#newBlock(frames);
    return { block, rms: quantise(sum, block), onAir, heard };
  }

  /** Lets time pass while there is no sink. */
  pass(frames: number): void {
    this.#limiter.clear();
    this.#held = undefined;
    this.#last = undefined;
    for (const play of this.#plays.values()) {
      play.currentGain = 0;
      play.pass(frames);
    }
  }

  /** Nothing can happen to it but what its source does: it was on air before, alone, and at its gain. */
  #isSteady(onAir: Play): boolean {
    if (onAir !== this.#last || this.#plays.size !== 1) return false;
    return onAir.currentGain === onAir.gain * this.#volume(onAir);
  }

  #account(
    onAir: Play | undefined,
    part: 'chime' | 'main' | undefined,
    late: number,
    frames: number,
  ): Heard[] {
    const heard: Heard[] = [];
    if (this.#held !== undefined) heard.push({ ...this.#held, toFrame: LIMITER_DELAY });
    this.#held = undefined;
    if (onAir === undefined || part === undefined) return heard;
    const fromFrame = LIMITER_DELAY + late;
    // What begins in the last 2 ms of the block is not in it yet.
    if (fromFrame < frames) heard.push({ play: onAir, part, fromFrame, toFrame: frames });
    this.#held = { play: onAir, part, fromFrame: Math.max(0, fromFrame - frames) };
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

  #newBlock(frames: number): Int16Array {
    if (this.#slabAt + frames > this.#slab.length) {
      this.#slab = new Int16Array(SLAB_BLOCKS * BLOCK_FRAMES);
      this.#slabAt = 0;
    }
    this.#slabAt += frames;
    return this.#slab.subarray(this.#slabAt - frames, this.#slabAt);
  }
}

function arraysOf(blocks: number): readonly Float32Array[] {
  return Array.from({ length: blocks }, (_, i) => new Float32Array((i + 1) * BLOCK_FRAMES));
}

/** How many blocks at once: its sound lasts for a block more, so that what its end needs is done by the block. */
function steadyBlocks(onAir: Play, mostBlocks: number): number {
  for (let blocks = Math.min(STEADY_BLOCKS, mostBlocks); blocks > 1; blocks -= 1)
    if (onAir.sure((blocks + 1) * BLOCK_FRAMES)) return blocks;
  return 1;
}

/** A play that is to begin within the block gives its first frame there. */
function readInto(block: Float32Array, play: Play, late: number): void {
  if (late === 0) {
    play.read(block);
    return;
  }
  block.fill(0, 0, late);
  play.read(block.subarray(late));
}

function addRamped(sum: Float32Array, added: Float32Array, from: number, to: number): void {
  const step = (to - from) / sum.length;
  let gain = from;
  for (let i = 0; i < sum.length; i += 1) {
    gain += step;
    sum[i] = (sum[i] as number) + (added[i] as number) * gain;
  }
}

/** Writes levels as samples of 16 bits; returns their root mean square, linear. */
function quantise(levels: Float32Array, samples: Int16Array): number {
  let energy = 0;
  for (let i = 0; i < levels.length; i += 1) {
    const level = levels[i] as number;
    energy += level * level;
    // Rounded half up, without a call.
    samples[i] = Math.floor((level > 1 ? 1 : level < -1 ? -1 : level) * 32_767 + 0.5);
  }
  return Math.sqrt(energy / levels.length);
}

/** Frames of the block that are still before the start asked for; 0 once the play was heard. */
function framesUntilStart(play: Play, soundAtMs: number): number {
  const { startAtMs } = play.spec;
  if (startAtMs === undefined || play.book.begun) return 0;
  return Math.max(0, Math.min(BLOCK_FRAMES - 1, Math.round(((startAtMs - soundAtMs) * RATE_HZ) / 1000)));
}
