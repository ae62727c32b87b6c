import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { systemClock } from '../../agent/core/clock.js';
import { LoaError, type ErrorCode } from '../../agent/core/errors.js';
import { framesOf, RATE_HZ } from '../../agent/core/units.js';
import type { Sink, SinkKind, SinkListener, SinkSettings } from '../types.js';

/** A child process that plays what comes on its standard input. */
export type PlayerProcess = ChildProcessByStdio<Writable, null, Readable>;

/** How one kind of player speaks on its standard error. */
export interface PlayerDialect {
  readonly kind: SinkKind;
  /** True for the line that says the card is open and the first sample wanted. */
  readonly isReady: (line: string) => boolean;
  /** Milliseconds of a gap that the line tells of, or undefined. */
  readonly underrunMs: (line: string) => number | undefined;
}

const OPEN_LIMIT_MS = 5_000;
/** More than this unread means that the player hangs: half a second of sound beyond what it should hold. */
const HANG_BYTES = (RATE_HZ * 2) / 2;
const KEPT_LINES = 8;

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
  // The player waits for its first sound: its time begins with the first block.
  let startedMs = systemClock.monotonicMs();
  let written = false;
  lines.onLine = (line) => {
    const gapMs = dead ? undefined : dialect.underrunMs(line);
    if (gapMs !== undefined) listener.onUnderrun(gapMs);
  };
  child.once('close', (code, signal) => {
    die('E_SINK_DIED', `player ended (${signal ?? code ?? 'unknown'}): ${lines.last(2)}`);
  });

  return {
    kind: dialect.kind,
    get startedMs() {
      return startedMs;
    },
    aheadFrames: framesOf(settings.bufferMs + settings.leadMs),
    uncertaintyMs: 50,
    write(block) {
      if (dead) return;
      if (child.stdin.writableLength > HANG_BYTES) {
        die('E_SINK_DIED', 'player takes no more sound');
        return;
      }
      if (!written) startedMs = systemClock.monotonicMs();
      written = true;
      child.stdin.write(Buffer.from(block.buffer, block.byteOffset, block.byteLength));
    },
    async close() {
      dead = true;
      if (!ended) child.kill('SIGKILL');
      await exited;
    },
  };
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

/** Splits standard error into lines; keeps the last few for the report of a death. */
class LineReader {
  onLine: (line: string) => void = () => undefined;
  readonly #kept: string[] = [];
  #rest = '';

  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.#take(text));
  }

  last(count: number): string {
    return this.#kept.slice(-count).join('; ').slice(0, 200);
  }

  #take(text: string): void {
    const parts = (this.#rest + text).split(/[\r\n]+/);
    this.#rest = (parts.pop() ?? '').slice(-1000);
    for (const line of parts) {
      if (line === '') continue;
      this.#kept.push(line);
      if (this.#kept.length > KEPT_LINES) this.#kept.shift();
      this.onLine(line);
    }
  }
}
