/** The part of the wiring that knows the board: its lines, its amplifier, its lights and its button. Without a board there is none of it. */
import { join } from 'node:path';
import { Amplifier } from '../hardware/amplifier/amplifier.js';
import type { Board } from '../hardware/boards/board.js';
import { findBoard } from '../hardware/boards/read-board.js';
import { openBoardLines } from '../hardware/lines/board-lines.js';
import { HeldButton } from '../hardware/lines/held-button.js';
import { Leds } from '../hardware/lines/leds.js';
import type { LineName, Lines } from '../hardware/lines/lines.js';
import { analogReader } from '../hardware/sensors/analog.js';
import { KERNEL_ROOTS, type KernelRoots } from '../hardware/sensors/kernel-files.js';
import { openTemperatures } from '../hardware/sensors/temperatures.js';
import { setMixer } from '../hardware/sinks/mixer-controls.js';
import type { AmplifierStatus, DoorState } from '../hardware/types.js';
import type { EventBody } from '../protocols/messages/up.js';
import type { Config } from './config.js';
import type { Clock } from './core/clock.js';
import type { ErrorCode, Refusal } from './core/errors.js';
import type { Log } from './core/log.js';
import { inBackground } from './core/settled.js';
import type { DoorSettings } from './sound/amplifier-door.js';
import type { FromSound } from './sound/messages.js';
import type { BoardView } from './technician/board-view.js';
import { BOARD_FILE } from './state-files.js';

/** What a board stands on. */
export interface BoardParts {
  readonly config: Pick<Config, 'board' | 'stateFolder'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onEvent: (body: EventBody) => void;
  readonly roots?: KernelRoots;
}

/** Whom the board tells, once they are there. */
export interface BoardListener {
  /** For whom the amplifier is open. */
  door(state: DoorState): void;
  /** Why no bulletin is let through. */
  refuses(refusal: Refusal | undefined): void;
}

/** What the lights show. */
export interface Lights {
  readonly link: boolean;
  readonly air: boolean;
  readonly fault: boolean;
}

/** The board of a receiver, running. */
export interface OpenedBoard {
  /** Undefined where none is named, or none can be used. */
  readonly board: Board | undefined;
  /** For the sound worker; undefined where no amplifier has to be woken. */
  readonly door: DoorSettings | undefined;
  /** ALSA device of the board; undefined where it names none. */
  readonly soundDevice: string | undefined;
  /** For a technician. */
  view(): BoardView;
  /** The state of an input line; undefined until it is known. */
  input(name: LineName): boolean | undefined;
  /** Sets an output of the board; nothing where it has none. */
  set(name: LineName, active: boolean): void;
  attach(listener: BoardListener): void;
  /** Takes a message of the sound worker. */
  take(message: FromSound): void;
  /** Shows by its lights; asked once a second from now on. */
  light(look: () => Lights): void;
  /** The button was held. */
  onButton(run: () => void): void;
  amplifier(): AmplifierStatus | undefined;
  /** Off, in order. */
  close(): Promise<void>;
}

const READ_MS = 2_000;
const LIGHT_MS = 1_000;
const FAULT_LINES = {
  'fault-open': 'open',
  'fault-short': 'short',
  'fault-hot': 'hot',
  'fault-undervoltage': 'undervoltage',
} as const;

/** Opens the board that the settings name. Never throws: a board that cannot be used is an alarm, and sound goes on without it. */
export async function openBoard(parts: BoardParts): Promise<OpenedBoard> {
  const { config, onEvent } = parts;
  const { found, trouble } = await findBoard(config.board, join(config.stateFolder, BOARD_FILE));
  if (trouble !== undefined) {
    parts.log.error({ code: trouble.code }, trouble.message);
    onEvent({ kind: 'alarm', code: trouble.code, detail: trouble.message.slice(0, 300) });
  }
  const running = new RunningBoard(found, parts);
  await running.start();
  return running;
}

/** Tells of each refusal of the amplifier as an alarm, and of its end. */
export function refusalTeller(tell: (body: EventBody) => void): (refusal: Refusal | undefined) => void {
  let told: ErrorCode | undefined;
  return (refusal) => {
    if (told !== undefined) tell({ kind: 'cleared', code: told, detail: 'amplifier: the fault is gone' });
    if (refusal !== undefined) tell({ kind: 'alarm', code: refusal.code, detail: refusal.detail });
    told = refusal?.code;
  };
}

class RunningBoard implements OpenedBoard {
  readonly board: Board | undefined;
  readonly #parts: BoardParts;
  readonly #inputs = new Map<LineName, boolean>();
  readonly #amplifier: Amplifier | undefined;
  readonly #lines: Lines | undefined;
  readonly #button: HeldButton | undefined;
  readonly #leds: Leds | undefined;
  readonly #cancels = new Set<() => void>();
  #listener: BoardListener | undefined;
  #linesTrouble: string | undefined;
  readonly #tellRefusal: (refusal: Refusal | undefined) => void;
  #onButton: () => void = () => undefined;
  #closed = false;

  constructor(board: Board | undefined, parts: BoardParts) {
    this.board = board;
    this.#parts = parts;
    this.#tellRefusal = refusalTeller(parts.onEvent);
    const { clock } = parts;
    if (board === undefined) return;
    if (board.button !== undefined)
      this.#button = new HeldButton(clock, board.button.holdMs, () => this.#onButton());
    if (Object.keys(board.leds).length > 0)
      this.#leds = new Leds(board.leds, join((parts.roots ?? KERNEL_ROOTS).sys, 'class', 'leds'));
    if (board.amplifier !== undefined)
      this.#amplifier = new Amplifier(board.amplifier, {
        clock,
        set: (line, active) => this.set(line, active),
        onDoor: (state) => this.#listener?.door(state),
        onRefusal: (refusal) => this.#refused(refusal),
      });
    this.#lines = this.#openLines(board);
  }

  get door(): DoorSettings | undefined {
    const amplifier = this.#amplifier;
    return amplifier === undefined ? undefined : { wakeMs: amplifier.wakeMs, state: amplifier.door };
  }

  get soundDevice(): string | undefined {
    return this.board?.sound?.device;
  }

  /** Sets the mixer, and begins to read. */
  async start(): Promise<void> {
    const { board } = this;
    if (board === undefined) return;
    for (const failed of await setMixer(board.sound?.mixer ?? [])) {
      this.#parts.log.warn({ code: 'E_BOARD' }, failed);
      this.#parts.onEvent({ kind: 'notice', code: 'E_BOARD', detail: failed });
    }
    if (this.#amplifier !== undefined) await this.#watch(board, this.#amplifier);
  }

  view(): BoardView {
    const name = this.board?.name;
    return {
      ...(name === undefined ? {} : { name }),
      inputs: Object.fromEntries(this.#inputs),
      ...(this.#linesTrouble === undefined ? {} : { trouble: this.#linesTrouble }),
    };
  }

  input(name: LineName): boolean | undefined {
    return this.#inputs.get(name);
  }

  set(name: LineName, active: boolean): void {
    this.#parts.log.debug({ line: name, active }, 'line');
    if (this.board !== undefined && this.#has(name)) this.#lines?.set(name, active);
  }

  attach(listener: BoardListener): void {
    this.#listener = listener;
  }

  take(message: FromSound): void {
    if (message.kind === 'air-wanted') this.#amplifier?.take({ kind: 'wanted', wanted: message.wanted });
    if (message.kind === 'quiet') this.#amplifier?.take({ kind: 'quiet', turn: message.turn });
    // Its worker is gone, and nobody would say that the air is given up: the next one asks anew.
    if (message.kind === 'sink' && !message.ok && message.code === 'E_SOUND_ENGINE')
      this.#amplifier?.take({ kind: 'wanted', wanted: 'none' });
  }

  light(look: () => Lights): void {
    const leds = this.#leds;
    if (leds === undefined) return;
    const show = async (): Promise<void> => {
      const failed = await leds.show({ run: true, ...look() });
      if (failed.length > 0) this.#parts.log.warn({ leds: failed }, 'lights that cannot be set');
    };
    this.#every(LIGHT_MS, show);
  }

  onButton(run: () => void): void {
    this.#onButton = run;
  }

  amplifier(): AmplifierStatus | undefined {
    return this.#amplifier?.status();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#cancels) cancel();
    this.#button?.close();
    await this.#amplifier?.close();
    await this.#leds?.show({ run: false, link: false, air: false, fault: false });
    await this.#lines?.close();
  }

  #has(name: LineName): boolean {
    const { amplifier, modem } = this.board ?? {};
    if (name === 'supply' || name === 'line' || name === 'unmute') return amplifier?.[name] !== undefined;
    if (name === 'modem-power') return modem?.power !== undefined;
    return name === 'modem-reset' && modem?.reset !== undefined;
  }

  #openLines(board: Board): Lines | undefined {
    try {
      return openBoardLines(board, this.#parts.clock, {
        onInput: (name, active) => this.#input(name, active),
        onTrouble: (trouble) => this.#troubled(trouble),
      });
    } catch (error) {
      this.#troubled({ name: undefined, detail: String(error) });
      return undefined;
    }
  }

  #input(name: LineName, active: boolean): void {
    this.#inputs.set(name, active);
    if (name in FAULT_LINES) this.#amplifier?.fault(FAULT_LINES[name as keyof typeof FAULT_LINES], active);
    if (name === 'button') this.#button?.take(active);
  }

  #troubled(trouble: { readonly name: LineName | undefined; readonly detail: string } | undefined): void {
    const output = trouble !== undefined && (trouble.name === undefined || this.#has(trouble.name));
    this.#amplifier?.fault('lines', output);
    const { onEvent, log } = this.#parts;
    if (trouble !== undefined && this.#linesTrouble === undefined) {
      log.error({ code: 'E_BOARD_LINES' }, trouble.detail);
      onEvent({ kind: 'alarm', code: 'E_BOARD_LINES', detail: trouble.detail.slice(0, 300) });
    }
    if (trouble === undefined && this.#linesTrouble !== undefined)
      onEvent({ kind: 'cleared', code: 'E_BOARD_LINES', detail: 'every line is held' });
    this.#linesTrouble = trouble?.detail;
  }

  #refused(refusal: Refusal | undefined): void {
    if (refusal !== undefined) this.#parts.log.error({ code: refusal.code }, refusal.detail);
    this.#tellRefusal(refusal);
    this.#listener?.refuses(refusal);
  }

  /** Temperature, supply and the line at rest, every two seconds. */
  async #watch(board: Board, amplifier: Amplifier): Promise<void> {
    const { roots = KERNEL_ROOTS } = this.#parts;
    const own = board.sensors.temperatures.filter(({ name }) => name === 'amplifier');
    const temperatures = own.length === 0 ? undefined : await openTemperatures(roots, own);
    const { supply } = board.sensors;
    const volts = supply === undefined ? undefined : await analogReader(roots, supply);
    // What the amplifier tells by a line of its own is not judged a second time.
    const told = board.amplifier?.faults ?? {};
    const limits = told.undervoltage === undefined ? board.amplifier?.undervoltage : undefined;
    const supervision = board.loudspeakerLine?.supervision;
    const load = supervision === undefined ? undefined : await analogReader(roots, supervision);
    this.#every(READ_MS, async () => {
      const [hottest] = (await temperatures?.()) ?? [];
      if (hottest !== undefined) amplifier.take({ kind: 'temperature', celsius: hottest.c });
      const now = await volts?.();
      if (now !== undefined && limits !== undefined && (now < limits.offV || now >= limits.onV))
        amplifier.fault('undervoltage', now < limits.offV);
      // Sound on the line is no load.
      const ohms = amplifier.unmuted ? undefined : await load?.();
      if (ohms === undefined || supervision === undefined) return;
      if (told.short === undefined) amplifier.fault('short', ohms < supervision.shortBelow);
      if (told.open === undefined) amplifier.fault('open', ohms > supervision.openAbove);
    });
  }

  #every(everyMs: number, work: () => Promise<void>): void {
    let cancel: () => void = () => undefined;
    const round = async (): Promise<void> => {
      try {
        await work();
      } finally {
        this.#cancels.delete(cancel);
        if (!this.#closed) {
          cancel = this.#parts.clock.after(everyMs, start);
          this.#cancels.add(cancel);
        }
      }
    };
    const start = (): void => inBackground(round(), this.#parts.log, 'the board was not read');
    start();
  }
}
