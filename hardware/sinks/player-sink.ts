import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { systemClock } from '../../agent/core/clock.js';
import { LoaError, type ErrorCode } from '../../agent/core/errors.js';
import { framesOf, msOf, RATE_HZ } from '../../agent/core/units.js';
import type { Sink, SinkListener, SinkPosition, SinkSettings } from '../types.js';
import { ChildReading } from './child-reading.js';
import { LineReader } from './line-reader.js';
import { lookAtCard, playerLine, soundHead, takeBackFrom, type PlayerLine } from './player-words.js';

type PlayerChild = ChildProcessByStdio<Writable, Readable, Readable>;

const OPEN_LIMIT_MS = 3_000;
/** Room in the card beyond the most that is ever written ahead, milliseconds. */
const SPARE_MS = 40;
/** Between two questions where the card is; often at first, when its clock is not known yet. */
const ASK_MS = 1_000;
const BEGUN_ASK_MS = 20;
const BEGUN_MS = 2_000;
/** A player that does not answer for so long hangs. */
const ANSWER_LIMIT_MS = 500;
/** What was written so long ago it has read, or it hangs: its card always has room for it. */
const READ_LIMIT_MS = 150;
/** More than this unread means so, too: half a second of sound beyond what it should hold. */
const HANG_BYTES = RATE_HZ;
/** The player looks so often whether its card is still there: `LOOK_MS` in player/loa-player.c. */
const LOOK_MS = 30;
/** ALSA tells where a card is by its own counter, read at the instant that is told. */
const UNCERTAINTY_MS = 5;

/** Our own player as a process: `hardware/sinks/player/loa-player.c`. */
export function startPlayer(program: string, settings: SinkSettings): PlayerChild {
  const { bufferMs, bufferMaxMs = 0, leadMs, aheadMs = 0 } = settings;
  const mostMs = Math.max(bufferMs, bufferMaxMs, aheadMs) + leadMs + SPARE_MS;
  const words = [
    settings.device,
    RATE_HZ,
    framesOf(mostMs),
    framesOf(Math.max(10, Math.floor(bufferMs / 2))),
  ];
  return spawn(program, words.map(String), {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
}

/**
 * The sink of a receiver: one long-lived process of our own player, which tells where its card is and takes back what is not heard
 * yet. It counts as open when the player says that its card is.
 * @throws LoaError `E_SINK_OPEN` where the player ends, or says nothing for 3 s, before it is ready
 */
export async function openPlayerSink(
  child: PlayerChild,
  { bufferMs, leadMs, aheadMs = 0 }: SinkSettings,
  listener: SinkListener,
): Promise<Sink> {
  const said = new LineReader(child.stdout);
  const complaints = new LineReader(child.stderr);
  const ready = await readiness(child, said, complaints);
  const player = new Player(child, listener, complaints);
  said.onLine = (line) => {
    const parsed = playerLine(line);
    if (parsed !== undefined) player.hear(parsed);
  };
  return {
    kind: 'alsa',
    get startedMs() {
      return player.startedMs;
    },
    aheadFrames: framesOf(bufferMs + leadMs),
    uncertaintyMs: 50,
    position: () => player.sight,
    write: (block) => player.write(block),
    // A card that is smaller than what it would be given ahead would let the player wait for room, and nothing be taken back meanwhile.
    ...(ready.rewinds && ready.bufferFrames >= framesOf(aheadMs + leadMs)
      ? { takeBack: (frame: number) => player.takeBack(frame) }
      : {}),
    close: () => player.close(),
  };
}

/** What is known of the player while it plays. */
class Player {
  /** It waits for its first sound: its time begins with the first block. */
  startedMs = systemClock.monotonicMs();
  /** Where the card was when it last said so. */
  sight: SinkPosition | undefined;
  readonly #child: PlayerChild;
  readonly #listener: SinkListener;
  readonly #unsent: Buffer[] = [];
  readonly #ended: Promise<void>;
  readonly #reading: ChildReading;
  #written = false;
  #sentBytes = 0;
  #sentMs = 0;
  #askedMs = -Infinity;
  #noAnswer: NodeJS.Timeout | undefined;
  /** The card ran dry before this frame, and was to play it at this instant. */
  #dry: { readonly frame: number; readonly dueMs: number } | undefined;
  #goneFrame: number | undefined;
  #dead = false;
  #over = false;

  constructor(child: PlayerChild, listener: SinkListener, complaints: LineReader) {
    this.#child = child;
    this.#listener = listener;
    this.#reading = new ChildReading(child.pid ?? 0);
    this.#ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#over = true;
        this.#die('E_SINK_DIED', `player ended (${signal ?? code ?? 'unknown'}): ${complaints.last(2)}`);
        resolve();
      });
    });
    child.stdin.on('error', (error) => this.#die('E_SINK_DIED', error.message));
  }

  write(block: Int16Array): void {
    if (this.#dead) return;
    const nowMs = systemClock.monotonicMs();
    if (this.#child.stdin.writableLength > HANG_BYTES || this.#hangs(nowMs)) {
      this.#die('E_SINK_DIED', 'player takes no more sound');
      return;
    }
    if (!this.#written) this.startedMs = nowMs;
    this.#written = true;
    this.#send(soundHead(block.length), Buffer.from(block.buffer, block.byteOffset, block.byteLength));
    const everyMs = nowMs - this.startedMs < BEGUN_MS ? BEGUN_ASK_MS : ASK_MS;
    if (nowMs - this.#askedMs >= everyMs) this.#ask(nowMs);
  }

  takeBack(frame: number): void {
    if (!this.#dead) this.#send(takeBackFrom(frame));
  }

  hear(line: PlayerLine): void {
    if (line.kind === 'gone') {
      // It went at some instant between two looks.
      this.#goneFrame = line.frame + framesOf(LOOK_MS / 2);
      this.#die('E_SINK_DIED', `the card is lost: ${line.text}`);
    }
    if (line.kind === 'dry')
      this.#dry = { frame: line.frame, dueMs: this.#instantOf(line.frame) ?? systemClock.monotonicMs() };
    if (line.kind === 'at' || line.kind === 'idle') {
      clearTimeout(this.#noAnswer);
      this.#noAnswer = undefined;
    }
    if (line.kind !== 'at') return;
    const { frame, atMs } = line;
    this.sight = { frame, atMs, uncertaintyMs: UNCERTAINTY_MS, from: 'card' };
    const dry = this.#dry;
    this.#dry = undefined;
    if (dry !== undefined && !this.#dead)
      this.#listener.onUnderrun(Math.max(0, atMs - msOf(frame - dry.frame) - dry.dueMs));
  }

  async close(): Promise<void> {
    this.#dead = true;
    clearTimeout(this.#noAnswer);
    this.#reading.close();
    if (!this.#over) this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** What goes in one turn goes in one write: the player wakes once. */
  #send(...pieces: Buffer[]): void {
    const first = this.#unsent.length === 0;
    this.#unsent.push(...pieces);
    if (!first) return;
    process.nextTick(() => {
      const bytes = Buffer.concat(this.#unsent);
      this.#unsent.length = 0;
      this.#sentBytes += bytes.length;
      this.#sentMs = systemClock.monotonicMs();
      if (!this.#dead) this.#child.stdin.write(bytes);
    });
  }

  /** What it was sent last is long ago, and not all of it has been read. */
  #hangs(nowMs: number): boolean {
    if (this.#unsent.length > 0 || nowMs - this.#sentMs < READ_LIMIT_MS) return false;
    const read = this.#reading.bytes();
    // Libraries that it loads late count as read, too: then less is noticed by this, and its answers tell.
    return read !== undefined && read < this.#sentBytes;
  }

  #ask(nowMs: number): void {
    this.#askedMs = nowMs;
    this.#send(lookAtCard());
    this.#noAnswer ??= setTimeout(
      () => this.#die('E_SINK_DIED', 'player does not answer'),
      ANSWER_LIMIT_MS,
    ).unref();
  }

  #instantOf(frame: number): number | undefined {
    return this.sight === undefined ? undefined : this.sight.atMs + msOf(frame - this.sight.frame);
  }

  #die(code: ErrorCode, detail: string): void {
    clearTimeout(this.#noAnswer);
    if (this.#dead) return;
    this.#dead = true;
    this.#reading.close();
    if (!this.#over) this.#child.kill('SIGKILL');
    this.#listener.onDied(code, detail, this.#goneFrame);
  }
}

async function readiness(
  child: PlayerChild,
  said: LineReader,
  complaints: LineReader,
): Promise<PlayerLine & { kind: 'ready' }> {
  return new Promise((resolve, reject) => {
    const fail = (detail: string, cause?: unknown): void => {
      clearTimeout(limit);
      child.kill('SIGKILL');
      reject(new LoaError('E_SINK_OPEN', detail, { cause }));
    };
    const limit = setTimeout(() => fail(`player says nothing for ${OPEN_LIMIT_MS} ms`), OPEN_LIMIT_MS);
    child.once('error', (cause) => fail(`cannot start the player: ${cause.message}`, cause));
    child.once('close', (code) => fail(`player ended with ${code ?? 'a signal'}: ${complaints.last(2)}`));
    said.onLine = (line) => {
      const parsed = playerLine(line);
      if (parsed?.kind !== 'ready') return;
      clearTimeout(limit);
      resolve(parsed);
    };
  });
}
