import { createHash } from 'node:crypto';
import type { Receipt } from '../../protocols/messages/up.js';
import { frameAt, type CardEvent, type Timeline } from '../fixtures/sound-card/card.js';
import { compareSegment, identify, type Comparison } from '../heard/compare.js';
import { quietBetween, segmentsOf, type Span } from '../heard/level.js';

/** Frames of a ramp of the mixer: 10 ms. */
const RAMP_FRAMES = 480;
/** The sound between two quiet places is identified piece by piece, each so long. */
const PIECE_S = 2;

/** What should be heard in a part of a receipt. */
export interface Expected {
  readonly name: string;
  readonly reference: Float32Array;
  /** Where the reference's first frame lies on the card, about, and how far from there it may be. */
  readonly around?: { readonly frame: number; readonly reachFrames: number };
}

/** A span of one receipt, found again on the card. */
export interface PlayedPart extends Span {
  readonly name: string;
  readonly comparison: Comparison;
}

/** How one receipt stands to the card. */
export interface ReceiptCheck {
  readonly title: string;
  readonly outcome: Receipt['body']['outcome'];
  readonly framesHeard: number;
  /** Frames of its spans. */
  readonly framesOfSpans: number;
  /** The digest of the receipt is that of the very samples on the card. */
  readonly sameSamples: boolean;
  /** The instant at which a span began on the card less the one the receipt says, where that is farthest off, milliseconds. */
  readonly instantOffMs: number;
}

/** Where receipts and the card's time line meet. */
export interface CardAccount {
  readonly timeline: Timeline;
  /** The card's frame that was the sink's frame 0. */
  readonly sinkStart: number;
  /** Wall time less the card's (monotonic) time, milliseconds. */
  readonly wallOffsetMs: number;
}

/** The card's frame on which the one stream of a run began. @throws Error where it began more than once, or never */
export function onlyStart(events: readonly CardEvent[]): number {
  const starts = events.filter(({ event }) => event === 'start');
  const frame = starts[0]?.frame;
  if (starts.length !== 1 || frame === undefined) throw new Error(`the card started ${starts.length} times`);
  return frame;
}

/** The spans of a receipt as frames of the card. */
export function spansOnCard(account: CardAccount, receipt: Receipt): (Span & { part: 'chime' | 'main' })[] {
  return receipt.body.spans.map(({ fromFrame, toFrame, part }) => ({
    fromFrame: fromFrame + account.sinkStart,
    toFrame: toFrame + account.sinkStart,
    part,
  }));
}

/** Compares the spans of a receipt's bulletin, its chime left out, with what they should be. */
export function playedParts(account: CardAccount, receipt: Receipt, expected: Expected): PlayedPart[] {
  const { samples: heard, rateHz } = account.timeline;
  return spansOnCard(account, receipt)
    .filter(({ part }) => part === 'main')
    .map(({ fromFrame, toFrame }) => ({
      ...{ name: expected.name, fromFrame, toFrame },
      comparison: compareSegment({
        ...{ heard, rateHz, fromFrame, toFrame, reference: expected.reference, rampFrames: RAMP_FRAMES },
        ...(expected.around === undefined
          ? {}
          : { expectedLagFrames: expected.around.frame, searchFrames: expected.around.reachFrames }),
      }),
    }));
}

/** Compares what a receipt says with the card's own samples. */
export function checkReceipt(account: CardAccount, receipt: Receipt): ReceiptCheck {
  const { timeline, wallOffsetMs } = account;
  const { body } = receipt;
  const digest = createHash('sha256');
  let framesOfSpans = 0;
  let instantOffMs = 0;
  for (const [index, span] of spansOnCard(account, receipt).entries()) {
    framesOfSpans += span.toFrame - span.fromFrame;
    digest.update(pcmOf(timeline.samples.subarray(span.fromFrame, span.toFrame)));
    const saidMs = Date.parse(body.spans[index]?.fromAt ?? '');
    const frames = span.fromFrame - frameAt(timeline, saidMs - wallOffsetMs);
    const offMs = (frames * 1000) / timeline.rateHz;
    if (Math.abs(offMs) > Math.abs(instantOffMs)) instantOffMs = offMs;
  }
  return {
    ...{ title: body.title, outcome: body.outcome, framesHeard: body.framesHeard },
    ...{ framesOfSpans, instantOffMs, sameSamples: digest.digest('hex') === body.pcmSha256 },
  };
}

/**
 * The order of bulletins from the sound alone: each piece of 2 s is identified among the references, pieces that
 * are none of them (a chime, a change) are left out, and repetitions are one.
 */
export function orderHeard(timeline: Timeline, references: Readonly<Record<string, Float32Array>>): string[] {
  const { samples: heard, rateHz } = timeline;
  const order: string[] = [];
  for (const segment of segmentsOf({ heard, rateHz, joinGapMs: 400 })) {
    const size = Math.round(PIECE_S * rateHz);
    for (let from = segment.fromFrame; from + size <= segment.toFrame; from += size) {
      const span = { fromFrame: from, toFrame: from + size };
      const name = identify({ ...span, heard, rateHz }, references)?.name;
      if (name !== undefined && name !== order.at(-1)) order.push(name);
    }
  }
  return order;
}

/** How quiet it was where nothing should play. */
export interface Quiet {
  /** The loudest 10 ms, in dBFS; −Infinity for silence. */
  readonly levelDb: number;
  /** How much of such time there was, seconds. */
  readonly seconds: number;
}

/** Listens to all the time in which nothing should play: between the spans of all receipts and around them. */
export function quietOutside(account: CardAccount, receipts: readonly Receipt[]): Quiet {
  const { samples: heard, rateHz } = account.timeline;
  const spans = receipts
    .flatMap((receipt) => spansOnCard(account, receipt))
    .sort((one, other) => one.fromFrame - other.fromFrame);
  let levelDb = -Infinity;
  let frames = 0;
  let from = 0;
  for (const { fromFrame, toFrame } of [...spans, { fromFrame: heard.length, toFrame: heard.length }]) {
    if (fromFrame > from) {
      levelDb = Math.max(levelDb, quietBetween({ heard, rateHz, from, to: fromFrame }));
      frames += fromFrame - from;
    }
    // Whoever had the air fades out in the ramp after its last block.
    from = Math.max(from, toFrame + RAMP_FRAMES);
  }
  return { levelDb, seconds: frames / rateHz };
}

/** 16-bit samples, little endian: what {@link Timeline.samples} were read from, for a card of one channel. */
function pcmOf(samples: Float32Array): Uint8Array {
  const pcm = Buffer.alloc(samples.length * 2);
  samples.forEach((sample, frame) => pcm.writeInt16LE(Math.round(sample * 32_768), frame * 2));
  return pcm;
}
