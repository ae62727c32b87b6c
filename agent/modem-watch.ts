import type { Modem, ModemReading, ModemStep } from '../hardware/types.js';
import type { EventBody } from '../protocols/messages/up.js';
import type { Clock } from './core/clock.js';
import { codeOf, messageOf } from './core/errors.js';
import type { Log } from './core/log.js';
import { inBackground } from './core/settled.js';

/** Between two readings while the link is up, and while it is not, milliseconds. */
const EVERY_MS = { up: 600_000, down: 60_000 } as const;

/** What the watch stands on. */
export interface ModemWatchParts {
  readonly modem: Modem;
  readonly clock: Clock;
  readonly log: Log;
  readonly linkUp: () => boolean;
  /** The step that is due now, if any, by the recovery ladder. */
  readonly next: (linkUp: boolean) => ModemStep | undefined;
  readonly tell: (body: EventBody) => void;
  /** A reading came, or none could be had. */
  readonly onReading: (reading: ModemReading | 'gone') => void;
}

/** Reads the modem some times an hour, more often while there is no link, and takes the steps that bring it back. */
export class ModemWatch {
  /** The newest reading; `gone` where no modem shows. */
  reading: ModemReading | 'gone' | undefined;
  readonly #parts: ModemWatchParts;
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(parts: ModemWatchParts) {
    this.#parts = parts;
  }

  /** Begins with a reading now. */
  start(): void {
    inBackground(this.#look(), this.#parts.log, 'the modem was not looked at');
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    const { modem, clock, log, linkUp, onReading } = this.#parts;
    try {
      this.reading = (await modem.read()) ?? 'gone';
    } catch (error) {
      log.warn({ code: codeOf(error), error: messageOf(error) }, 'the modem cannot be read');
      this.reading = 'gone';
    }
    if (this.#closed) return;
    onReading(this.reading);
    await this.#recover();
    if (this.#closed) return;
    const everyMs = linkUp() ? EVERY_MS.up : EVERY_MS.down;
    this.#cancel = clock.after(everyMs, () => this.start());
  }

  async #recover(): Promise<void> {
    const { modem, log, linkUp, next, tell } = this.#parts;
    const step = next(linkUp());
    if (step === undefined) return;
    log.warn({ step }, 'nothing comes in by the modem');
    tell({ kind: 'notice', code: 'N_MODEM_STEP', detail: `nothing comes in: ${step}`, fields: { step } });
    await modem.recover(step).catch((error: unknown) => {
      const code = codeOf(error);
      log.error({ code, error: messageOf(error) }, 'a step was not taken');
      tell({ kind: 'notice', code, detail: messageOf(error).slice(0, 300), fields: { step } });
    });
  }
}
