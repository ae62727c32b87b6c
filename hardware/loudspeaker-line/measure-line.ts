import type { Clock } from '../../agent/core/clock.js';
import { accepted, codeOf, messageOf, refused, type Outcome } from '../../agent/core/errors.js';
import type { LoudspeakerLineBoard } from '../boards/board.js';
import { readSensor } from './line-sensor.js';
import { LINE_RATE_HZ, LockIn } from './lock-in.js';
import { measureTone, type ToneMeasure } from './tone-measure.js';

/** What a measurement stands on. */
export interface MeasureParts {
  readonly line: LoudspeakerLineBoard;
  /** How long the amplifier may take to wake, milliseconds. */
  readonly wakeMs: number;
  /** Begins to play the tone of the board. */
  readonly startTone: () => Outcome<unknown>;
  readonly clock: Clock;
  /** Ends it early. */
  readonly signal: AbortSignal;
  /** Instead of arecord, for tests. */
  readonly program?: string;
}

/** What there is without the tone is measured so long before and after it. */
const AROUND_MS = 1_500;

/** Sounds the tone and measures what the sensor makes of it. Takes the time to wake, the tone, and three seconds. */
export async function measureLine(parts: MeasureParts): Promise<Outcome<ToneMeasure>> {
  const { line, wakeMs, startTone, clock, signal, program } = parts;
  if (line.sensor === undefined) return refused('E_LINE_SENSOR', 'the board names no sensor of the line');
  const { frequencyHz, durationMs } = line.tone;
  const lockIn = new LockIn(frequencyHz, LINE_RATE_HZ);
  const stop = new AbortController();
  const ended = AbortSignal.any([stop.signal, signal]);
  const settings = {
    device: line.sensor.device,
    rateHz: LINE_RATE_HZ,
    ...(program === undefined ? {} : { program }),
  };
  const reading = readSensor(settings, (samples) => lockIn.take(samples), ended);
  // A sensor that ends on its own is told of below; here it must not be an unhandled fault.
  const broken = reading.then(
    () => undefined,
    (error: unknown) => refused(codeOf(error), messageOf(error)),
  );
  try {
    const early = await Promise.race([broken, after(clock, AROUND_MS)]);
    if (early !== undefined) return early;
    const started = startTone();
    if (!started.ok) return started;
    const late = await Promise.race([broken, after(clock, wakeMs + durationMs + AROUND_MS)]);
    if (late !== undefined) return late;
  } finally {
    stop.abort();
    await broken;
  }
  const measured = measureTone(lockIn.amplitudes, durationMs);
  return measured === undefined
    ? refused('E_LINE_SENSOR', `the sensor gave ${lockIn.amplitudes.length} windows`)
    : accepted(measured);
}

function after(clock: Clock, ms: number): Promise<undefined> {
  return new Promise((resolve) => void clock.after(ms, () => resolve(undefined)));
}
