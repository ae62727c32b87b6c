import { createHash } from 'node:crypto';
import type { Refusal } from '../core/errors.js';
import { msOf } from '../core/units.js';
import type { AirSpan, Gap, PlayOutcome, PlayTally } from './messages.js';
import { decibels, SecondMeter, type SecondLevel } from './second-levels.js';

export { decibels };

const SPANS = 256;
const SECONDS = 900;
const GAPS = 64;

/**
 * Counts what was heard of one play, block by block, as the blocks go to the sink. Bounded: 256 spans, 900 s of levels, 64 gaps.
 */
export class PlayTallyBook {
  readonly #playId: string;
  readonly #digest = createHash('sha256');
  readonly #unhashed = new Int16Array(4_800);
  #unhashedLength = 0;
  readonly #spans: { fromFrame: number; toFrame: number; fromMs: number; part: 'chime' | 'main' }[] = [];
  readonly #levels: SecondLevel[] = [];
  readonly #gaps: Gap[] = [];
  readonly #meter = new SecondMeter((level) => {
    if (this.#levels.length < SECONDS) this.#levels.push(level);
  });
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
    if (last !== undefined && this.#broken) this.#tellGap('sink', endMsOf(last), atMs);
    this.#broken = false;
    if (last !== undefined && follows) last.toFrame += block.length;
    else if (this.#spans.length < SPANS) {
      this.#spans.push({ fromFrame: frame, toFrame: frame + block.length, fromMs: atMs, part });
    }
    this.#lastFrame = frame + block.length;
    this.#frames += block.length;
    this.#hash(block);
    this.#meter.take(block);
  }

  /** What was counted from this frame on died with its sink, unheard. */
  lose(fromFrame: number): void {
    this.#lost += this.#cutSpans(fromFrame);
    // The next sink takes the next frame, but later: it is another span.
    this.#broken = true;
  }

  /** The card ran dry while this play had the air, for about this long, as was noticed at this wall time. */
  countUnderrun(gapMs = 0, noticedMs = 0): void {
    this.#underruns += 1;
    this.#tellGap('underrun', noticedMs - gapMs, noticedMs);
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
    this.#meter.close();
    const heard = Math.max(0, this.#frames - this.#lost - unheardFrames);
    this.#cutSpans(this.#lastFrame - unheardFrames);
    return {
      playId: this.#playId,
      outcome,
      failure,
      framesHeard: heard,
      spans: this.#spans.map((span): AirSpan => ({ ...span })),
      peakDb: heard > 0 ? decibels(this.#meter.highest) : undefined,
      rmsDbBySecond: this.#levels.map(({ rmsDb }) => rmsDb),
      peakDbBySecond: this.#levels.map(({ peakDb }) => peakDb),
      lufsBySecond: this.#levels.map(({ lufs }) => lufs),
      gaps: [...this.#gaps],
      underruns: this.#underruns,
      reconnects,
      // The digest is of all that was counted: it proves nothing where a part of that was not heard.
      pcmSha256: heard > 0 && heard === this.#frames ? this.#closeDigest() : undefined,
      evidence: heard > 0 ? 'consumed' : this.#frames > 0 ? 'decoded' : 'none',
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

  /** A tenth of a second at a time: a call of the digest costs more than its work on one block. */
  #hash(block: Int16Array): void {
    for (let at = 0; at < block.length;) {
      const part = block.subarray(at, at + this.#unhashed.length - this.#unhashedLength);
      this.#unhashed.set(part, this.#unhashedLength);
      this.#unhashedLength += part.length;
      at += part.length;
      if (this.#unhashedLength === this.#unhashed.length) this.#digestUnhashed();
    }
  }

  #digestUnhashed(): void {
    this.#digest.update(new Uint8Array(this.#unhashed.buffer, 0, this.#unhashedLength * 2));
    this.#unhashedLength = 0;
  }

  #closeDigest(): string {
    this.#digestUnhashed();
    return this.#digest.digest('hex');
  }

  #tellGap(cause: Gap['cause'], fromMs: number, toMs: number): void {
    if (this.#gaps.length < GAPS) this.#gaps.push({ cause, fromMs, durationMs: Math.max(0, toMs - fromMs) });
  }
}

function endMsOf(span: AirSpan): number {
  return span.fromMs + msOf(span.toFrame - span.fromFrame);
}
