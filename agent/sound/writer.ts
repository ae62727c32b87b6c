import type { OpenSink, Sink, SinkPosition, SinkSettings } from '../../hardware/types.js';
import { instantOf, type Clock } from '../core/clock.js';
import { codeOf, LoaError, messageOf, type ErrorCode } from '../core/errors.js';
import { framesOf, msOf } from '../core/units.js';
import { CardClock } from './card-clock.js';
import { AheadBlocks } from './ahead-blocks.js';
import { BLOCK_FRAMES, type MixedBlock, type Mixer } from './mixer.js';
import { SinkBuffer } from './sink-buffer.js';

/** What the writer tells of the sink. */
export interface WriterListener {
  onSink(state: { ok: true; sink: string } | { ok: false; code: ErrorCode; detail: string }): void;
  /** @param atMs wall time, milliseconds */
  onUnderrun(gapMs: number, atMs: number): void;
  /** A block went to the sink as frames `frame` and on; its first sample is heard at wall time `atMs`. */
  onBlock(mixed: MixedBlock, frame: number, atMs: number): void;
  /** Frames from here on were written but died with their sink. */
  onLost(fromFrame: number): void;
  /** Time passed without a sink. */
  onPass(): void;
}

const BLOCK_MS = msOf(BLOCK_FRAMES);
const LONGEST_TICK_MS = 30;
const RETRY_MIN_MS = 50;
/** A card that is plugged in again is heard within half a second: the opening takes some of that. */
const RETRY_MAX_MS = 400;
/** Between two looks where the card is: often at first, when it is only supposed when it began. */
const SIGHT_MS = 500;
const FIRST_SIGHTS_MS = 2_000;
/** Blocks written in one go after the worker was held up: 1 s. */
const CATCH_UP_BLOCKS = 100;

/** What the card is given beside before a program is started: that holds this thread up for 15 to 45 ms, on a small board for longer. */
const BRACE_MS = 60;

/** With sound ahead that can be taken back the writer sleeps so long at most. */
const LONGEST_REST_MS = 300;
/** A card that runs dry so soon after a play was written may have held some of it. */
const SOUNDED_MS = 1_000;

/** One opening of the sink. */
interface Session {
  readonly sink: Sink;
  readonly baseFrame: number;
  readonly sinceMs: number;
  /** What is at the loudspeaker when. */
  clock: CardClock;
  seenMs: number;
  sight: SinkPosition | undefined;
  /** The most that a write came after the sink had nothing left, since the last underrun. */
  lateMs: number;
  /** Written and not accounted for, because it may be taken back. */
  readonly ahead: AheadBlocks;
}

/** How the sink is fed now. */
export interface WriterState {
  /** Sound that the card is to hold when the next is written, milliseconds: the setting, or more after underruns. */
  readonly bufferMs: number;
  /** By how many millionths the card is faster than this computer; undefined until its position has been seen. */
  readonly cardPpm: number | undefined;
  /** What the instants of frames stand on, and ± milliseconds. */
  readonly position: SinkPosition['from'] | 'clock';
  readonly uncertaintyMs: number;
}

/**
 * Keeps one sink open and fed, paced by the card's clock where that can be seen and by the computer's otherwise: every 10 to 30 ms
 * it writes what is due, silence included. Frames are numbered for the worker's life; a sink that dies is opened again
 * and the numbers go on.
 *
 * A sink that can take sound back is given more while nothing changes, and the writer sleeps for longer; what is to change what is
 * heard says so before ({@link Writer.takeBack}) and afterwards ({@link Writer.kick}).
 */
export class Writer {
  readonly #openSink: OpenSink;
  readonly #settings: SinkSettings;
  readonly #mixer: Mixer;
  readonly #clock: Clock;
  readonly #listener: WriterListener;
  readonly #buffer: SinkBuffer;
  readonly #tickMs: number;
  #session: Session | undefined;
  #tickAtMs = 0;
  #frames = 0;
  #retryMs = RETRY_MIN_MS;
  #passedMs = 0;
  /** When a play was last in what was written. */
  #soundedMs = -Infinity;
  #closed = false;
  #cancel: () => void = () => undefined;
  #cancelReopen: () => void = () => undefined;
  readonly #aheadFrames: number;
  /** What is nearer to the loudspeaker is not taken back: until then what replaces it must be mixed and be at the card. */
  readonly #keepFrames: number;
  #kicked = false;

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
    this.#buffer = new SinkBuffer(settings.bufferMs, settings.bufferMaxMs ?? 0, clock.monotonicMs());
    this.#aheadFrames = framesOf(settings.aheadMs ?? 0);
    this.#keepFrames = framesOf(settings.bufferMs);
    this.#tickMs = Math.max(BLOCK_MS, Math.min(LONGEST_TICK_MS, wholeBlocksMs(settings.leadMs)));
  }

  /** Opens the sink and begins to tick. */
  start(): void {
    this.#passedMs = this.#clock.monotonicMs();
    this.#tickAtMs = this.#passedMs;
    void this.#open();
    this.#tick();
  }

  /** The frame that is at the loudspeaker now. */
  heardFrame(): number {
    const session = this.#session;
    if (session === undefined) return this.#frames;
    const frame = Math.round(session.clock.frameAt(this.#clock.monotonicMs()));
    return Math.min(this.#frames, Math.max(session.baseFrame, frame));
  }

  /** How the sink is fed now; undefined while there is none. */
  state(): WriterState | undefined {
    const session = this.#session;
    if (session === undefined) return undefined;
    const { sink, sight, clock } = session;
    return {
      bufferMs: this.#buffer.ms,
      cardPpm: sight?.from === 'card' ? clock.ppm : undefined,
      position: sight?.from ?? 'clock',
      uncertaintyMs: sight?.uncertaintyMs ?? sink.uncertaintyMs,
    };
  }

  /** Frames written that can still be taken back. */
  get aheadFrames(): number {
    return this.#session?.ahead.frames ?? 0;
  }

  /**
   * To be awaited before something that holds this thread up: the card is given more sound than it needs now, and so does not run
   * dry meanwhile. For as long as that lasts a command waits for it.
   */
  async brace(): Promise<void> {
    // Never in the middle of a block; and what is written must have left before the thread is held up.
    await turn();
    if (!this.#closed && this.#session !== undefined)
      this.#write(this.#clock.monotonicMs(), framesOf(BRACE_MS));
    await turn();
  }

  /**
   * To be called before anything changes what is to be heard: takes back what was given to the card ahead, up to some milliseconds from
   * the loudspeaker.
   */
  takeBack(): void {
    const session = this.#session;
    if (session?.sink.takeBack === undefined) return;
    const nowMs = this.#clock.monotonicMs();
    const keep = Math.ceil(session.clock.frameAt(nowMs)) + this.#keepFrames;
    const cut = session.ahead.takeBack(keep, this.#mixer);
    if (cut === undefined) return;
    this.#frames = cut;
    session.sink.takeBack(cut - session.baseFrame);
    // What was cut in the middle of a piece is mixed once more, as it was.
    this.#writeAhead(session, keep);
  }

  /** Writes at once, in the next turn, what has changed. */
  kick(): void {
    if (this.#session?.sink.takeBack === undefined || this.#kicked) return;
    this.#kicked = true;
    setImmediate(() => {
      this.#kicked = false;
      this.#cancel();
      this.#tickAtMs = this.#clock.monotonicMs();
      this.#tick();
    });
  }

  /** Accounts for all that was written: none of it will be taken back. */
  commit(): void {
    if (this.#session !== undefined) this.#settle(this.#session, Infinity);
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
          const nowMs = this.#clock.monotonicMs();
          this.#buffer.ranDry(nowMs, nowMs - this.#soundedMs < SOUNDED_MS ? 'play' : 'silence');
          this.#listener.onUnderrun(this.#shift(session, gapMs, nowMs), this.#clock.nowMs());
        },
        onDied: (code, detail, heardFrame) => {
          death ??= { code, detail };
          if (session !== undefined && session === this.#session)
            this.#died(session, { code, detail }, heardFrame);
        },
      });
      if (this.#closed) {
        await sink.close();
        return;
      }
      if (death !== undefined) throw new LoaError(death.code, death.detail);
      session = {
        ...{ sink, baseFrame: this.#frames, sinceMs: this.#clock.monotonicMs() },
        ...{
          clock: new CardClock(this.#frames, sink.startedMs),
          seenMs: -Infinity,
          sight: undefined,
          lateMs: 0,
          ahead: new AheadBlocks(),
        },
      };
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
  #shift(session: Session, toldMs: number, nowMs: number): number {
    const lastedMs = nowMs - session.sink.startedMs;
    const gapMs = toldMs >= 0 && toldMs <= lastedMs ? toldMs : session.lateMs;
    session.clock.shift(gapMs);
    session.lateMs = 0;
    // Where the card tells its position, the next look shows what the gap really was.
    session.seenMs = -Infinity;
    return gapMs;
  }

  #died(
    session: Session,
    { code, detail }: { code: ErrorCode; detail: string },
    sinkHeard: number | undefined,
  ): void {
    const heard = Math.min(this.heardFrame(), session.baseFrame + (sinkHeard ?? Infinity));
    this.#settle(session, heard);
    this.#frames = session.ahead.takeBack(heard, this.#mixer) ?? this.#frames;
    // Of the piece that it died in, what was heard counts; the rest is for the next sink.
    while (this.#frames < heard) {
      const mostBlocks = Math.ceil((heard - this.#frames) / BLOCK_FRAMES);
      const again = this.#mixer.mixAhead(session.clock.instantOf(this.#frames), mostBlocks);
      if (again === undefined) break;
      this.#account(session, again.mixed, this.#frames);
      this.#frames += again.mixed.block.length;
    }
    this.#listener.onLost(heard);
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
    this.#write(this.#clock.monotonicMs());
    const nowMs = this.#clock.monotonicMs();
    const restMs = this.#restMs(nowMs);
    // On a grid of its own, so that a late tick does not make all later ones late; what was missed is not made up for.
    this.#tickAtMs =
      restMs > this.#tickMs ? nowMs + restMs : Math.max(this.#tickAtMs + this.#tickMs, nowMs - this.#tickMs);
    this.#cancel = this.#clock.after(Math.max(1, this.#tickAtMs - nowMs), () => this.#tick());
  }

  /** How long the card can do without, with what it holds ahead. */
  #restMs(nowMs: number): number {
    const session = this.#session;
    if (session === undefined || session.ahead.length === 0) return 0;
    const heldFrames = this.#frames - session.clock.frameAt(nowMs);
    return Math.min(LONGEST_REST_MS, msOf(heldFrames - this.#leastFrames(session)));
  }

  /** What the card is to hold in any case. */
  #leastFrames({ sink }: Session): number {
    return sink.aheadFrames + framesOf(this.#buffer.ms - this.#settings.bufferMs);
  }

  #write(nowMs: number, moreFrames = 0): void {
    const session = this.#session;
    if (session === undefined) {
      const frames = framesOf(nowMs - this.#passedMs);
      this.#mixer.pass(frames);
      this.#passedMs += msOf(frames);
      this.#listener.onPass();
      return;
    }
    // Before its first frame a sink waits; that is no underrun.
    if (this.#frames > session.baseFrame) {
      session.lateMs = Math.max(session.lateMs, nowMs - session.clock.instantOf(this.#frames));
      this.#look(session, nowMs);
    }
    this.#buffer.rest(nowMs);
    this.#settle(session, session.clock.frameAt(nowMs) + this.#keepFrames);
    const due = session.clock.frameAt(nowMs) + this.#leastFrames(session) + moreFrames;
    const mostFrames = this.#frames + CATCH_UP_BLOCKS * BLOCK_FRAMES;
    while (this.#frames + BLOCK_FRAMES <= due && this.#frames < mostFrames) {
      // What goes for good goes after what went before it.
      this.#settle(session, Infinity);
      const mostBlocks = Math.floor((due - this.#frames) / BLOCK_FRAMES);
      const mixed = this.#mixer.mix(session.clock.instantOf(this.#frames), mostBlocks);
      const frame = this.#put(session, mixed, nowMs);
      if (frame === undefined) return;
      this.#account(session, mixed, frame);
    }
    if (session.sink.takeBack !== undefined && this.#frames > session.baseFrame)
      this.#writeAhead(session, session.clock.frameAt(nowMs) + this.#aheadFrames);
  }

  /** Writes up to about a frame what can be taken back. */
  #writeAhead(session: Session, untilFrame: number): void {
    while (this.#frames < untilFrame) {
      const mostBlocks = Math.ceil((untilFrame - this.#frames) / BLOCK_FRAMES);
      const ahead = this.#mixer.mixAhead(session.clock.instantOf(this.#frames), mostBlocks);
      if (ahead === undefined) return;
      const frame = this.#put(session, ahead.mixed, this.#clock.monotonicMs());
      if (frame === undefined) return;
      session.ahead.push({ ...ahead, frame });
    }
  }

  /** Gives a piece to the sink; returns its first frame, or nothing where the sink died of it: then it was not heard. */
  #put(session: Session, mixed: MixedBlock, nowMs: number): number | undefined {
    session.sink.write(mixed.block);
    if (this.#session !== session) return undefined;
    const frame = this.#frames;
    this.#frames += mixed.block.length;
    if (mixed.heard.length > 0) this.#soundedMs = nowMs;
    // Its time begins with its first block.
    if (frame === session.baseFrame) session.clock = new CardClock(frame, session.sink.startedMs);
    return frame;
  }

  #account(session: Session, mixed: MixedBlock, frame: number): void {
    this.#listener.onBlock(mixed, frame, instantOf(this.#clock, session.clock.instantOf(frame)));
  }

  /** Accounts for what lies before a frame: it will not be taken back. */
  #settle(session: Session, frame: number): void {
    for (
      let next = session.ahead.shiftEnded(frame);
      next !== undefined;
      next = session.ahead.shiftEnded(frame)
    )
      this.#account(session, next.mixed, next.frame);
  }

  /** Looks where the card is, now and then. */
  #look(session: Session, nowMs: number): void {
    const often = nowMs - session.sinceMs < FIRST_SIGHTS_MS;
    if (session.sink.position === undefined || (!often && nowMs - session.seenMs < SIGHT_MS)) return;
    const sight = session.sink.position();
    if (sight === undefined) return;
    session.seenMs = nowMs;
    session.sight = sight;
    session.clock.see(session.baseFrame + sight.frame, sight.atMs);
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function wholeBlocksMs(ms: number): number {
  return Math.floor(ms / BLOCK_MS) * BLOCK_MS;
}
