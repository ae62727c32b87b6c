import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { LoaError, messageOf } from '../../core/errors.js';
import { framesOf, RATE_HZ } from '../../core/units.js';
import { PcmRing } from '../pcm-ring.js';
import type { SourceParts } from './live-source.js';
import { pause } from './pause.js';
import { asRefusal } from './pcm-feed.js';
import { retryDelayMs, RETRY_STABLE_MS } from './retry-delay.js';
import type { Source, SourceHooks } from './source.js';

/** Where it captures, and the program itself for tests. */
export interface CaptureSettings {
  /** ALSA device; `default` where it is left out. Never out of a message. */
  readonly device?: string;
  readonly program?: string;
  readonly stallMs?: number;
}

const RING_MS = 1_000;
const READY_MS = 60;
/** Above this the card of the capture runs faster than that of the playback: it is brought back to 100 ms. */
const LATE_MS = 500;
const KEPT_MS = 100;
const STALL_MS = 3_000;

/** Line in or microphone through one `arecord` (ALSA): 48 kHz, one channel; started again where it ends or says nothing. */
export class CaptureSource implements Source {
  readonly live = true;
  readonly ended = false;
  readonly failure = undefined;
  reconnects = 0;
  readonly #settings: CaptureSettings;
  readonly #parts: SourceParts;
  readonly #ring = new PcmRing(framesOf(RING_MS));
  readonly #abort = new AbortController();
  #buffering = true;
  #troubled = false;

  constructor(settings: CaptureSettings, parts: SourceParts, hooks: SourceHooks) {
    this.#settings = settings;
    this.#parts = parts;
    void this.#run(hooks);
  }

  get ready(): boolean {
    if (this.#buffering && this.#ring.length >= framesOf(READY_MS)) this.#buffering = false;
    return !this.#buffering;
  }

  get troubled(): boolean {
    return this.#troubled;
  }

  read(into: Float32Array): number {
    if (!this.ready) return 0;
    const frames = this.#ring.pull(into);
    if (frames < into.length) this.#buffering = true;
    return frames;
  }

  skip(frames: number): void {
    if (this.ready && this.#ring.skip(frames) < frames) this.#buffering = true;
  }

  close(): void {
    this.#abort.abort();
  }

  async #run(hooks: SourceHooks): Promise<void> {
    const { signal } = this.#abort;
    const { clock, random } = this.#parts;
    for (let failures = 1; !signal.aborted; failures += 1) {
      const sinceMs = clock.monotonicMs();
      try {
        await this.#once();
      } catch (error) {
        if (signal.aborted) return;
        this.#troubled = true;
        hooks.onTrouble(asRefusal(error));
      }
      if (clock.monotonicMs() - sinceMs > RETRY_STABLE_MS) failures = 1;
      await pause(clock, retryDelayMs(failures, random()), signal);
      this.reconnects += 1;
    }
  }

  /** One arecord, to its end; its end is always a fault. */
  async #once(): Promise<void> {
    const { device = 'default', program = 'arecord' } = this.#settings;
    const args = ['-q', '-D', device, '-t', 'raw', '-f', 'S16_LE', '-r', String(RATE_HZ), '-c', '1'];
    if (this.#parts.brace !== undefined) await this.#parts.brace();
    if (this.#abort.signal.aborted) return;
    // A period of 20 ms: by default arecord hands over eighths of half a second.
    const child = spawn(program, [...args, '--period-size', '960'], { stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = (): void => void child.kill('SIGKILL');
    this.#abort.signal.addEventListener('abort', stop, { once: true });
    try {
      await this.#take(child, stop);
    } finally {
      this.#abort.signal.removeEventListener('abort', stop);
      stop();
    }
  }

  async #take(child: ChildProcessByStdio<null, Readable, Readable>, stop: () => void): Promise<void> {
    const { clock } = this.#parts;
    const stallMs = this.#settings.stallMs ?? STALL_MS;
    let said = '';
    let why: string | undefined;
    let cancel: () => void = () => undefined;
    const watch = (): void => {
      cancel();
      cancel = clock.after(stallMs, () => {
        why = `no sound for ${stallMs} ms`;
        stop();
      });
    };
    watch();
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-400)));
    let odd: Buffer = Buffer.alloc(0);
    child.stdout.on('data', (chunk: Buffer) => {
      watch();
      odd = this.#push(Buffer.concat([odd, chunk]));
    });
    const ending = await new Promise<string>((resolve) => {
      child.once('error', (cause) => resolve(messageOf(cause)));
      child.once('close', (code, signal) => resolve(`arecord ended with ${signal ?? String(code)}`));
    });
    cancel();
    throw new LoaError('E_CAPTURE', `${why ?? ending}: ${said.trim()}`);
  }

  #push(bytes: Buffer): Buffer {
    const frames = new Float32Array(bytes.length >> 1);
    for (let i = 0; i < frames.length; i += 1) frames[i] = bytes.readInt16LE(i * 2) / 32_768;
    if (this.#ring.length > framesOf(LATE_MS)) this.#ring.skip(this.#ring.length - framesOf(KEPT_MS));
    this.#ring.push(frames);
    this.#troubled = false;
    return bytes.subarray(frames.length * 2);
  }
}
