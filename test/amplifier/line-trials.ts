import { isClear, judgeLoad } from '../../hardware/loudspeaker-line/load-verdict.js';
import { LineModel } from './line-model.js';

/** What a number of trials came to. */
export interface LineTrials {
  readonly trials: number;
  /** Normal lines told as anything but normal, of those that were normal. */
  readonly falseAlarms: number;
  readonly normal: number;
  /** Lines with one loudspeaker missing that were told so. */
  readonly found: number;
  readonly missing: number;
  /** Of both, those that it could not tell. */
  readonly unsure: number;
  /** Calibrations that were refused as too noisy. */
  readonly uncalibrated: number;
}

/**
 * Calibrates a line, then tests it, half of the times with one loudspeaker gone; each trial is a line of its own.
 * @param snrDb of calibration and test alike
 */
export function tryLines(
  trials: number,
  firstSeed: number,
  { loudspeakers = 4, snrDb = 10 } = {},
): LineTrials {
  const sum = { falseAlarms: 0, normal: 0, found: 0, missing: 0, unsure: 0, uncalibrated: 0 };
  for (let i = 0; i < trials; i += 1) {
    const line = new LineModel(loudspeakers, firstSeed + i);
    const whole = line.measure({ loudspeakers, missing: [], snrDb });
    if (whole === undefined || !isClear(whole, loudspeakers)) {
      sum.uncalibrated += 1;
      continue;
    }
    const gone = i % 2 === 0 ? [] : [(i >> 1) % loudspeakers];
    const { kind } = judgeLoad(line.measure({ loudspeakers, missing: gone, snrDb }), {
      ...{ atMs: 0, loudspeakers, frequencyHz: 1_000, levelDb: -30, amplitude: whole.amplitude },
    });
    if (kind === 'unsure') sum.unsure += 1;
    if (gone.length === 0) sum.normal += 1;
    else sum.missing += 1;
    if (gone.length === 0 && kind !== 'normal') sum.falseAlarms += 1;
    if (gone.length > 0 && kind === 'missing') sum.found += 1;
  }
  return { trials, ...sum };
}
