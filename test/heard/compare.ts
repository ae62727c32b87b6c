import { bestLagWithin, correlationAt, findLag, type LagQuestion } from './lag.js';
import { energy, levelDb, type Span } from './level.js';

/** Length of a window that is judged by itself. */
export const WINDOW_MS = 250;
/** Only windows whose reference is louder than this are judged by correlation. */
export const LOUD_DB = -45;
/** A loud window matches above this correlation, at the segment's lag ± {@link LAG_TOLERANCE_MS}. */
export const MATCH_CORRELATION = 0.98;
/** How far a window's own lag may lie from the segment's. */
export const LAG_TOLERANCE_MS = 1;
/** Two loud windows after one another whose lags differ by this much: sound was left out or repeated. */
const JUMP_MS = 0.5;
/** Blocks in which a hole is looked for: 20 dB or more below what the reference says. */
const HOLE_BLOCK_MS = 2.5;
const HOLE_DB = -20;
/** Above this level, and 10 dB over what the reference says, a window whose reference is quiet sounds without reason. */
const EXTRA_DB = -40;
const EXTRA_OVER_REFERENCE_DB = 10;

/** What {@link compareSegment} is asked: frames [fromFrame, toFrame) of `heard` should be the reference. */
export interface CompareQuestion extends LagQuestion {
  /** Loud windows that touch the first or last so many frames of the segment are counted, not judged: there the level changes. */
  readonly rampFrames: number;
}

/**
 * One window that is not as it should be. `correlation`: too unlike the reference. `jump`: alike, but its lag is not that of
 * the window before. `hole`: 2.5 ms or more are missing inside. `extra`: the reference is quiet here (or over) and what was heard is not.
 */
export interface Failure {
  readonly kind: 'correlation' | 'jump' | 'hole' | 'extra';
  /** Start of the window, from frame 0 of `heard`. */
  readonly atMs: number;
  readonly correlation: number;
  /** Level of what was heard, in dBFS. */
  readonly levelDb: number;
  readonly lagMs: number;
}

/** How a segment compares with its reference. */
export interface Comparison {
  /** heard[n] is reference[n − lagFrames]. */
  readonly lagFrames: number;
  readonly lagMs: number;
  /** All windows of the segment (the last one ends with it, so it may overlap): loud ones, those in a ramp, and the rest, where the reference is quiet. */
  readonly windows: number;
  /** Windows judged: the reference is above −45 dBFS, and no ramp. */
  readonly windowsLoud: number;
  readonly windowsMatched: number;
  /** Loud windows left out because they touch a ramp. */
  readonly windowsInRamp: number;
  /** Lowest correlation of a judged window; 1 when there was none. */
  readonly worst: number;
  /** Largest less smallest lag of the windows that matched. */
  readonly lagSpreadMs: number;
  readonly failures: readonly Failure[];
  /** At least one window was judged and nothing failed. */
  readonly holds: boolean;
}

/**
 * Compares a segment of what was heard with its reference: finds one lag for the whole segment, then judges each 0.25 s
 * window by itself. A change of level alone is no difference; one that happens inside a window is.
 */
export function compareSegment(question: CompareQuestion): Comparison {
  const { heard, rateHz, fromFrame, toFrame, rampFrames } = question;
  if (fromFrame < 0 || toFrame > heard.length || fromFrame >= toFrame) {
    throw new RangeError(`frames ${fromFrame} to ${toFrame} are not in the ${heard.length} frames heard`);
  }
  const { lagFrames } = findLag(question);
  const size = Math.round((rateHz * WINDOW_MS) / 1000);
  const judged: Judged[] = [];
  const failures: Failure[] = [];
  const starts = windowStarts(fromFrame, toFrame, size);
  let windowsInRamp = 0;
  for (const from of starts) {
    const span = { fromFrame: from, toFrame: from + size };
    const loud = levelDb(question.reference, from - lagFrames, from + size - lagFrames) > LOUD_DB;
    const inRamp = from < fromFrame + rampFrames || from + size > toFrame - rampFrames;
    if (!loud && isExtra(question, span, lagFrames))
      failures.push(failure('extra', question, span, 0, lagFrames));
    if (loud && inRamp) windowsInRamp += 1;
    if (!loud || inRamp) continue;
    const window = judge(question, span, lagFrames);
    failures.push(...failuresOf(question, window, judged.at(-1)));
    judged.push(window);
  }
  const matched = judged.filter(({ correlation }) => correlation > MATCH_CORRELATION);
  return {
    lagFrames,
    lagMs: (lagFrames * 1000) / rateHz,
    windows: starts.length,
    windowsLoud: judged.length,
    windowsMatched: matched.length,
    windowsInRamp,
    worst: judged.reduce((lowest, { correlation }) => Math.min(lowest, correlation), 1),
    lagSpreadMs: (spread(matched.map((window) => window.lagFrames)) * 1000) / rateHz,
    failures,
    holds: judged.length > 0 && failures.length === 0,
  };
}

/**
 * Which of some references a sounding span is, and where in it: the one that fits best, if any fits at all (above 0.5
 * over the whole span). Proves the order of bulletins from the sound alone.
 */
export function identify(
  span: Span & { readonly heard: Float32Array; readonly rateHz: number },
  references: Readonly<Record<string, Float32Array>>,
): { readonly name: string; readonly lagFrames: number; readonly correlation: number } | undefined {
  const found = Object.entries(references)
    .map(([name, reference]) => ({ name, ...findLag({ ...span, reference }) }))
    .sort((a, b) => b.correlation - a.correlation)[0];
  return found !== undefined && found.correlation > 0.5 ? found : undefined;
}

function windowStarts(fromFrame: number, toFrame: number, size: number): number[] {
  const starts: number[] = [];
  for (let from = fromFrame; from + size <= toFrame; from += size) starts.push(from);
  const last = toFrame - size;
  if (last > (starts.at(-1) ?? Infinity)) starts.push(last);
  return starts;
}

interface Judged extends Span {
  readonly correlation: number;
  readonly lagFrames: number;
}

/** The window's best correlation within ±1 ms of the segment's lag; the segment's own lag where that is as good as it gets. */
function judge(question: CompareQuestion, span: Span, lagFrames: number): Judged {
  const { heard, reference, rateHz } = question;
  const correlation = correlationAt(heard, reference, span.fromFrame, span.toFrame, lagFrames);
  if (correlation > 0.9999) return { ...span, lagFrames, correlation };
  const reach = Math.round((rateHz * LAG_TOLERANCE_MS) / 1000);
  return { ...span, ...bestLagWithin(heard, reference, span, [lagFrames - reach, lagFrames + reach]) };
}

function failuresOf(question: CompareQuestion, window: Judged, before: Judged | undefined): Failure[] {
  const report = (kind: Failure['kind']) =>
    failure(kind, question, window, window.correlation, window.lagFrames);
  if (window.correlation <= MATCH_CORRELATION) return [report('correlation')];
  const step = before === undefined ? 0 : Math.abs(window.lagFrames - before.lagFrames);
  const jumped =
    before !== undefined &&
    before.correlation > MATCH_CORRELATION &&
    step * 1000 >= JUMP_MS * question.rateHz;
  return [...(jumped ? [report('jump')] : []), ...(hasHole(question, window) ? [report('hole')] : [])];
}

/** Whether a block is missing that the reference has loud. A hole of 5 ms in 250 alone would still correlate above 0.98. */
function hasHole({ heard, reference, rateHz }: CompareQuestion, window: Judged): boolean {
  const gainDb = gainOf(heard, reference, window);
  const block = Math.round((rateHz * HOLE_BLOCK_MS) / 1000);
  for (let from = window.fromFrame; from + block <= window.toFrame; from += block / 2) {
    const start = Math.floor(from);
    const should = levelDb(reference, start - window.lagFrames, start + block - window.lagFrames);
    if (should > LOUD_DB && levelDb(heard, start, start + block) < should + gainDb + HOLE_DB) return true;
  }
  return false;
}

function gainOf(
  heard: Float32Array,
  reference: Float32Array,
  { fromFrame, toFrame, lagFrames }: Judged,
): number {
  return levelDb(heard, fromFrame, toFrame) - levelDb(reference, fromFrame - lagFrames, toFrame - lagFrames);
}

function isExtra(question: CompareQuestion, span: Span, lagFrames: number): boolean {
  const { heard, reference, fromFrame, toFrame } = question;
  const level = levelDb(heard, span.fromFrame, span.toFrame);
  if (level <= EXTRA_DB) return false;
  // The gain of the segment as a whole, where both sound.
  const start = Math.max(fromFrame, lagFrames);
  const end = Math.min(toFrame, reference.length + lagFrames);
  const gainDb =
    10 * Math.log10(energy(heard, start, end) / energy(reference, start - lagFrames, end - lagFrames));
  const should = levelDb(reference, span.fromFrame - lagFrames, span.toFrame - lagFrames) + gainDb;
  return !(level < should + EXTRA_OVER_REFERENCE_DB);
}

function failure(
  kind: Failure['kind'],
  { heard, rateHz }: CompareQuestion,
  { fromFrame, toFrame }: Span,
  correlation: number,
  lagFrames: number,
): Failure {
  return {
    kind,
    atMs: (fromFrame * 1000) / rateHz,
    correlation,
    levelDb: levelDb(heard, fromFrame, toFrame),
    lagMs: (lagFrames * 1000) / rateHz,
  };
}

function spread(values: readonly number[]): number {
  if (values.length === 0) return 0;
  let lowest = Infinity;
  let highest = -Infinity;
  for (const value of values) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  return highest - lowest;
}
