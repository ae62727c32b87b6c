import { LAG_TOLERANCE_MS } from '../heard/compare.js';
import type { CardPlayFigures } from './card-play.js';

/** What is asked of a run. */
export const CARD_PLAY_BOUND =
  'each segment one lag ±1 ms; every 0.25 s window over −45 dBFS > 0.98 (ramps left out); order live, emergency, ' +
  'live, file; < −60 dBFS elsewhere; live back within 100 ms of its time line; receipts hold the samples heard';

const RIGHT_ORDER = 'live, emergency, live, file';
const QUIET_DB = -60;
const LEAST_QUIET_S = 2;
const LIVE_SHIFT_MS = 100;
/** How far a receipt's instants may lie from the card's: the sink cannot see when `aplay`, slow to start, lets the card begin. */
const INSTANT_MS = 250;
const LEAST_WINDOWS = 8;

/** Where a run falls short of {@link CARD_PLAY_BOUND}, a sentence each; empty where it holds. */
export function shortfalls(figures: CardPlayFigures): string[] {
  const { parts, receipts, order, quiet, liveShiftMs, chainHolds, mqttVersion } = figures;
  const found: string[] = [];
  const expect = (holds: boolean, otherwise: string): void => {
    if (!holds) found.push(otherwise);
  };
  const names = parts.map(({ name }) => name).join(', ');
  expect(names === RIGHT_ORDER, `receipts tell of ${names}`);
  expect(order.join(', ') === RIGHT_ORDER, `heard in the order ${order.join(', ')}`);
  for (const { name, comparison } of parts) {
    const { holds, lagSpreadMs, windowsLoud, failures } = comparison;
    expect(holds, `${name}: ${failures.length} windows fail, first ${JSON.stringify(failures[0])}`);
    expect(lagSpreadMs <= LAG_TOLERANCE_MS, `${name}: lag spread of ${lagSpreadMs} ms`);
    expect(windowsLoud >= LEAST_WINDOWS, `${name}: only ${windowsLoud} windows`);
  }
  expect(liveShiftMs <= LIVE_SHIFT_MS, `live came back ${liveShiftMs} ms off its time line`);
  expect(quiet.levelDb < QUIET_DB, `${quiet.levelDb} dBFS where nothing should play`);
  expect(quiet.seconds >= LEAST_QUIET_S, `only ${quiet.seconds} s in which nothing should play`);
  for (const { title, framesHeard, framesOfSpans, sameSamples, instantOffMs } of receipts) {
    expect(framesHeard === framesOfSpans, `receipt of ${title}: ${framesHeard} of ${framesOfSpans} frames`);
    expect(sameSamples, `receipt of ${title}: its digest is not that of what was heard`);
    expect(
      Math.abs(instantOffMs) <= INSTANT_MS,
      `receipt of ${title}: ${instantOffMs} ms off the card's time`,
    );
  }
  expect(receipts.length === 3, `${receipts.length} receipts`);
  expect(chainHolds, 'the chain of signed records does not hold');
  expect(mqttVersion === 5, `MQTT version ${mqttVersion}`);
  return found;
}

/** The figures of a run in one line. */
export function figuresText(figures: CardPlayFigures): string {
  const { parts, receipts, order, quiet, liveLagMs, liveShiftMs, repeats } = figures;
  const comparisons = parts.map(({ comparison }) => comparison);
  const sum = (of: (one: (typeof comparisons)[number]) => number): number =>
    comparisons.reduce((total, one) => total + of(one), 0);
  const spread = Math.max(...comparisons.map(({ lagSpreadMs }) => lagSpreadMs));
  const worst = Math.min(...comparisons.map((one) => one.worst));
  const same = receipts.filter(({ sameSamples }) => sameSamples).length;
  const instants = receipts.map(({ instantOffMs }) => instantOffMs.toFixed(0).replace('-', '−'));
  const quietText = Number.isFinite(quiet.levelDb)
    ? `${quiet.levelDb.toFixed(0).replace('-', '−')} dBFS`
    : 'digital silence';
  return [
    `lag ${liveLagMs.toFixed(1)} ms (live) ± ${(spread / 2).toFixed(2)}, after the emergency ${liveShiftMs.toFixed(2)} ms off`,
    `${sum((one) => one.windowsMatched)} of ${sum((one) => one.windowsLoud)} windows > 0.98 ` +
      `(worst ${worst.toFixed(4)}, ${sum((one) => one.windowsInRamp)} in ramps)`,
    `quiet: ${quietText} in ${quiet.seconds.toFixed(1)} s`,
    `order ${order.join(', ')}`,
    `${same} of ${receipts.length} receipts hold the card's own samples, heard ${instants.join(', ')} ms after the instants they say`,
    `${repeats} repeats`,
  ].join('; ');
}
