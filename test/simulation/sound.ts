import type { Receipt } from '../../protocols/messages/up.js';
import { compareSegment, LOUD_DB, type Comparison } from '../heard/compare.js';
import { quietBetween } from '../heard/level.js';
import type { WavSound } from '../heard/wav.js';

/** Frames of a ramp of the mixer: 10 ms. */
const RAMP_FRAMES = 480;
/** Share of the loud windows that must match. */
const MATCHED_AT_LEAST = 0.95;
/** QEMU cuts this much off the end of what it records, and the ramp of who had the air lies there. */
const TAIL_FRAMES = 2_400;

/** What a recording is judged by. */
export interface SoundQuestion {
  readonly heard: WavSound;
  /** Frame of the recording at which the first of the receipts had not begun yet: silence before it. */
  readonly fromFrame: number;
  /** Receipts of everything that sounded from there on, with what each should have sounded like. */
  readonly parts: readonly { readonly receipt: Receipt; readonly reference: Float32Array }[];
}

/** One span that a receipt claims, compared with the recording. */
export interface JudgedSpan {
  readonly title: string;
  readonly seconds: number;
  readonly comparison: Comparison;
}

/** What was heard, as against what the receipts claim. */
export interface SoundVerdict {
  readonly spans: readonly JudgedSpan[];
  /** The loudest 10 ms where no receipt claims anything, dBFS. */
  readonly quietDb: number;
  /** How often the card ran dry, by the receipts: the emulation was slower than the sound. */
  readonly underruns: number;
}

/**
 * Finds what receipts claim in a recording. Frames of the sink and of the recording differ by one number, since the card is fed
 * without a pause: it is where the silence ends, on both.
 * @throws Error that says what does not fit
 */
export function judgeSound({ heard, fromFrame, parts }: SoundQuestion): SoundVerdict {
  const { samples, rateHz } = heard;
  const claimed = parts
    .flatMap(({ receipt, reference }) =>
      receipt.body.spans.map((span) => ({ ...span, reference, title: receipt.body.title })),
    )
    .sort((one, other) => one.fromFrame - other.fromFrame);
  const first = claimed[0];
  const edge = samples.findIndex((sample, frame) => frame >= fromFrame && sample !== 0);
  if (first === undefined || edge < 0)
    throw new Error(`nothing was heard (${claimed.length} spans are claimed)`);
  const offset = edge - first.fromFrame;
  const spans = claimed
    .filter(({ part }) => part === 'main')
    .map(({ title, reference, ...span }) => {
      const from = span.fromFrame + offset;
      const to = Math.min(span.toFrame + offset, samples.length - TAIL_FRAMES);
      const comparison = compareSegment({
        ...{ heard: samples, rateHz, fromFrame: from, toFrame: to, reference, rampFrames: RAMP_FRAMES },
      });
      return { title, seconds: (to - from) / rateHz, comparison };
    });
  const underruns = parts.reduce((sum, { receipt }) => sum + receipt.body.underruns, 0);
  return { spans, underruns, quietDb: quietAround(heard, fromFrame, offset, claimed) };
}

function quietAround(
  { samples, rateHz }: WavSound,
  fromFrame: number,
  offset: number,
  claimed: readonly { readonly fromFrame: number; readonly toFrame: number }[],
): number {
  let quietDb = -Infinity;
  let from = fromFrame;
  const ends = [
    ...claimed.map((span) => [span.fromFrame + offset, span.toFrame + offset] as const),
    [samples.length, samples.length] as const,
  ];
  for (const [start, end] of ends) {
    const to = Math.min(samples.length, start - RAMP_FRAMES);
    if (to - from > rateHz / 50)
      quietDb = Math.max(quietDb, quietBetween({ heard: samples, rateHz, from, to }));
    from = Math.max(from, end + TAIL_FRAMES);
  }
  return quietDb;
}

/**
 * Judges each title over all its spans.
 * @throws Error where it is not heard as it should, or something is heard that no receipt claims
 */
export function assertHeard({ spans, quietDb, underruns }: SoundVerdict): void {
  const dry =
    underruns === 0 ? '' : `; the card ran dry ${underruns} times: this machine is too slow just now`;
  for (const title of new Set(spans.map((span) => span.title))) {
    const of = spans.filter((span) => span.title === title).map(({ comparison }) => comparison);
    const loud = of.reduce((sum, { windowsLoud }) => sum + windowsLoud, 0);
    const matched = of.reduce((sum, { windowsMatched }) => sum + windowsMatched, 0);
    if (loud === 0 || matched < MATCHED_AT_LEAST * loud) {
      throw new Error(`${title}: ${matched} of ${loud} loud windows are the source's${dry}`);
    }
  }
  if (quietDb > LOUD_DB)
    throw new Error(`${quietDb.toFixed(0)} dBFS are heard where nothing should be${dry}`);
}

/** A line for people. */
export function verdictText({ spans, quietDb, underruns }: SoundVerdict): string {
  const each = spans.map(
    ({ title, seconds, comparison: { windowsLoud, windowsMatched, worst } }) =>
      `${title} ${seconds.toFixed(1)} s: ${windowsMatched} of ${windowsLoud} windows (worst ${worst.toFixed(4)})`,
  );
  return `${each.join('; ')}; elsewhere ${quietDb === -Infinity ? 'digital silence' : `${quietDb.toFixed(0)} dBFS`}; ${underruns} underruns`;
}
