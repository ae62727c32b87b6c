import type { EventBody } from '../protocols/messages/up.js';
import type { ErrorCode } from './core/errors.js';
import type { FromSound } from './sound/messages.js';

/** Follows the sink's health from the sound worker's messages: one alarm when it goes, one clearing when it is back. */
export class SinkWatch {
  /** Level of the last second, dBFS. */
  levelDb: number | undefined;
  readonly #kind: string;
  readonly #tell: (body: EventBody) => void;
  #ok = false;
  #trouble: { readonly code: ErrorCode; readonly detail: string } | undefined;
  #underruns = 0;

  /** @param kind the sink that the configuration names */
  constructor(kind: string, tell: (body: EventBody) => void) {
    this.#kind = kind;
    this.#tell = tell;
  }

  take(message: FromSound): void {
    if (message.kind === 'level') this.levelDb = message.rmsDb;
    if (message.kind === 'underrun') this.#underruns += 1;
    if (message.kind !== 'sink') return;
    this.#ok = message.ok;
    if (message.ok) {
      if (this.#trouble !== undefined) this.#tell({ kind: 'cleared', ...this.#trouble });
      this.#trouble = undefined;
    } else {
      const { code } = message;
      const detail = message.detail.slice(0, 300);
      // Trying again and failing again is the same trouble.
      if (this.#trouble === undefined) this.#tell({ kind: 'alarm', code, detail });
      this.#trouble ??= { code, detail };
    }
  }

  /** For telemetry. */
  reading(): { kind: string; ok: boolean; underruns: number } {
    return { kind: this.#kind, ok: this.#ok, underruns: this.#underruns };
  }

  /** For `loa status`. */
  status(): { kind: string; ok: boolean; underruns: number; code?: string; detail?: string } {
    return { ...this.reading(), ...this.#trouble };
  }
}
