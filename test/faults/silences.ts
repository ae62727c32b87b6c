import { segmentsOf } from '../heard/level.js';

/** A stretch in which nothing was heard, in frames, and how long it lasted. */
export interface Silence {
  readonly fromFrame: number;
  readonly toFrame: number;
  readonly lastedMs: number;
}

/** Below this nothing is heard of a bulletin whose quietest place is at −33 dBFS. */
const SILENT_DB = -50;

/** The stretches of 10 ms and more, within frames [from, to), in which an unbroken bulletin was not heard; longest first. */
export function silencesOf(
  heard: { readonly samples: Float32Array; readonly rateHz: number },
  from: number,
  to: number,
): Silence[] {
  const { rateHz } = heard;
  const start = Math.max(0, Math.round(from));
  const end = Math.min(heard.samples.length, Math.round(to));
  if (start >= end) throw new RangeError(`frames ${start} to ${end} of ${heard.samples.length}`);
  const sounding = segmentsOf({
    heard: heard.samples.subarray(start, end),
    rateHz,
    thresholdDb: SILENT_DB,
    joinGapMs: 10,
  });
  const silences: Silence[] = [];
  let at = start;
  const note = (until: number): void => {
    const lastedMs = ((until - at) * 1000) / rateHz;
    if (lastedMs >= 10) silences.push({ fromFrame: at, toFrame: until, lastedMs });
  };
  for (const { fromFrame, toFrame } of sounding) {
    note(start + fromFrame);
    at = start + toFrame;
  }
  note(end);
  return silences.sort((a, b) => b.lastedMs - a.lastedMs);
}

/** Length of the longest silence within frames [from, to), milliseconds; 0 where there is none. */
export function longestSilenceMs(
  heard: { readonly samples: Float32Array; readonly rateHz: number },
  from: number,
  to: number,
): number {
  return silencesOf(heard, from, to)[0]?.lastedMs ?? 0;
}
