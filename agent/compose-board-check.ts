/** What `loa board check` does without a running receiver: reads a board's file and tries each thing that it names. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Board } from '../hardware/boards/board.js';
import { readBoard } from '../hardware/boards/read-board.js';
import { leavingSteps, lineWishes, openBoardLines } from '../hardware/lines/board-lines.js';
import type { LineName, Lines } from '../hardware/lines/lines.js';
import { analogReader } from '../hardware/sensors/analog.js';
import type { KernelRoots } from '../hardware/sensors/kernel-files.js';
import { openTemperatures } from '../hardware/sensors/temperatures.js';
import type { Clock } from './core/clock.js';
import type { BoardCheckRow } from './technician/board-view.js';

/** Outputs that are switched by a check, in the order in which an amplifier wakes. The modem keeps its power. */
const SWITCHED: readonly LineName[] = ['supply', 'line', 'unmute'];
const HOLDER_MS = 1_500;
const SEEN_MS = 300;
/** No supply delay makes a technician wait longer than that. */
const DELAY_LIMIT_MS = 5_000;

/** Reads a board. @throws LoaError `E_BOARD` */
export async function boardOf(nameOrPath: string): Promise<Board> {
  return readBoard(nameOrPath);
}

/**
 * Tries everything that a board names, one row each: lines are read or switched for a moment in the amplifier's order (no sound is
 * made), sensors read, files looked for.
 * @param switching false: the lines are the running receiver's
 */
export async function checkBoardParts(
  board: Board,
  { clock, roots, switching }: { clock: Clock; roots: KernelRoots; switching: boolean },
): Promise<BoardCheckRow[]> {
  return [
    ...(await soundRows(board)),
    ...(switching ? await lineRows(board, clock) : []),
    ...(await sensorRows(board, roots)),
    ...(await fileRows(board, roots)),
  ];
}

async function lineRows(board: Board, clock: Clock): Promise<BoardCheckRow[]> {
  const inputs = new Map<LineName, boolean>();
  const troubles = new Map<LineName | undefined, string>();
  let held: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (held = resolve));
  const lines = openBoardLines(board, clock, {
    onInput: (name, active) => inputs.set(name, active),
    onTrouble(trouble) {
      if (trouble !== undefined) troubles.set(trouble.name, trouble.detail);
      held();
    },
  });
  if (lines === undefined) return [];
  await Promise.race([ready, wait(clock, HOLDER_MS)]);
  await switchEach(board, lines, clock);
  await lines.close();
  return lineWishes(board).map(({ name, direction, at }) => {
    const trouble = troubles.get(name) ?? troubles.get(undefined);
    const where = `${at.chip} ${at.line}`;
    if (trouble !== undefined) return { what: name, ok: false, detail: `${where}: ${trouble}` };
    if (direction === 'out')
      return { what: name, ok: true, detail: SWITCHED.includes(name) ? `${where}: on, off` : where };
    const active = inputs.get(name);
    return { what: name, ok: active !== undefined, detail: `${where}: ${active === true ? 1 : 0}` };
  });
}

/** In the order in which the amplifier wakes, with its delay; off again as it is left. */
async function switchEach(board: Board, lines: Lines, clock: Clock): Promise<void> {
  const { amplifier } = board;
  if (amplifier === undefined) return;
  for (const name of SWITCHED) {
    if (amplifier[name as 'supply' | 'line' | 'unmute'] === undefined) continue;
    lines.set(name, true);
    const { supplyDelayMs, settleMs } = amplifier.times;
    const ownMs = name === 'supply' ? Math.min(DELAY_LIMIT_MS, supplyDelayMs) : settleMs;
    await wait(clock, Math.max(SEEN_MS, ownMs));
  }
  for (const step of leavingSteps(board)) {
    if ('waitMs' in step) await wait(clock, step.waitMs);
    else lines.set(step.inactive, false);
  }
}

async function soundRows({ sound }: Board): Promise<BoardCheckRow[]> {
  if (sound === undefined) return [];
  const card = /CARD=([^,]+)/.exec(sound.device)?.[1];
  if (card === undefined) return [];
  const cards = await readFile('/proc/asound/cards', 'utf8').catch(() => '');
  const there = cards.split('\n').some((line) => /\[(\S+)\s*\]/.exec(line)?.[1] === card);
  return [
    { what: 'sound', ok: there, detail: there ? sound.device : `no card ${card} in /proc/asound/cards` },
  ];
}

async function sensorRows({ sensors, loudspeakerLine }: Board, roots: KernelRoots): Promise<BoardCheckRow[]> {
  const rows: BoardCheckRow[] = [];
  const read = await openTemperatures(roots, sensors.temperatures);
  const found = sensors.temperatures.length === 0 ? [] : await read();
  for (const { name } of sensors.temperatures) {
    const celsius = found.find((one) => one.name === name)?.c;
    rows.push({
      what: `temperature ${name}`,
      ok: celsius !== undefined,
      detail: celsius === undefined ? '-' : `${celsius} °C`,
    });
  }
  const analogs = [
    ['supply', sensors.supply, 'V'],
    ['battery', sensors.battery, 'V'],
    ['loudspeaker line', loudspeakerLine?.supervision, ''],
  ] as const;
  for (const [what, input, unit] of analogs) {
    if (input === undefined) continue;
    const value = await (await analogReader(roots, input))?.();
    rows.push({
      what,
      ok: value !== undefined,
      detail: value === undefined ? '-' : `${value} ${unit}`.trim(),
    });
  }
  return rows;
}

async function fileRows({ leds, watchdog }: Board, { sys }: KernelRoots): Promise<BoardCheckRow[]> {
  const files: (readonly [string, string])[] = Object.entries(leds)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, led]) => [`LED ${name}`, join(sys, 'class', 'leds', led, 'brightness')]);
  if (watchdog !== undefined) files.push(['watchdog', watchdog.device]);
  return Promise.all(
    files.map(async ([what, path]) => {
      const ok = await access(path).then(
        () => true,
        () => false,
      );
      return { what, ok, detail: ok ? path : `${path}: -` };
    }),
  );
}

function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}
