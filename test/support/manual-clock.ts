import type { Clock } from '../../agent/core/clock.js';

interface Waiting {
  readonly atMs: number;
  readonly run: () => void;
}

/** A clock that moves only when told to. Both scales start where they are set and move together. */
export class ManualClock implements Clock {
  #wallMs: number;
  #monotonicMs: number;
  readonly #waiting = new Set<Waiting>();

  constructor(start: { readonly nowMs?: number; readonly monotonicMs?: number } = {}) {
    this.#wallMs = start.nowMs ?? Date.parse('2026-11-23T03:00:00Z');
    this.#monotonicMs = start.monotonicMs ?? 1_000_000;
  }

  nowMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(afterMs: number, run: () => void): () => void {
    const waiting = { atMs: this.#monotonicMs + Math.max(0, afterMs), run };
    this.#waiting.add(waiting);
    return () => this.#waiting.delete(waiting);
  }

  /** Timers that have not run and were not cancelled. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Moves time on, running what is due, each at its own instant and in order. */
  advance(byMs: number): void {
    const endMs = this.#monotonicMs + byMs;
    for (;;) {
      const next = [...this.#waiting].sort((one, other) => one.atMs - other.atMs)[0];
      if (next === undefined || next.atMs > endMs) break;
      this.#waiting.delete(next);
      this.#moveTo(Math.max(next.atMs, this.#monotonicMs));
      next.run();
    }
    this.#moveTo(endMs);
  }

  /** How long until something is due, milliseconds; undefined where nothing waits. */
  nextAfterMs(): number | undefined {
    let atMs = Infinity;
    for (const waiting of this.#waiting) atMs = Math.min(atMs, waiting.atMs);
    return atMs === Infinity ? undefined : atMs - this.#monotonicMs;
  }

  /** Steps the wall clock alone, as a time server does. */
  stepWall(byMs: number): void {
    this.#wallMs += byMs;
  }

  #moveTo(monotonicMs: number): void {
    this.#wallMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }
}
