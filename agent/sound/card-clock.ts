import { RATE_HZ } from '../core/units.js';

const NOMINAL = RATE_HZ / 1000;
/** A card's crystal is off by tens, a bad one by 200 millionths; what says more is a disturbance. */
const LIMIT_PPM = 500;
/** Further off than this is no drift but a stop or a jump of the card: it is followed at once. */
const JUMP_MS = 12;
/** Of a smaller error this part is taken over at each sight, so that a late reading moves little. */
const FOLLOW = 0.1;
/** The first sights are followed at once: before them it was only supposed when the card began. */
const FIRST_SIGHTS = 3;
/** The rate counts from a span of this length on, and over no more than about twice the longer one. */
const RATE_SPAN_MS = 20_000;
const RATE_WINDOW_MS = 600_000;

interface Sight {
  readonly frame: number;
  readonly atMs: number;
}

/**
 * The card's own time: which frame is at the loudspeaker at a monotonic instant. Until it is seen, it is supposed to
 * play from its start at exactly {@link RATE_HZ}; each sight of its position corrects place and rate.
 */
export class CardClock {
  #frame: number;
  #atMs: number;
  #perMs = NOMINAL;
  #sights = 0;
  #from: Sight | undefined;
  #next: Sight | undefined;

  /** @param frame what is at the loudspeaker at the monotonic instant `atMs` */
  constructor(frame: number, atMs: number) {
    this.#frame = frame;
    this.#atMs = atMs;
  }

  /** By how many millionths the card is faster than this computer, as far as that is known. */
  get ppm(): number {
    return (this.#perMs / NOMINAL - 1) * 1e6;
  }

  /** True once its position was seen. */
  get seen(): boolean {
    return this.#sights > 0;
  }

  /** The frame at the loudspeaker at an instant, with its fraction. */
  frameAt(monotonicMs: number): number {
    return this.#frame + (monotonicMs - this.#atMs) * this.#perMs;
  }

  /** The instant at which a frame is at the loudspeaker, monotonic milliseconds. */
  instantOf(frame: number): number {
    return this.#atMs + (frame - this.#frame) / this.#perMs;
  }

  /** The card stood still for so long, or a frame turned out to be heard so much later. */
  shift(byMs: number): void {
    this.#atMs += byMs;
    this.#forgetSpan();
  }

  /** Takes a sight of the card's position; returns by how much it was later than supposed, milliseconds. */
  see(frame: number, atMs: number): number {
    const lateMs = atMs - this.instantOf(frame);
    const jump = Math.abs(lateMs) > JUMP_MS;
    if (jump) this.#forgetSpan();
    this.#sights += 1;
    const part = jump || this.#sights <= FIRST_SIGHTS ? 1 : FOLLOW;
    const supposed = this.frameAt(atMs);
    this.#frame = supposed + (frame - supposed) * part;
    this.#atMs = atMs;
    this.#measureRate({ frame, atMs });
    return lateMs;
  }

  #measureRate(sight: Sight): void {
    this.#from ??= sight;
    const spanMs = sight.atMs - this.#from.atMs;
    if (spanMs >= RATE_SPAN_MS) {
      const perMs = (sight.frame - this.#from.frame) / spanMs;
      const most = (NOMINAL * LIMIT_PPM) / 1e6;
      this.#perMs = NOMINAL + Math.min(most, Math.max(-most, perMs - NOMINAL));
    }
    if (spanMs >= RATE_WINDOW_MS) {
      this.#next ??= sight;
      if (sight.atMs - this.#next.atMs >= RATE_WINDOW_MS) {
        this.#from = this.#next;
        this.#next = sight;
      }
    }
  }

  #forgetSpan(): void {
    this.#from = undefined;
    this.#next = undefined;
  }
}
