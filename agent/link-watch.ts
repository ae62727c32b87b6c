import type { EventBody } from '../protocols/messages/up.js';
import { instant, type Clock } from './core/clock.js';
import type { Refusal } from './core/errors.js';

/** One alarm when the link goes and one clearing when it is back, with how long it was away: told on return. */
export class LinkWatch {
  readonly #clock: Clock;
  readonly #tell: (body: EventBody) => void;
  #closed = false;
  #away: { readonly code: string; readonly detail: string; readonly sinceMs: number } | undefined;

  constructor(clock: Clock, tell: (body: EventBody) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  down(why: Refusal): void {
    if (this.#closed || this.#away !== undefined) return;
    this.#away = { code: why.code, detail: why.detail.slice(0, 300), sinceMs: this.#clock.monotonicMs() };
    const fields = { since: instant(this.#clock.nowMs()) };
    this.#tell({ kind: 'alarm', code: why.code, detail: this.#away.detail, fields });
  }

  /** The receiver itself goes: no alarm. */
  close(): void {
    this.#closed = true;
  }

  up(): void {
    if (this.#away === undefined) return;
    const { code, detail, sinceMs } = this.#away;
    this.#away = undefined;
    const fields = { awayMs: Math.round(this.#clock.monotonicMs() - sinceMs) };
    this.#tell({ kind: 'cleared', code, detail, fields });
  }
}
