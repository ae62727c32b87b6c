/** The sound card's own controls: what somebody has muted there, or turned to nothing, is opened for an emergency, and put back after it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { EventBody } from '../protocols/messages/up.js';
import { messageOf } from './core/errors.js';
import type { Log } from './core/log.js';
import { inBackground } from './core/settled.js';
import { parseControls } from './technician/diagnose/sound-probes.js';

const run = promisify(execFile);
const LIMIT_MS = 5_000;

/** Runs amixer with these words; what it prints. */
export type Amixer = (words: readonly string[]) => Promise<string>;

/** What the mixer stands on. */
export interface CardMixerParts {
  readonly amixer: Amixer;
  readonly onEvent: (body: EventBody) => void;
  readonly log: Log;
}

interface Opened {
  readonly name: string;
  /** As it was: `mute`, or its volume in per cent. */
  readonly was: readonly string[];
}

/** ALSA's own program, on the card of a device of ALSA (`hw:1,0`, `plughw:CARD=Codec`, `default`). */
export function amixerOf(device: string): Amixer {
  const card = /^(?:plug)?hw:(?:CARD=)?([^,]+)/.exec(device)?.[1];
  const which = card === undefined ? ['-D', device] : ['-c', card];
  return async (words) => (await run('amixer', [...which, ...words], { timeout: LIMIT_MS })).stdout;
}

/** Opens the card's controls while an emergency is open. A machine without amixer, or a card without controls, has none. */
export class CardMixer {
  readonly #parts: CardMixerParts;
  #isWanted = false;
  #opened: readonly Opened[] = [];
  #turns: Promise<void> = Promise.resolve();

  constructor(parts: CardMixerParts) {
    this.#parts = parts;
  }

  /** An emergency is open, or none is any more. */
  emergency(isOpen: boolean): void {
    if (this.#isWanted === isOpen) return;
    this.#isWanted = isOpen;
    const { log } = this.#parts;
    // One after the other: what was not opened yet cannot be put back.
    this.#turns = this.#turns
      .then(() => (isOpen ? this.#open() : this.#putBack()))
      .catch((error: unknown) => log.debug({ error: messageOf(error) }, 'the card has no controls'));
    inBackground(this.#turns, log, 'the controls of the card');
  }

  /** Puts back what is open. */
  async close(): Promise<void> {
    this.emergency(false);
    await this.#turns;
  }

  async #open(): Promise<void> {
    const { amixer, onEvent, log } = this.#parts;
    const controls = parseControls(await amixer(['scontents']));
    const shut = controls.filter(({ muted, percent }) => muted || percent === 0);
    for (const { name, muted, percent } of shut) {
      await amixer(['-q', 'sset', name, ...(percent === 0 ? ['100%'] : []), ...(muted ? ['unmute'] : [])]);
      const was = [...(percent === 0 ? ['0%'] : []), ...(muted ? ['mute'] : [])];
      this.#opened = [...this.#opened, { name, was }];
    }
    if (shut.length === 0) return;
    const names = shut.map(({ name }) => name).join(', ');
    log.warn({ code: 'E_CARD_MUTED', controls: names }, 'the card was mute: opened for an emergency');
    onEvent({
      kind: 'notice',
      code: 'E_CARD_MUTED',
      detail: `opened for an emergency: ${names}`.slice(0, 300),
    });
  }

  async #putBack(): Promise<void> {
    const opened = this.#opened;
    this.#opened = [];
    for (const { name, was } of opened) await this.#parts.amixer(['-q', 'sset', name, ...was]);
  }
}
