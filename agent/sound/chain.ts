import type { Clock } from '../core/clock.js';
import type { Refusal } from '../core/errors.js';
import { framesOf } from '../core/units.js';
import { ChainLink } from './chain-link.js';
import type { PlaySpec } from './messages.js';
import { OffsetSource } from './sources/offset-source.js';
import type { Source, SourceHooks } from './sources/source.js';

/** Opens one link of a play's chain; `last` where there is none after it. */
export type OpenSource = (source: PlaySpec['chain'][number], last: boolean, hooks: SourceHooks) => Source;

/** What a chain tells beside what its sources tell. */
export interface ChainHooks extends SourceHooks {
  /** Another link is heard from this block on; 0 is the first. */
  onLink(link: number): void;
}

const SILENCE_TOLD = framesOf(8_000);
const SILENCE_LEFT = framesOf(15_000);
/** All silent for so long is told: half a second is what the next of the chain has to be heard. */
const DECLARED_MS = 500;
/** A stand-in on a live stream is let go when what it stood in for has been well for so long. */
const WELL_MS = 10_000;

/**
 * The sources of a play, best first. At each block the best one that has sound is heard. A live source that is away is
 * tried again under whatever stands in for it, and is heard again as soon as it has sound.
 */
export class Chain {
  readonly #spec: PlaySpec;
  readonly #open: OpenSource;
  readonly #clock: Clock;
  readonly #hooks: ChainHooks;
  readonly #links: readonly ChainLink[];
  readonly #scratch = new Float32Array(480);
  #heard: number | undefined;
  #told: number | undefined;
  #failure: Refusal | undefined;
  #ended = false;
  #silentSinceMs: number | undefined;
  #silenceTold = false;
  #troubledMs = -Infinity;

  constructor(spec: PlaySpec, open: OpenSource, clock: Clock, hooks: ChainHooks) {
    this.#spec = spec;
    this.#open = open;
    this.#clock = clock;
    this.#hooks = hooks;
    this.#links = spec.chain.map((_, i) => new ChainLink(i === 0));
    this.#ended = this.#links.length === 0;
    this.#choose();
  }

  /** The first thing that went wrong and was not mended. */
  get failure(): Refusal | undefined {
    return this.#failure;
  }

  get reconnects(): number {
    return this.#links.reduce((sum, link) => sum + link.reconnects, 0);
  }

  /** Nothing more will come. */
  get ended(): boolean {
    this.#choose();
    return this.#ended;
  }

  /** One of them can be heard now. */
  get ready(): boolean {
    return this.#choose() !== undefined;
  }

  /** What is heard of it goes on while it is not heard. */
  get live(): boolean {
    return this.#heard !== undefined && this.#links[this.#heard]?.source?.live === true;
  }

  /** Frames that the link that is heard is sure to give; 0 where another is to be heard. */
  get inHand(): number {
    const best = this.#choose();
    return best === undefined || best !== this.#heard ? 0 : (this.#links[best]?.source?.inHand ?? 0);
  }

  /** For how long none of them could be heard, milliseconds; 0 while one can. */
  get silentMs(): number {
    return this.#silentSinceMs === undefined ? 0 : this.#clock.monotonicMs() - this.#silentSinceMs;
  }

  /** Fills a block; what is missing is silence. Returns how many frames there were of what is heard. */
  read(into: Float32Array): number {
    const best = this.#choose();
    const before = this.#heard;
    into.fill(0);
    this.#listenUnheard(best, into.length);
    if (best === undefined) return 0;
    const frames = this.#links[best]?.source?.read(into) ?? 0;
    this.#links[best]?.listen(into);
    if (before !== undefined && before !== best) this.#cross(before, best, into);
    this.#heard = best;
    if (this.#told !== best) this.#tellLink(best);
    this.#watchSilence(best);
    return frames;
  }

  /** Lets time pass unheard: live sources go on, and what is heard of the others where it is to be rejoined. */
  skip(frames: number, rejoin: boolean): void {
    const best = this.#choose();
    this.#links.forEach((link, i) => {
      if (link.source?.live === true) this.#letGo(link, frames);
      else if (rejoin && i === best) link.source?.skip(frames);
    });
  }

  close(): void {
    for (const link of this.#links) link.close();
  }

  /** Opens what is wanted, drops what is over, and finds the best link that can be heard. */
  #choose(): number | undefined {
    if (this.#ended) return undefined;
    const nowMs = this.#clock.monotonicMs();
    const best = this.#best(nowMs);
    if (this.#ended) return undefined;
    if (best === undefined) {
      this.#silentSinceMs ??= nowMs;
      this.#declareSilence();
      return undefined;
    }
    this.#silentSinceMs = undefined;
    if (best === 0) this.#failure = undefined;
    if (this.#heard !== undefined && best < this.#heard) this.#cameBack(best);
    this.#prepare(best, nowMs);
    return best;
  }

  #best(nowMs: number): number | undefined {
    let waiting = false;
    for (const [i, link] of this.#links.entries()) {
      if (link.over) continue;
      if (link.source === undefined) this.#openLink(i, nowMs);
      const { source } = link;
      if (source?.failure !== undefined) {
        this.#failed(link, source.failure);
        continue;
      }
      if (source?.ended === true) {
        if (!waiting || this.#spec.lasts !== true) {
          // The bulletin was heard to its end: what failed before it in the chain was mended.
          this.#finish(undefined);
          return undefined;
        }
        link.close();
        link.over = true;
        continue;
      }
      link.look(nowMs);
      if (link.ready) return i;
      waiting = true;
      if (!link.makesWay(nowMs)) return undefined;
      if (this.#links.length > i + 1) this.#failure ??= link.refusal;
    }
    if (!waiting) this.#finish(this.#failure);
    return undefined;
  }

  #openLink(i: number, nowMs: number): void {
    const wanted = this.#spec.chain[i];
    const link = this.#links[i];
    if (wanted === undefined || link === undefined) return;
    const last = i === this.#links.length - 1;
    const { offsetMs = 0 } = this.#spec;
    link.open(nowMs, (onRefused) => {
      const source = this.#open(wanted, last, {
        onTrouble: (refusal) => {
          onRefused(refusal);
          this.#hooks.onTrouble(refusal);
        },
        onTitle: (title) => this.#hooks.onTitle(title),
      });
      return offsetMs === 0 || source.live ? source : new OffsetSource(source, offsetMs, this.#clock);
    });
  }

  #failed(link: ChainLink, refusal: Refusal): void {
    this.#failure ??= refusal;
    this.#hooks.onTrouble(refusal);
    link.close();
    link.over = true;
  }

  #finish(failure: Refusal | undefined): void {
    this.#failure = failure;
    this.#ended = true;
    this.close();
  }

  /** A better one has sound again: those after it begin anew the next time, but a file goes on where it is. */
  #cameBack(best: number): void {
    this.#silenceTold = false;
    this.#links.forEach((link, i) => {
      const kept = this.#spec.chain[i]?.kind === 'file' && !link.over;
      // What was heard just now is faded out with the next block.
      if (i > best && i !== this.#heard && !kept) link.reset();
    });
  }

  /** Gets ready what would stand in for the one that is heard. */
  #prepare(best: number, nowMs: number): void {
    const troubled = this.#links[best]?.source?.troubled === true;
    if (troubled) this.#troubledMs = nowMs;
    const well = nowMs - this.#troubledMs > WELL_MS;
    let next = true;
    for (let i = best + 1; i < this.#links.length; i += 1) {
      const link = this.#links[i];
      if (link === undefined || link.over) continue;
      // Files are fetched beforehand: when they are needed there may be no network.
      const file = this.#spec.lasts === true && this.#spec.chain[i]?.kind === 'file';
      if (link.source === undefined && ((troubled && next) || file)) this.#openLink(i, nowMs);
      else if (link.source?.live === true && well && i !== this.#heard) link.reset();
      next = false;
    }
  }

  /** Live sources that are open and not heard: their time goes on. */
  #listenUnheard(best: number | undefined, frames: number): void {
    this.#links.forEach((link, i) => {
      if (i !== best && i !== this.#heard && link.source?.live === true) this.#letGo(link, frames);
    });
  }

  /** Time that passes for a live source unheard; one that was silent is listened to, so that it is missed no longer than needed. */
  #letGo(link: ChainLink, frames: number): void {
    const { source } = link;
    if (!link.muted || source?.ready !== true || frames > this.#scratch.length) {
      source?.skip(frames);
      return;
    }
    const block = this.#scratch.subarray(0, frames).fill(0);
    source.read(block);
    link.listen(block);
  }

  /** The last block of what was heard before fades out under the first of the new one. */
  #cross(before: number, best: number, into: Float32Array): void {
    const link = this.#links[before];
    const old = this.#scratch.subarray(0, Math.min(into.length, this.#scratch.length)).fill(0);
    if (link?.source?.ready === true) link.source.read(old);
    for (let i = 0; i < into.length; i += 1) {
      const part = (i + 1) / into.length;
      into[i] = (into[i] as number) * part + (old[i] ?? 0) * (1 - part);
    }
    const kept = link?.source?.live === true || (this.#spec.chain[before]?.kind === 'file' && !link?.over);
    if (best < before && !kept) link?.reset();
  }

  #tellLink(best: number): void {
    this.#told = best;
    this.#hooks.onLink(best);
    if (this.#links.slice(0, best).every(({ over }) => over)) return;
    this.#hooks.onTrouble({ code: 'E_MEDIA_FALLBACK', detail: `source ${best + 1} of the chain is heard` });
  }

  /** Silence on air is a fault: told after 8 s, and after 15 s a live source makes way for what follows it. */
  #watchSilence(best: number): void {
    const link = this.#links[best];
    if (link === undefined || link.silentFrames < SILENCE_TOLD) return;
    this.#tellSilence(`below -50 dBFS for ${SILENCE_TOLD / 48_000} s`);
    const follows = this.#links.slice(best + 1).some(({ over }) => !over);
    if (link.silentFrames >= SILENCE_LEFT && link.source?.live === true && follows) link.muted = true;
  }

  #declareSilence(): void {
    if (this.#heard === undefined || this.silentMs <= DECLARED_MS) return;
    this.#tellSilence('no source of it gives sound');
  }

  #tellSilence(detail: string): void {
    if (this.#silenceTold) return;
    this.#silenceTold = true;
    this.#hooks.onTrouble({ code: 'E_MEDIA_SILENT', detail });
  }
}
