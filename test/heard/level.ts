/** A span of frames, `fromFrame` inside, `toFrame` not. */
export interface Span {
  readonly fromFrame: number;
  readonly toFrame: number;
}

/** The level (RMS) of frames [from, to) in dBFS, where a square wave of full scale is 0; −Infinity for silence. Frames outside count as silence. */
export function levelDb(samples: Float32Array, from: number, to: number): number {
  return 10 * Math.log10(energy(samples, from, to) / Math.max(1, to - from));
}

/** The sum of squares of frames [from, to); frames outside count as silence. */
export function energy(samples: Float32Array, from: number, to: number): number {
  let sum = 0;
  const end = Math.min(to, samples.length);
  for (let frame = Math.max(0, from); frame < end; frame += 1) sum += samples[frame]! * samples[frame]!;
  return sum;
}

/**
 * The highest level of any 10 ms window in frames [from, to), in dBFS; −Infinity for silence. Windows overlap by half, so a click cannot
 * hide on an edge. Throws RangeError for an empty span: nothing measured is not quiet.
 */
export function quietBetween(question: {
  heard: Float32Array;
  rateHz: number;
  from: number;
  to: number;
}): number {
  const { heard, rateHz, from, to } = question;
  if (from < 0 || to > heard.length || from >= to) {
    throw new RangeError(`frames ${from} to ${to} are not in the ${heard.length} frames heard`);
  }
  const window = Math.round(rateHz / 100);
  let highest = -Infinity;
  for (let start = from; start === from || start + window <= to; start += window / 2) {
    highest = Math.max(highest, levelDb(heard, start, Math.min(to, start + window)));
  }
  return Math.max(highest, levelDb(heard, Math.max(from, to - window), to));
}

/**
 * The spans that sound: 10 ms windows above `thresholdDb` (−60 dBFS if not given), joined over gaps shorter than `joinGapMs`, trimmed to the
 * first and last sample above the threshold.
 */
export function segmentsOf(question: {
  heard: Float32Array;
  rateHz: number;
  thresholdDb?: number;
  joinGapMs: number;
}): (Span & { readonly levelDb: number })[] {
  const { heard, rateHz, thresholdDb = -60, joinGapMs } = question;
  const window = Math.round(rateHz / 100);
  const joinFrames = (joinGapMs * rateHz) / 1000;
  const spans: { fromFrame: number; toFrame: number }[] = [];
  for (let start = 0; start < heard.length; start += window) {
    const end = Math.min(heard.length, start + window);
    if (levelDb(heard, start, end) <= thresholdDb) continue;
    const last = spans.at(-1);
    if (last !== undefined && start - last.toFrame < joinFrames) last.toFrame = end;
    else spans.push({ fromFrame: start, toFrame: end });
  }
  const threshold = 10 ** (thresholdDb / 20);
  return spans.map((span) => {
    let { fromFrame, toFrame } = span;
    while (Math.abs(heard[fromFrame]!) <= threshold) fromFrame += 1;
    while (Math.abs(heard[toFrame - 1]!) <= threshold) toFrame -= 1;
    return { fromFrame, toFrame, levelDb: levelDb(heard, fromFrame, toFrame) };
  });
}
