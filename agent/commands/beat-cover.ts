import type { Assignment } from '../../protocols/messages/assignment.js';
import type { Beat } from '../../protocols/messages/beat.js';
import type { Authority, TrustDocument } from '../../protocols/trust-document.js';
import type { Clock } from '../core/clock.js';

/** How long a beat of the home area stands for those above it: three of its kind, milliseconds. */
export const COVER_LASTS_MS = 45 * 60_000;

/** What a beat of the home area has said of the areas above it. */
export interface Covering {
  readonly home: string;
  readonly authority: string;
  readonly areas: readonly string[];
}

/** What judges a covering. */
export interface CoverStanding {
  readonly assignment: Assignment | undefined;
  readonly trust: TrustDocument;
}

/**
 * Areas whose own beats need not be heard, because the home area's names their documents, too. Pure. That counts only where
 * it is signed by the authority that stands above every other that may give the time here: no commune may make a
 * receiver deaf to what the province says of itself.
 */
export function coveredAreas(covering: Covering, { assignment, trust }: CoverStanding): string[] {
  if (assignment === undefined || assignment.body.home !== covering.home) return [];
  const { areas } = assignment.body;
  const timekeepers = trust.authorities.filter((one) => mayBeat(one) && areas.includes(one.homeArea));
  const signer = timekeepers.find(({ id }) => id === covering.authority);
  if (signer === undefined) return [];
  const highest = timekeepers.every((one) => one === signer || one.level < signer.level);
  return highest ? areas.filter((area) => area !== covering.home && covering.areas.includes(area)) : [];
}

function mayBeat({ grants }: Authority): boolean {
  return grants.some(({ messages }) => messages.includes('beat'));
}

/** What the watch stands on. */
export interface BeatCoverParts {
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'after'>;
  readonly standing: () => CoverStanding;
  /** The areas whose beats are to be heard have changed. */
  readonly onChange: () => void;
}

/**
 * Which beats are subscribed to: the home area's alone, as long as it covers those above it; where it stays away, or covers
 * them no more, all of them again. And when the province was last heard to vouch for everything here.
 */
export class BeatCover {
  readonly #parts: BeatCoverParts;
  #covering: { readonly what: Covering; readonly untilMs: number } | undefined;
  #vouchedMs = -Infinity;
  #told = '';
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(parts: BeatCoverParts) {
    this.#parts = parts;
  }

  /** The newest time that a beat of the home area, or for this receiver, has named: wall time, milliseconds. */
  get vouchedMs(): number {
    return this.#vouchedMs;
  }

  /** Areas of the assignment whose beats must be heard. */
  heard(): string[] {
    const { standing, clock } = this.#parts;
    const here = standing();
    const areas = here.assignment?.body.areas ?? [];
    if (this.#covering === undefined || clock.monotonicMs() >= this.#covering.untilMs) return [...areas];
    const covered = coveredAreas(this.#covering.what, here);
    return areas.filter((area) => !covered.includes(area));
  }

  /** Takes a beat that was accepted. */
  take(beat: Beat): void {
    const { clock, standing } = this.#parts;
    const home = standing().assignment?.body.home;
    const isHome = 'area' in beat.slot && beat.slot.area === home;
    if (!isHome && !('receiver' in beat.slot)) return;
    const atMs = Date.parse(beat.at);
    // A copy of an old one vouches for nothing.
    if (atMs <= this.#vouchedMs) return;
    this.#vouchedMs = atMs;
    if (!isHome || home === undefined) return;
    const lastsMs = Math.min(COVER_LASTS_MS, atMs + COVER_LASTS_MS - clock.nowMs());
    const what = { home, authority: beat.authority, areas: beat.covers ?? [] };
    this.#covering = { what, untilMs: clock.monotonicMs() + lastsMs };
    this.#cancel();
    // One that was being judged when the receiver closed comes here after that.
    if (this.#closed) return;
    this.#cancel = clock.after(Math.max(0, lastsMs), () => this.#look());
    this.#look();
  }

  /** Ends its timer. */
  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #look(): void {
    const heard = this.heard().join(' ');
    if (heard === this.#told) return;
    this.#told = heard;
    this.#parts.onChange();
  }
}
