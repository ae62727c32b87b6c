import type { Clock } from '../core/clock.js';
import type { Refusal } from '../core/errors.js';
import { fromDb } from '../core/units.js';
import { storedSound } from './chime.js';
import type { PlayOutcome, PlaySpec } from './messages.js';
import { PlayTallyBook } from './play-tally.js';
import type { Source, SourceHooks } from './sources/source.js';
import { StoredSource } from './sources/stored-source.js';

/** Opens one link of a play's chain; `last` where there is none after it. */
export type OpenSource = (source: PlaySpec['chain'][number], last: boolean, hooks: SourceHooks) => Source;

/** A live source that has given nothing for this long makes way for the next of the chain, milliseconds. */
const GIVE_UP_MS = 5_000;

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
  readonly #openSource: OpenSource;
  readonly #clock: Clock;
  readonly #hooks: SourceHooks;
  readonly #chime: StoredSource | undefined;
  #link = -1;
  #source: Source | undefined;
  #sourceSinceMs = 0;
  #reconnects = 0;
  #failure: Refusal | undefined;
  #sounded = false;

  constructor(
    spec: PlaySpec,
    openSource: OpenSource,
    clock: Clock,
    onTrouble: (refusal: Refusal) => void,
    onTitle: (title: string) => void,
  ) {
    this.spec = spec;
    this.book = new PlayTallyBook(spec.playId);
    this.gain = fromDb(spec.gainDb);
    this.#openSource = openSource;
    this.#clock = clock;
    this.#hooks = { onTrouble, onTitle };
    this.#chime = spec.chimeFirst ? new StoredSource(storedSound('chime')) : undefined;
    this.#next();
  }

  /** The first thing that went wrong and was not mended. */
  get failure(): Refusal | undefined {
    return this.#failure;
  }

  get reconnects(): number {
    return this.#reconnects + (this.#source?.reconnects ?? 0);
  }

  /** It has sound to give, or has begun and keeps the air until it ends. */
  get ready(): boolean {
    this.#advance();
    return this.#chime !== undefined || this.#sounded || this.#source?.ready === true;
  }

  /** Nothing more will come. */
  get ended(): boolean {
    this.#advance();
    return this.#source === undefined && (this.#chime === undefined || this.#chime.ended);
  }

  /** Which part the next frames belong to. */
  get part(): 'chime' | 'main' {
    return this.#chime !== undefined && !this.#chime.ended ? 'chime' : 'main';
  }

  /** Fills a block; what is missing is silence. */
  read(into: Float32Array): void {
    this.#advance();
    into.fill(0);
    if (this.#chime !== undefined && !this.#chime.ended) {
      this.#chime.read(into);
      this.#skip(into.length);
      return;
    }
    if (this.#source === undefined) return;
    if (!this.#sounded && !this.#source.ready) {
      // Nothing of the chain can be heard yet: the chime says again that something is coming.
      this.#chime?.rewind();
      return;
    }
    if (this.#source.read(into) > 0) this.#sounded = true;
  }

  /** Lets time pass unheard: a live source goes on, the rest waits. */
  pass(frames: number): void {
    this.#advance();
    this.#skip(frames);
  }

  close(): void {
    this.#source?.close();
  }

  #skip(frames: number): void {
    const goesOn = this.spec.onInterrupt === 'rejoin' && this.#sounded;
    if (this.#source?.live === true || goesOn) this.#source?.skip(frames);
  }

  /** Goes to the next link where this one has ended, failed, or given nothing for too long. */
  #advance(): void {
    const source = this.#source;
    if (source === undefined) return;
    const last = this.#link === this.spec.chain.length - 1;
    const silentMs = this.#clock.monotonicMs() - this.#sourceSinceMs;
    if (source.failure !== undefined) {
      this.#failure ??= source.failure;
      this.#hooks.onTrouble(source.failure);
      this.#next();
    } else if (source.ended) {
      // The bulletin was heard to its end: what failed before it in the chain was mended.
      this.#failure = undefined;
      this.#finish();
    } else if (source.live && !last && !this.#sounded && !source.ready && silentMs > GIVE_UP_MS) {
      this.#failure ??= { code: 'E_MEDIA_STALL', detail: `nothing heard for ${GIVE_UP_MS} ms` };
      this.#next();
    }
  }

  #next(): void {
    this.#finish();
    this.#link += 1;
    const wanted = this.spec.chain[this.#link];
    if (wanted === undefined) return;
    this.#sourceSinceMs = this.#clock.monotonicMs();
    this.#source = this.#openSource(wanted, this.#link === this.spec.chain.length - 1, this.#hooks);
  }

  #finish(): void {
    this.#reconnects += this.#source?.reconnects ?? 0;
    this.#source?.close();
    this.#source = undefined;
  }
}
