import type { Clock } from '../core/clock.js';
import type { Refusal } from '../core/errors.js';
import { framesOf, fromDb } from '../core/units.js';
import { Chain, type OpenSource } from './chain.js';
import { storedSound } from './chime.js';
import type { PlayOutcome, PlaySpec } from './messages.js';
import { PlayTallyBook } from './play-tally.js';
import { StoredSource } from './sources/stored-source.js';
import { UnreadFrames } from './unread-frames.js';

export type { OpenSource } from './chain.js';

/** What a play may be told beside its spec. */
export interface PlayOptions {
  /** Without sound it gives the air to what waits below it after so long, milliseconds; 5 000 by default. */
  readonly holdAirMs?: number | undefined;
  /** Another source of its chain is heard; 0 is the first. */
  readonly onLink?: (link: number) => void;
}

const HOLD_AIR_MS = 5_000;
/** So much of what was read last can be read again: more than a card is ever given ahead. */
const UNREAD_FRAMES = framesOf(1_000);

/** One bulletin within the sound worker: its chime, its chain of sources, and the account of what was heard. */
export class Play {
  readonly spec: PlaySpec;
  readonly book: PlayTallyBook;
  /** Linear gain asked for. */
  readonly gain: number;
  /** Gain at the end of the last block: the mixer's ramps start from it. */
  currentGain = 0;
  /** How it was asked to end, once it was. */
  closing: PlayOutcome | undefined;
  readonly #chain: Chain;
  readonly #chime: StoredSource | undefined;
  readonly #holdAirMs: number;
  readonly #unread = new UnreadFrames(UNREAD_FRAMES);
  #sounded = false;

  constructor(
    spec: PlaySpec,
    openSource: OpenSource,
    clock: Clock,
    onTrouble: (refusal: Refusal) => void,
    onTitle: (title: string) => void,
    options: PlayOptions = {},
  ) {
    this.spec = spec;
    this.book = new PlayTallyBook(spec.playId);
    this.gain = fromDb(spec.gainDb);
    this.#holdAirMs = options.holdAirMs ?? HOLD_AIR_MS;
    this.#chime = spec.chimeFirst ? new StoredSource(storedSound('chime')) : undefined;
    const onLink = options.onLink ?? (() => undefined);
    this.#chain = new Chain(spec, openSource, clock, { onTrouble, onTitle, onLink });
  }

  /** The first thing that went wrong and was not mended. */
  get failure(): Refusal | undefined {
    return this.#chain.failure;
  }

  get reconnects(): number {
    return this.#chain.reconnects;
  }

  /** It has sound to give, or has begun and keeps the air; silent for too long, it gives the air until it has sound again. */
  get ready(): boolean {
    if (this.#chain.ready || this.#unread.length > 0) return true;
    if (this.#chime !== undefined && (!this.#sounded || !this.#chime.ended)) return true;
    return this.#sounded && this.#chain.silentMs <= this.#holdAirMs;
  }

  /** Nothing more will come. */
  get ended(): boolean {
    if (this.#unread.length > 0) return false;
    return this.#chain.ended && (this.#chime === undefined || this.#chime.ended);
  }

  /** So many frames are sure to come of what is heard now, without a change of any kind. */
  sure(frames: number): boolean {
    const past = this.#chime === undefined || this.#chime.ended;
    return (
      past &&
      this.#sounded &&
      this.closing === undefined &&
      this.#chain.inHand + this.#unread.length >= frames
    );
  }

  /** Which part the next frames belong to. */
  get part(): 'chime' | 'main' {
    return this.#chime !== undefined && (!this.#chime.ended || this.#awaited) ? 'chime' : 'main';
  }

  /** Nothing of the chain could be heard yet, and something may still be. */
  get #awaited(): boolean {
    return !this.#sounded && !this.#chain.ready && !this.#chain.ended;
  }

  /** Fills a block; what is missing is silence. Returns how many frames there were. */
  read(into: Float32Array): number {
    into.fill(0);
    const again = this.#unread.read(into);
    if (again === into.length) return again;
    return again + this.#readOn(again === 0 ? into : into.subarray(again));
  }

  /** As {@link Play.read}, of frames that are {@link Play.sure}, and so that they can be taken back. */
  readAhead(into: Float32Array): void {
    const again = this.#unread.read(into);
    if (again === into.length) return;
    const more = into.subarray(again);
    more.fill(0);
    this.#readOn(more);
    this.#unread.keep(more);
  }

  /** The last frames read ahead were not heard, and will be read again. */
  takeBack(frames: number): void {
    this.#unread.takeBack(frames);
  }

  #readOn(into: Float32Array): number {
    // Nothing of the chain can be heard yet: the chime says again that something is coming.
    if (this.#chime?.ended === true && this.#awaited) this.#chime.rewind();
    if (this.#chime !== undefined && !this.#chime.ended) {
      const frames = this.#chime.read(into);
      this.#skip(into.length);
      return frames;
    }
    if (!this.#sounded && !this.#chain.ready) return 0;
    const frames = this.#chain.read(into);
    if (frames > 0) this.#sounded = true;
    return frames;
  }

  /** Lets time pass unheard: a live source goes on, the rest waits. */
  pass(frames: number): void {
    this.#skip(frames);
  }

  close(): void {
    this.#chain.close();
  }

  #skip(frames: number): void {
    const rejoins = this.spec.onInterrupt === 'rejoin' && this.#sounded;
    // What was taken back is the next of what goes on unheard.
    const passed = this.#chain.live || rejoins ? this.#unread.skip(frames) : 0;
    if (passed < frames) this.#chain.skip(frames - passed, rejoins);
  }
}
