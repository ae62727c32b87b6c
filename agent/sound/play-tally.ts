import { createHash } from 'node:crypto';
import type { Refusal } from '../core/errors.js';
import { RATE_HZ, toDb } from '../core/units.js';
import type { AirSpan, PlayOutcome, PlayTally } from './messages.js';

const SPANS = 256;
const SECONDS = 900;
const SILENT_DB = -120;

/** Counts what was heard of one play, block by block, as the blocks go to the sink. Bounded: 256 spans, 900 s of levels. */
export class PlayTallyBook {
  readonly #playId: string;
  readonly #digest = createHash('sha256');
  readonly #spans: { fromFrame: number; toFrame: number; fromMs: number; part: 'chime' | 'main' }[] = [];
  readonly #rmsDb: number[] = [];
  #second = { frames: 0, energy: 0 };
  #peak = 0;
  #frames = 0;
  #lastFrame = 0;
  #underruns = 0;
  #lost = 0;
  #broken = false;

  constructor(playId: string) {
    this.#playId = playId;
  }

  /** The frame after the last one counted; 0 where nothing was heard. */
  get lastFrame(): number {
    return this.#lastFrame;
  }

  /** True once a block was counted. */
  get begun(): boolean {
    return this.#frames > 0;
  }

  /** Counts a block that goes to the sink as frames `frame` and on, first sample heard at wall time `atMs`. */
  count(block: Int16Array, frame: number, atMs: number, part: 'chime' | 'main'): void {
    const last = this.#spans.at(-1);
    const follows = last?.toFrame === frame && last.part === part && !this.#broken;
    this.#broken = false;
    if (last !== undefined && follows) last.toFrame += block.length;
    else if (this.#spans.length < SPANS) {
      this.#spans.push({ fromFrame: frame, toFrame: frame + block.length, fromMs: atMs, part });
    }
    this.#lastFrame = frame + block.length;
    this.#frames += block.length;
    this.#digest.update(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
    for (const sample of block) {
      const level = sample / 32_768;
      this.#peak = Math.max(this.#peak, Math.abs(level));
      this.#second.energy += level * level;
      this.#second.frames += 1;
      if (this.#second.frames === RATE_HZ) this.#closeSecond();
    }
  }

  /** What was counted from this frame on died with its sink, unheard. */
  lose(fromFrame: number): void {
    this.#lost += this.#cutSpans(fromFrame);
    // The next sink takes the next frame, but later: it is another span.
    this.#broken = true;
  }

  /** The card ran dry while this play had the air. */
  countUnderrun(): void {
    this.#underruns += 1;
  }

  /**
   * The whole account.
   * @param unheardFrames frames counted that the sink still holds and will not play
   */
  close(
    outcome: PlayOutcome,
    failure: Refusal | undefined,
    reconnects: number,
    unheardFrames: number,
  ): PlayTally {
    if (this.#second.frames > 0) this.#closeSecond();
    const heard = Math.max(0, this.#frames - this.#lost - unheardFrames);
    this.#cutSpans(this.#lastFrame - unheardFrames);
    return {
      playId: this.#playId,
      outcome,
      failure,
      framesHeard: heard,
      spans: this.#spans.map((span): AirSpan => ({ ...span })),
      peakDb: heard > 0 ? decibels(this.#peak) : undefined,
      rmsDbBySecond: this.#rmsDb,
      underruns: this.#underruns,
      reconnects,
      // The digest is of all that was counted: it proves nothing where a part of that was not heard.
      pcmSha256: heard > 0 && heard === this.#frames ? this.#digest.digest('hex') : undefined,
      evidence: heard > 0 ? 'consumed' : 'none',
    };
  }

  /** Ends the spans at a frame; returns how many frames that takes away. */
  #cutSpans(atFrame: number): number {
    let cut = 0;
    for (
      let last = this.#spans.at(-1);
      last !== undefined && last.toFrame > atFrame;
      last = this.#spans.at(-1)
    ) {
      cut += last.toFrame - Math.max(last.fromFrame, atFrame);
      if (last.fromFrame < atFrame) last.toFrame = atFrame;
      else this.#spans.pop();
    }
    return cut;
  }

  #closeSecond(): void {
    if (this.#rmsDb.length < SECONDS)
      this.#rmsDb.push(decibels(Math.sqrt(this.#second.energy / this.#second.frames)));
    this.#second = { frames: 0, energy: 0 };
  }
}

/** Level in dB to one decimal, silence as −120. */
export function decibels(level: number): number {
  return Math.max(SILENT_DB, Math.round(toDb(level) * 10) / 10);
}
