import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { systemClock } from '../../agent/core/clock.js';
import { LoaError, type ErrorCode } from '../../agent/core/errors.js';
import { framesOf, RATE_HZ } from '../../agent/core/units.js';
import type { Sink, SinkKind, SinkListener, SinkPosition, SinkSettings } from '../types.js';
import type { CardStatusFile } from './card-status.js';
import { ChildReading } from './child-reading.js';
import { LineReader } from './line-reader.js';
import { PlayerPosition } from './player-position.js';
import { WritePause } from './write-pause.js';

/** A child process that plays what comes on its standard input. */
export type PlayerProcess = ChildProcessByStdio<Writable, null, Readable>;

/** How one kind of player speaks on its standard error. */
export interface PlayerDialect {
  readonly kind: SinkKind;
  /** True for the line that says the card is open and the first sample wanted. */
  readonly isReady: (line: string) => boolean;
  /** Milliseconds of a gap that the line tells of, or undefined. */
  readonly underrunMs: (line: string) => number | undefined;
  /** How much sound the player gives its card before it lets it begin, milliseconds; not known where undefined. */
  readonly startMs?: number;
  /** What tells the position of the card that the player with this process id plays on. */
  readonly card?: (pid: number) => CardStatusFile;
}

const OPEN_LIMIT_MS = 3_000;
/** Between two looks whether the player still takes sound. */
const LOOK_MS = 100;
/** Between two looks whether it has begun, and for how long to look. */
const BEGIN_LOOK_MS = 2;
const BEGIN_LIMIT_MS = 500;
/** What a player gives its card at once. */
const PERIOD_FRAMES = framesOf(10);
/** More than this unread means that the player hangs: half a second of sound beyond what it should hold. */
const HANG_BYTES = (RATE_HZ * 2) / 2;

/**
 * A sink made of a long-lived player process. It counts as open when the player says so; from then on frame 0 is on its
 * way to the loudspeaker.
 * @throws LoaError `E_SINK_OPEN` where the player ends, or says nothing for 5 s, before it is ready
 */
export async function openChildSink(
  child: PlayerProcess,
  settings: SinkSettings,
  dialect: PlayerDialect,
  listener: SinkListener,
): Promise<Sink> {
  const lines = new LineReader(child.stderr);
  let dead = false;
  let ended = false;
  const die = (code: ErrorCode, detail: string): void => {
    if (dead) return;
    dead = true;
    child.kill('SIGKILL');
    listener.onDied(code, detail);
  };
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => {
      ended = true;
      resolve();
    });
  });
  child.stdin.on('error', (error) => die('E_SINK_DIED', error.message));
  await ready(child, lines, dialect);
  const player = new Player(child, settings, dialect, die);
  lines.onLine = (line) => {
    const gapMs = dead ? undefined : dialect.underrunMs(line);
    if (gapMs === undefined) return;
    player.ranDry();
    listener.onUnderrun(gapMs);
  };
  child.once('close', (code, signal) => {
    player.close();
    die('E_SINK_DIED', `player ended (${signal ?? code ?? 'unknown'}): ${lines.last(2)}`);
  });

  return {
    kind: dialect.kind,
    get startedMs() {
      return player.startedMs;
    },
    aheadFrames: framesOf(settings.bufferMs + settings.leadMs),
    uncertaintyMs: 50,
    position: () => (dead ? undefined : player.position()),
    write(block) {
      if (!dead) player.write(block);
    },
    async close() {
      dead = true;
      if (!ended) child.kill('SIGKILL');
      await exited;
    },
  };
}

/** What is known of the player while it plays. */
class Player {
  /** It waits for its first sound: its time begins with the first block. */
  startedMs = systemClock.monotonicMs();
  readonly #child: PlayerProcess;
  readonly #die: (code: ErrorCode, detail: string) => void;
  readonly #startFrames: number | undefined;
  readonly #position: PlayerPosition;
  readonly #unsent: Buffer[] = [];
  #written = 0;
  readonly #pause: WritePause;
  #lookedMs = 0;
  /** Seen to begin, by what the player took; until the card first runs dry. */
  #begun: SinkPosition | undefined;
  #closed = false;
  #beginLook: NodeJS.Timeout | undefined;

  constructor(
    child: PlayerProcess,
    { bufferMs, leadMs }: SinkSettings,
    dialect: PlayerDialect,
    die: (code: ErrorCode, detail: string) => void,
  ) {
    this.#child = child;
    this.#pause = new WritePause(Math.max(bufferMs, 2 * leadMs));
    this.#die = die;
    this.#startFrames = dialect.startMs === undefined ? undefined : framesOf(dialect.startMs);
    const pid = child.pid ?? 0;
    this.#position = new PlayerPosition(dialect.card?.(pid), new ChildReading(pid));
  }

  write(block: Int16Array): void {
    const nowMs = systemClock.monotonicMs();
    if (this.#child.stdin.writableLength > HANG_BYTES || this.#hangs(nowMs)) {
      this.#die('E_SINK_DIED', 'player takes no more sound');
      return;
    }
    const first = this.#written === 0;
    this.#pause.wrote(this.#written, nowMs);
    this.#written += block.length;
    this.#send(block);
    if (!first) return;
    this.startedMs = nowMs;
    this.#awaitBegin(0, nowMs);
  }

  /** The blocks of one turn go in one write: the player wakes once. */
  #send(block: Int16Array): void {
    this.#unsent.push(Buffer.from(block.buffer, block.byteOffset, block.byteLength));
    if (this.#unsent.length > 1) return;
    process.nextTick(() => {
      const [only] = this.#unsent;
      if (only === undefined) return;
      const bytes = this.#unsent.length === 1 ? only : Buffer.concat(this.#unsent);
      this.#unsent.length = 0;
      if (!this.#closed) this.#child.stdin.write(bytes);
    });
  }

  position(): SinkPosition | undefined {
    return this.#position.position(this.#written) ?? this.#begun;
  }

  /**
   * What the player has read by now was heard, but for the period that it was told of the gap with. What was written at once after a
   * pause it may have read meanwhile, too: that came after the gap.
   */
  ranDry(): void {
    this.#begun = undefined;
    const nowMs = systemClock.monotonicMs();
    const taken = this.#position.takenFrames(this.#written);
    if (taken === undefined) return;
    const after = this.#pause.frameAfter(nowMs) ?? Infinity;
    this.#awaitBegin(Math.max(0, Math.min(taken - PERIOD_FRAMES, after)), nowMs);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#beginLook);
    this.#position.close();
  }

  #hangs(nowMs: number): boolean {
    if (nowMs - this.#lookedMs < LOOK_MS) return false;
    this.#lookedMs = nowMs;
    return this.#position.hangs(this.#written);
  }

  /** The card begins with this frame when the player has given it enough: looks for that moment. */
  #awaitBegin(frame: number, nowMs: number): void {
    if (this.#startFrames === undefined) return;
    clearTimeout(this.#beginLook);
    this.#look(frame, this.#startFrames, nowMs, nowMs + BEGIN_LIMIT_MS);
  }

  #look(frame: number, startFrames: number, lastLookMs: number, untilMs: number): void {
    if (this.#closed) return;
    const nowMs = systemClock.monotonicMs();
    const taken = this.#position.takenFrames(this.#written);
    if (taken === undefined || nowMs > untilMs) return;
    if (taken >= frame + startFrames) {
      const uncertaintyMs = Math.max(1, nowMs - lastLookMs);
      this.#begun = { frame, atMs: nowMs - uncertaintyMs / 2, uncertaintyMs, from: 'player' };
      return;
    }
    this.#beginLook = setTimeout(() => this.#look(frame, startFrames, nowMs, untilMs), BEGIN_LOOK_MS);
  }
}

async function ready(child: PlayerProcess, lines: LineReader, dialect: PlayerDialect): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (detail: string, cause?: unknown): void => {
      clearTimeout(limit);
      child.kill('SIGKILL');
      reject(new LoaError('E_SINK_OPEN', detail, { cause }));
    };
    const limit = setTimeout(() => fail(`player says nothing for ${OPEN_LIMIT_MS} ms`), OPEN_LIMIT_MS);
    child.once('error', (cause) => fail(`cannot start the player: ${cause.message}`, cause));
    child.once('close', (code) => fail(`player ended with ${code ?? 'a signal'}: ${lines.last(2)}`));
    lines.onLine = (line) => {
      if (!dialect.isReady(line)) return;
      clearTimeout(limit);
      resolve();
    };
  });
}
