import type { EventBody } from '../protocols/messages/up.js';
import { instant, type Clock } from './core/clock.js';
import type { Refusal } from './core/errors.js';

/** What a refusal says that a lost connection does not: told as well where the outage began with something else. */
const REFUSED: readonly string[] = ['E_LINK_TLS', 'E_LINK_REFUSED'];

interface Away {
  readonly code: string;
  readonly detail: string;
}

/**
 * One alarm when the link goes, one more for each way in which it is then refused, and their clearing when it is back, with
 * how long it was away: told on return.
 */
export class LinkWatch {
  readonly #clock: Clock;
  readonly #tell: (body: EventBody) => void;
  #closed = false;
  #sinceMs = 0;
  /** At most one of each code. */
  #away: Away[] = [];

  constructor(clock: Clock, tell: (body: EventBody) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  down(why: Refusal): void {
    if (this.#closed || this.#away.some(({ code }) => code === why.code)) return;
    if (this.#away.length > 0 && !REFUSED.includes(why.code)) return;
    if (this.#away.length === 0) this.#sinceMs = this.#clock.monotonicMs();
    const away = { code: why.code, detail: why.detail.slice(0, 300) };
    this.#away.push(away);
    this.#tell({ kind: 'alarm', ...away, fields: { since: instant(this.#clock.nowMs()) } });
  }

  /** The receiver itself goes: no alarm. */
  close(): void {
    this.#closed = true;
  }

  up(): void {
    const awayMs = Math.round(this.#clock.monotonicMs() - this.#sinceMs);
    for (const away of this.#away.splice(0)) this.#tell({ kind: 'cleared', ...away, fields: { awayMs } });
  }
}
