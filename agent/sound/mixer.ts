import { framesOf, msOf, RATE_HZ } from '../core/units.js';
import { Limiter, LIMITER_DELAY, type LimiterState } from './limiter.js';
import type { Play } from './play.js';

/** Frames mixed at once: 10 ms. */
export const BLOCK_FRAMES = RATE_HZ / 100;
/** While nothing changes, so many blocks are mixed as one: each costs as much beside its samples as they do. */
const STEADY_BLOCKS = 25;
/** Of those that cannot be taken back fewer: what is to be heard next waits for them. */
const STEADY_BLOCKS_FOR_GOOD = 4;
/** What is mixed ahead leaves so much in hand: what ends, or breaks off, does so in what is mixed by the block. */
const LEFT_IN_HAND = framesOf(50);

/** Blocks made from one piece of memory: a new one each second costs less than a hundred small ones. */
const SLAB_BLOCKS = 100;
const BLOCK_MS = msOf(BLOCK_FRAMES);

/** A block of nothing, the same one each time: most of the day is made of it. */
const SILENCE: MixedBlock = { block: new Int16Array(BLOCK_FRAMES), onAir: undefined, heard: [], rms: 0 };

/** The same of {@link STEADY_BLOCKS}: what is given to a card ahead while nobody is to be heard. */
const LONG_SILENCE: MixedBlock = { ...SILENCE, block: new Int16Array(STEADY_BLOCKS * BLOCK_FRAMES) };

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

/** Blocks that can be taken back, as one. */
export interface AheadBlock {
  readonly mixed: MixedBlock;
  /** What the mixer held before them. */
  readonly before: MixerState;
}

/** What {@link Mixer.undo} goes back to. */
export interface MixerState {
  /** Who was read, and how many frames of it; nobody where it was silent. */
  readonly play: Play | undefined;
  readonly frames: number;
  readonly limiter: LimiterState;
  readonly held: HeldPart | undefined;
}

/** Whose sound the limiter holds, and which of its frames. */
type HeldPart = Heard;

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
  readonly #sum = new Float32Array(STEADY_BLOCKS * BLOCK_FRAMES);
  readonly #scratch = new Float32Array(STEADY_BLOCKS * BLOCK_FRAMES);
  readonly #limiter = new Limiter(STEADY_BLOCKS * BLOCK_FRAMES);
  #slab = new Int16Array(0);
  #slabAt = 0;
  #order: readonly string[] = [];
  /** Whose sound the limiter still holds. */
  #held: HeldPart | undefined;
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
    if (this.#isIdle) return SILENCE;
    const soundAtMs = blockAtMs + MIXER_DELAY_MS;
    const onAir = this.#chooseAir(soundAtMs);
    const most = Math.min(STEADY_BLOCKS_FOR_GOOD, mostBlocks);
    const steady = onAir !== undefined && this.#isSteady(onAir);
    const blocks = steady ? Math.max(1, steadyBlocks(onAir, most, BLOCK_FRAMES)) : 1;
    const frames = blocks * BLOCK_FRAMES;
    const sum = this.#sum.subarray(0, frames);
    const part = onAir?.part;
    const late = onAir === undefined ? 0 : framesUntilStart(onAir, soundAtMs);
    let sounding = 0;
    sum.fill(0);
    for (const play of this.#plays.values()) {
      const target = play === onAir ? play.gain * this.#volume(play) : 0;
      if (play.currentGain === 0 && target === 0) {
        if (!this.#keeps(play)) play.pass(frames);
        continue;
      }
      const read = this.#scratch.subarray(0, frames);
      const given = readInto(read, play, play === onAir ? late : 0);
      if (play === onAir) sounding = given;
      addRamped(sum, read, play.currentGain, target);
      play.currentGain = target;
    }
    this.#limiter.process(sum);
    const heard = this.#account(onAir, part, { late, sounding }, frames);
    this.#last = onAir;
    const block = this.#newBlock(frames);
    return { block, rms: quantise(sum, block), onAir, heard };
  }

  /**
   * Blocks that {@link Mixer.undo} can take back: of silence while there is no play, or of one that is alone on air and sure to go on
   * for longer. Undefined where something may change by itself.
   * @param mostBlocks how many are wanted
   */
  mixAhead(blockAtMs: number, mostBlocks: number): AheadBlock | undefined {
    if (mostBlocks < 1) return undefined;
    const limiter = this.#limiter.state;
    if (this.#isIdle) {
      const mixed = mostBlocks < STEADY_BLOCKS ? SILENCE : LONG_SILENCE;
      const frames = mixed.block.length;
      return { mixed, before: { play: undefined, frames, limiter, held: undefined } };
    }
    const play = this.#chooseAir(blockAtMs + MIXER_DELAY_MS);
    if (play === undefined || !this.#isSteady(play)) return undefined;
    const blocks = steadyBlocks(play, mostBlocks, LEFT_IN_HAND);
    if (blocks === 0) return undefined;
    const frames = blocks * BLOCK_FRAMES;
    const before: MixerState = { play, frames, limiter, held: this.#held };
    const { part } = play;
    const sum = this.#sum.subarray(0, frames);
    const read = this.#scratch.subarray(0, frames);
    play.readAhead(read);
    sum.fill(0);
    addRamped(sum, read, play.currentGain, play.currentGain);
    this.#limiter.process(sum);
    const heard = this.#account(play, part, { late: 0, sounding: frames }, frames);
    const block = this.#newBlock(frames);
    return { mixed: { block, rms: quantise(sum, block), onAir: play, heard }, before };
  }

  /** Goes back to before some blocks that were mixed ahead, and by way of all that were mixed after them, the newest first. */
  undo({ play, frames, limiter, held }: MixerState): void {
    play?.takeBack(frames);
    this.#limiter.restore(limiter);
    this.#held = held;
    this.#last = play;
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

  /** Silence, and nobody who could end it. */
  get #isIdle(): boolean {
    return this.#plays.size === 0 && this.#held === undefined && this.#limiter.silent;
  }

  /** Nothing can happen to it but what its source does: it was on air before, alone, and at its gain. */
  #isSteady(onAir: Play): boolean {
    if (onAir !== this.#last || this.#plays.size !== 1) return false;
    return onAir.currentGain === onAir.gain * this.#volume(onAir);
  }

  /**
   * What is heard in the block that leaves now: what the limiter still held, and what was read for it.
   * @param read frames before the first of what was read, and how many there were: a source that has run dry gives fewer
   */
  #account(
    onAir: Play | undefined,
    part: 'chime' | 'main' | undefined,
    { late, sounding }: { readonly late: number; readonly sounding: number },
    frames: number,
  ): Heard[] {
    const heard: Heard[] = [];
    if (this.#held !== undefined) heard.push(this.#held);
    this.#held = undefined;
    if (onAir === undefined || part === undefined || sounding === 0) return heard;
    const fromFrame = LIMITER_DELAY + late;
    const toFrame = fromFrame + sounding;
    // What begins in the last 2 ms of the block is not in it yet.
    if (fromFrame < frames) heard.push({ play: onAir, part, fromFrame, toFrame: Math.min(frames, toFrame) });
    if (toFrame > frames)
      this.#held = {
        ...{ play: onAir, part },
        ...{ fromFrame: Math.max(0, fromFrame - frames), toFrame: toFrame - frames },
      };
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

/** How many blocks at once, if any: its sound lasts for so much more, so that what its end needs is done by the block. */
function steadyBlocks(onAir: Play, mostBlocks: number, leftFrames: number): number {
  for (let blocks = Math.min(STEADY_BLOCKS, mostBlocks); blocks > 0; blocks -= 1)
    if (onAir.sure(blocks * BLOCK_FRAMES + leftFrames)) return blocks;
  return 0;
}

/** A play that is to begin within the block gives its first frame there. Returns how many frames it gave. */
function readInto(block: Float32Array, play: Play, late: number): number {
  if (late === 0) return play.read(block);
  block.fill(0, 0, late);
  return play.read(block.subarray(late));
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
