import { RATE_HZ, framesOf, msOf } from '../../agent/core/units.js';
import type { Receipt } from '../../protocols/messages/up.js';
import { compareSegment, identify, type Comparison } from '../heard/compare.js';
import { quietBetween } from '../heard/level.js';
import type { References, ReferenceName } from './references.js';

/** A span that was on air, as the receipts tell it, with what it must be. */
export interface Aired {
  readonly name: ReferenceName;
  readonly fromFrame: number;
  readonly toFrame: number;
}

/** One span of what was heard beside its source. */
export interface JudgedSpan extends Aired {
  readonly comparison: Comparison;
  /** What the sound itself was found to be, whatever the receipt says. */
  readonly identified: string | undefined;
}

/** How what one receiver played compares with the sources. */
export interface Verdict {
  readonly receiver: string;
  readonly spans: readonly JudgedSpan[];
  /** Order as the sound tells it. */
  readonly order: readonly string[];
  /** Highest level where nothing should play, dBFS in 10 ms. */
  readonly quietDb: number;
  /** Most that two stays of the live stream differ in their lag, milliseconds; undefined with fewer than two. */
  readonly rejoinMs: number | undefined;
  readonly faults: readonly string[];
}

const RAMP_FRAMES = framesOf(20);
const MARGIN_FRAMES = framesOf(30);
const QUIET_DB = -60;
const REJOIN_MS = 100;
const LAG_STEADY_MS = 1;
/** Name of the source of a bulletin by its title and part. */
const NAMES: Readonly<Record<string, ReferenceName>> = {
  'Bản tin sáng': 'bulletin',
  'Cảnh báo bão': 'emergency',
  'Thông báo': 'notice',
};

/** The spans of the receipts in the order of their frames. */
export function airedOf(receipts: readonly Receipt['body'][]): Aired[] {
  return receipts
    .flatMap(({ title, spans }) =>
      spans.map(({ fromFrame, toFrame, part }) => {
        const name = part === 'chime' ? 'chime' : NAMES[title];
        if (name === undefined) throw new Error(`a receipt for what was never sent: ${title}`);
        return { name, fromFrame, toFrame };
      }),
    )
    .sort((a, b) => a.fromFrame - b.fromFrame);
}

/**
 * Judges what one receiver played. Every span is compared with the source that the receipt names, and identified among
 * all sources by its sound alone; the rest must be silence.
 */
export function judge(question: {
  readonly receiver: string;
  readonly heard: Float32Array;
  readonly receipts: readonly Receipt['body'][];
  readonly references: References;
  readonly expected: readonly ReferenceName[];
}): Verdict {
  const { receiver, heard, receipts, references, expected } = question;
  const aired = airedOf(receipts);
  const wallOfFrame0 = wallAtFrame0(receipts);
  const spans = aired.map((span) => judgeSpan(span, heard, references, wallOfFrame0));
  const order = spans.map(({ identified }) => identified ?? '?');
  const quietDb = loudestOutside(heard, aired);
  const rejoinMs = rejoinOf(spans);
  const faults = [
    ...spans.flatMap((span) => faultsOf(span)),
    ...(order.join(' ') === expected.join(' ')
      ? []
      : [`order is ${order.join(', ')}, not ${expected.join(', ')}`]),
    ...(quietDb < QUIET_DB ? [] : [`${quietDb.toFixed(1)} dBFS where nothing should play`]),
    ...(rejoinMs === undefined || rejoinMs <= REJOIN_MS
      ? []
      : [`rejoined the live stream ${rejoinMs.toFixed(1)} ms off`]),
  ];
  return { receiver, spans, order, quietDb, rejoinMs, faults };
}

function judgeSpan(
  span: Aired,
  heard: Float32Array,
  references: References,
  wallOfFrame0: number,
): JudgedSpan {
  const reference = references[span.name];
  const live = span.name === 'bulletin';
  const lags = live
    ? // Frame n of the stream was due at liveStartMs + n / 48; it is heard with up to 4 s of burst and buffer after that.
      {
        expectedLagFrames: framesOf(references.liveStartMs - wallOfFrame0 + 2_000),
        searchFrames: framesOf(2_500),
      }
    : { expectedLagFrames: span.fromFrame, searchFrames: framesOf(300) };
  const comparison = compareSegment({
    heard,
    reference,
    rateHz: RATE_HZ,
    rampFrames: RAMP_FRAMES,
    ...span,
    ...lags,
  });
  const sounds = {
    bulletin: references.bulletin,
    emergency: references.emergency,
    notice: references.notice,
    chime: references.chime,
  };
  const identified = identify(
    { heard, rateHz: RATE_HZ, fromFrame: span.fromFrame, toFrame: span.toFrame },
    sounds,
  );
  return { ...span, comparison, identified: identified?.name };
}

function faultsOf({ name, identified, comparison }: JudgedSpan): string[] {
  const faults = comparison.failures
    .slice(0, 3)
    .map(
      ({ kind, atMs, correlation }) =>
        `${name}: ${kind} at ${(atMs / 1000).toFixed(2)} s (${correlation.toFixed(3)})`,
    );
  if (comparison.windowsLoud === 0) faults.push(`${name}: no window could be judged`);
  if (comparison.lagSpreadMs > 2 * LAG_STEADY_MS)
    faults.push(`${name}: its lag wanders by ${comparison.lagSpreadMs} ms`);
  if (identified !== name) faults.push(`${name}: sounds like ${identified ?? 'nothing known'}`);
  return faults;
}

function loudestOutside(heard: Float32Array, aired: readonly Aired[]): number {
  let loudest = -Infinity;
  let from = 0;
  for (const { fromFrame, toFrame } of [...aired, { fromFrame: heard.length, toFrame: heard.length }]) {
    const to = fromFrame === heard.length ? fromFrame : fromFrame - 1;
    if (to > from) loudest = Math.max(loudest, quietBetween({ heard, rateHz: RATE_HZ, from, to }));
    // What has the air last fades out within 10 ms after its last frame.
    from = Math.max(from, toFrame + MARGIN_FRAMES);
  }
  return loudest;
}

function rejoinOf(spans: readonly JudgedSpan[]): number | undefined {
  const lags = spans.filter(({ name }) => name === 'bulletin').map(({ comparison }) => comparison.lagMs);
  return lags.length < 2 ? undefined : Math.max(...lags) - Math.min(...lags);
}

/** Wall time of frame 0 of the file, from the receipts' own instants. */
export function wallAtFrame0(receipts: readonly Receipt['body'][]): number {
  const span = receipts.flatMap(({ spans }) => spans)[0];
  if (span === undefined) throw new Error('no receipt tells of anything heard');
  return Date.parse(span.fromAt) - msOf(span.fromFrame);
}

/** What each receiver of the demo should be heard with, in order, by its place on the stage. */
export const EXPECTED_ORDER: readonly (readonly ReferenceName[])[] = [
  ['bulletin', 'chime', 'emergency', 'bulletin', 'notice', 'notice'],
  ['bulletin', 'notice'],
];
