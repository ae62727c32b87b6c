import type { Clock } from '../core/clock.js';

/**
 * Ends a connection on which nothing has come in for 1.5 times the interval between pings. The library counts from what it
 * has sent last: a message written into a dead link would put its ping off, and the end of the wait with it.
 */
export class SilenceWatch {
  private heardMs: number;
  private limitMs = Infinity;
  private cancel: () => void = () => undefined;

  /** @param onSilent called once */
  constructor(
    private readonly clock: Clock,
    private readonly onSilent: () => void,
  ) {
    this.heardMs = clock.monotonicMs();
  }

  /** Something has come in. */
  heard(): void {
    this.heardMs = this.clock.monotonicMs();
  }

  /** Pings go out at this interval from now on, seconds: a healthy peer is heard at least as often. */
  pingsEvery(intervalS: number): void {
    this.limitMs = intervalS * 1_500;
    this.wait();
  }

  /** Nothing is told any more. */
  close(): void {
    this.cancel();
    this.limitMs = Infinity;
  }

  /** One timer that is set anew when it ends, not at each byte. */
  private wait(): void {
    this.cancel();
    if (this.limitMs === Infinity) return;
    const leftMs = this.heardMs + this.limitMs - this.clock.monotonicMs();
    if (leftMs > 0) {
      this.cancel = this.clock.after(leftMs, () => this.wait());
      return;
    }
    this.close();
    this.onSilent();
  }
}
