import type { OpenSink, Sink, SinkSettings } from '../../hardware/types.js';
import { instantOf, type Clock } from '../core/clock.js';
import { codeOf, LoaError, messageOf, type ErrorCode } from '../core/errors.js';
import { framesOf, msOf } from '../core/units.js';
import { BLOCK_FRAMES, type MixedBlock, type Mixer } from './mixer.js';

/** What the writer tells of the sink. */
export interface WriterListener {
  onSink(state: { ok: true; sink: string } | { ok: false; code: ErrorCode; detail: string }): void;
  onUnderrun(gapMs: number): void;
  /** A block went to the sink as frames `frame` and on; its first sample is heard at wall time `atMs`. */
  onBlock(mixed: MixedBlock, frame: number, atMs: number): void;
  /** Frames from here on were written but died with their sink. */
  onLost(fromFrame: number): void;
  /** Time passed without a sink. */
  onPass(): void;
}

const TICK_MS = 10;
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 2_000;
/** Blocks written in one go after the worker was held up: 1 s. */
const CATCH_UP_BLOCKS = 100;

/** One opening of the sink. */
interface Session {
  readonly sink: Sink;
  readonly baseFrame: number;
  /** How much later than counted from the sink's start a frame is heard, for all the underruns since. */
  shiftMs: number;
  /** The most that a write came after the sink had nothing left, since the last underrun. */
  lateMs: number;
}

/**
 * Keeps one sink open and fed, paced by the clock: every 10 ms it writes what is due, silence included. Frames are
 * numbered for the worker's life; a sink that dies is opened again and the numbers go on.
 */
export class Writer {
  readonly #openSink: OpenSink;
  readonly #settings: SinkSettings;
  readonly #mixer: Mixer;
  readonly #clock: Clock;
  readonly #listener: WriterListener;
  #session: Session | undefined;
  #frames = 0;
  #retryMs = RETRY_MIN_MS;
  #passedMs = 0;
  #closed = false;
  #cancel: () => void = () => undefined;
  #cancelReopen: () => void = () => undefined;

  constructor(
    openSink: OpenSink,
    settings: SinkSettings,
    mixer: Mixer,
    clock: Clock,
    listener: WriterListener,
  ) {
    this.#openSink = openSink;
    this.#settings = settings;
    this.#mixer = mixer;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** Opens the sink and begins to tick. */
  start(): void {
    this.#passedMs = this.#clock.monotonicMs();
    void this.#open();
    this.#tick();
  }

  /** The frame that is at the loudspeaker now. */
  heardFrame(): number {
    const session = this.#session;
    if (session === undefined) return this.#frames;
    const sinceMs = this.#clock.monotonicMs() - session.sink.startedMs - session.shiftMs;
    return Math.min(this.#frames, session.baseFrame + Math.max(0, framesOf(sinceMs)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    this.#cancelReopen();
    await this.#session?.sink.close();
  }

  async #open(): Promise<void> {
    // What a sink says counts for its own session alone: it may speak before it is taken, or after the next one is.
    let session: Session | undefined;
    let death: { code: ErrorCode; detail: string } | undefined;
    try {
      const sink = await this.#openSink(this.#settings, {
        onUnderrun: (gapMs) => {
          if (session === undefined || session !== this.#session) return;
          this.#listener.onUnderrun(this.#shift(session, gapMs));
        },
        onDied: (code, detail) => {
          death ??= { code, detail };
          if (session !== undefined && session === this.#session) this.#died(code, detail);
        },
      });
      if (this.#closed) {
        await sink.close();
        return;
      }
      if (death !== undefined) throw new LoaError(death.code, death.detail);
      session = { sink, baseFrame: this.#frames, shiftMs: 0, lateMs: 0 };
      this.#session = session;
      this.#retryMs = RETRY_MIN_MS;
      this.#listener.onSink({ ok: true, sink: sink.kind });
    } catch (error) {
      this.#listener.onSink({ ok: false, code: codeOf(error), detail: messageOf(error) });
      this.#reopenLater();
    }
  }

  /**
   * Moves the session's frames by an underrun; returns by how much. A player whose driver stamps with another clock
   * tells of gaps of decades (seen: aplay over an ALSA plug-in), after which nothing would be due any more: what cannot
   * be is replaced by how late the writing itself was.
   */
  #shift(session: Session, toldMs: number): number {
    const lastedMs = this.#clock.monotonicMs() - session.sink.startedMs;
    const gapMs = toldMs >= 0 && toldMs <= lastedMs ? toldMs : session.lateMs;
    session.shiftMs += gapMs;
    session.lateMs = 0;
    return gapMs;
  }

  #died(code: ErrorCode, detail: string): void {
    this.#listener.onLost(this.heardFrame());
    this.#session = undefined;
    this.#passedMs = this.#clock.monotonicMs();
    this.#listener.onSink({ ok: false, code, detail });
    this.#reopenLater();
  }

  #reopenLater(): void {
    if (this.#closed) return;
    this.#cancelReopen = this.#clock.after(this.#retryMs, () => void this.#open());
    this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2);
  }

  #tick(): void {
    if (this.#closed) return;
    const startedMs = this.#clock.monotonicMs();
    this.#write(startedMs);
    const spentMs = this.#clock.monotonicMs() - startedMs;
    this.#cancel = this.#clock.after(Math.max(1, TICK_MS - spentMs), () => this.#tick());
  }

  #write(nowMs: number): void {
    const session = this.#session;
    if (session === undefined) {
      const frames = framesOf(nowMs - this.#passedMs);
      this.#mixer.pass(frames);
      this.#passedMs += msOf(frames);
      this.#listener.onPass();
      return;
    }
    const startMs = session.sink.startedMs + session.shiftMs;
    // Before its first frame a sink waits; that is no underrun.
    if (this.#frames > session.baseFrame) {
      const dryMs = startMs + msOf(this.#frames - session.baseFrame);
      session.lateMs = Math.max(session.lateMs, nowMs - dryMs);
    }
    const due = session.baseFrame + framesOf(nowMs - startMs) + session.sink.aheadFrames;
    for (let blocks = 0; this.#frames + BLOCK_FRAMES <= due && blocks < CATCH_UP_BLOCKS; blocks += 1) {
      const blockAtMs = startMs + msOf(this.#frames - session.baseFrame);
      const mixed = this.#mixer.mix(blockAtMs);
      session.sink.write(mixed.block);
      // The block that a sink dies of was not heard.
      if (this.#session !== session) return;
      const frame = this.#frames;
      this.#frames += BLOCK_FRAMES;
      this.#listener.onBlock(mixed, frame, instantOf(this.#clock, blockAtMs));
    }
  }
}
