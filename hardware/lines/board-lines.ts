import type { Clock } from '../../agent/core/clock.js';
import type { Board, GpioLine } from '../boards/board.js';
import { FileLines } from './file-lines.js';
import { GpioLines } from './gpio-lines.js';
import type { LeavingStep, LineName, Lines, LinesListener, LineWish } from './lines.js';

/** Every line that a board's file names. Pure. */
export function lineWishes({ amplifier, sensors, modem, button }: Board): LineWish[] {
  const fan = sensors.fan !== undefined && 'failed' in sensors.fan ? sensors.fan.failed : undefined;
  const inputs: readonly (readonly [LineName, GpioLine | undefined])[] = [
    ['fault-short', amplifier?.faults.short],
    ['fault-open', amplifier?.faults.open],
    ['fault-hot', amplifier?.faults.hot],
    ['fault-undervoltage', amplifier?.faults.undervoltage],
    ['mains', sensors.mains],
    ['charging', sensors.charging],
    ['door', sensors.door],
    ['fan-failed', fan],
    ['button', button?.line],
  ];
  const outputs: readonly (readonly [LineName, GpioLine | undefined])[] = [
    ['unmute', amplifier?.unmute],
    ['line', amplifier?.line],
    ['supply', amplifier?.supply],
    ['modem-power', modem?.power],
    ['modem-reset', modem?.reset],
  ];
  // A modem has power unless somebody takes it away; an amplifier has none.
  const held = wishes('out', outputs).map((wish) => ({ ...wish, initially: wish.name === 'modem-power' }));
  return [...wishes('in', inputs), ...held];
}

/** How a board is left: muted, the line relay open, then the supply off. The modem stays as it is. Pure. */
export function leavingSteps({ amplifier }: Board): LeavingStep[] {
  if (amplifier === undefined) return [];
  const { muteMs } = amplifier.times;
  return (['unmute', 'line', 'supply'] as const)
    .filter((name) => amplifier[name] !== undefined)
    .flatMap((name, i) => [...(i === 0 ? [] : [{ waitMs: muteMs }]), { inactive: name }]);
}

/** Holds every line of the board; undefined where it has none. @throws LoaError `E_BOARD_LINES` */
export function openBoardLines(board: Board, clock: Clock, listener: LinesListener): Lines | undefined {
  const request = { wishes: lineWishes(board), leaving: leavingSteps(board) };
  if (request.wishes.length === 0) return undefined;
  if (board.lines.driver === 'files') return new FileLines(board.lines.folder, request, clock, listener);
  return new GpioLines(request, clock, listener);
}

function wishes(
  direction: LineWish['direction'],
  lines: readonly (readonly [LineName, GpioLine | undefined])[],
): LineWish[] {
  return lines.flatMap(([name, at]) => (at === undefined ? [] : [{ name, direction, at }]));
}
