import type { Clock } from '../../agent/core/clock.js';
import { IcyInterleaver } from './icy-interleaver.js';
import { LiveTimeline } from './live-timeline.js';
import type { FramedSound } from './sound-frames.js';

const TICK_MS = 20;
const QUEUE_LIMIT_BYTES = 512 << 10;

/** One who listens to a live stream: an HTTP response. */
export interface Listener {
  /** Bytes written and not yet taken by the network. */
  readonly queuedBytes: number;
  write(bytes: Uint8Array): void;
  /** The stream's clean end. */
  end(): void;
  /** The connection is cut. */
  cut(): void;
}

interface Hearing {
  readonly listener: Listener;
  readonly icy: IcyInterleaver | undefined;
  nextFrame: number;
}

/**
 * Sends one time line to many listeners at the sound's own pace, to each first a burst of what was due just before.
 * Every listener begins at a frame boundary. One who lets more than 512 KiB pile up is cut.
 */
export class LiveStream {
  readonly timeline: LiveTimeline;
  readonly #clock: Clock;
  readonly #burstMs: number;
  readonly #hearings = new Map<Listener, Hearing>();
  #title: string;
  #stalled = false;
  #cancelTick: (() => void) | undefined;

  constructor(
    sound: FramedSound,
    clock: Clock,
    options: { readonly burstMs: number; readonly title: string },
  ) {
    // The time line begins one burst ago, so that the first listener gets a whole one.
    this.timeline = new LiveTimeline(sound, clock.monotonicMs() - options.burstMs);
    this.#clock = clock;
    this.#burstMs = options.burstMs;
    this.#title = options.title;
  }

  /** How many listen now. */
  get listenerCount(): number {
    return this.#hearings.size;
  }

  /** What ICY metadata says is playing. */
  set title(title: string) {
    this.#title = title;
  }

  /** Begins to send to a listener, the burst at once. */
  add(listener: Listener, options: { readonly icyBytes?: number } = {}): void {
    const nowMs = this.#clock.monotonicMs();
    const icy = options.icyBytes === undefined ? undefined : new IcyInterleaver(options.icyBytes);
    const nextFrame = Math.max(0, this.timeline.frameAt(nowMs - this.#burstMs));
    const hearing = { listener, icy, nextFrame };
    this.#hearings.set(listener, hearing);
    this.#send(hearing, nowMs);
    this.#schedule();
  }

  /** A listener has gone. */
  remove(listener: Listener): void {
    this.#hearings.delete(listener);
    if (this.#hearings.size === 0) this.#cancel();
  }

  /** Sends nothing from now on, with all connections open; the time line goes on. */
  stall(): void {
    this.#stalled = true;
  }

  /** Goes on at the place where the time line is by now. */
  resume(): void {
    if (!this.#stalled) return;
    this.#stalled = false;
    const next = this.timeline.frameAt(this.#clock.monotonicMs()) + 1;
    for (const hearing of this.#hearings.values()) hearing.nextFrame = next;
  }

  /** Ends the stream for everyone who listens now, as a server does that has no more to send. */
  end(): void {
    for (const { listener } of this.#takeAll()) listener.end();
  }

  /** Cuts everyone who listens now. */
  cut(): void {
    for (const { listener } of this.#takeAll()) listener.cut();
  }

  /** Everything on the time line from its first byte until now, and when that byte was due (monotonic milliseconds). */
  bytes(): { readonly bytes: Uint8Array; readonly startMs: number } {
    const frames = this.timeline.frameAt(this.#clock.monotonicMs()) + 1;
    return { bytes: this.timeline.bytesOf(0, frames), startMs: this.timeline.startMs };
  }

  #takeAll(): Hearing[] {
    const all = [...this.#hearings.values()];
    this.#hearings.clear();
    this.#cancel();
    return all;
  }

  #schedule(): void {
    this.#cancelTick ??= this.#clock.after(TICK_MS, () => {
      this.#cancelTick = undefined;
      const nowMs = this.#clock.monotonicMs();
      for (const hearing of [...this.#hearings.values()]) this.#send(hearing, nowMs);
      if (this.#hearings.size > 0) this.#schedule();
    });
  }

  #cancel(): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  #send(hearing: Hearing, nowMs: number): void {
    if (this.#stalled) return;
    const end = this.timeline.frameAt(nowMs) + 1;
    if (end <= hearing.nextFrame) return;
    const sound = this.timeline.bytesOf(hearing.nextFrame, end);
    hearing.nextFrame = end;
    hearing.listener.write(hearing.icy?.insert(sound, this.#title) ?? sound);
    if (hearing.listener.queuedBytes > QUEUE_LIMIT_BYTES) {
      this.remove(hearing.listener);
      hearing.listener.cut();
    }
  }
}
