import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import prism from 'prism-media';
import { LoaError, messageOf } from '../../core/errors.js';
import { goAlong } from '../../core/precedence.js';
import { RATE_HZ } from '../../core/units.js';
import type { AudioFormat } from '../audio-format.js';
import type { Decoder, OnPcm } from './decoder.js';

const END_LIMIT_MS = 10_000;

/** Where ffmpeg is, by the PATH; undefined where it is not. */
function ffmpegPath(): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'ffmpeg');
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // In the next folder.
    }
  }
  return undefined;
}

/**
 * Everything that is neither MP3 nor Opus, through ffmpeg in prism-media's transform. Exit code and standard error are
 * watched here, because the transform hides them; it is ended by SIGKILL, because a stalled ffmpeg ignores SIGTERM.
 * @throws LoaError `E_DECODER_MISSING`
 */
export function makeFfmpegDecoder(format: AudioFormat & { decoder: 'ffmpeg' }, onPcm: OnPcm): Decoder {
  const command = ffmpegPath();
  if (command === undefined) throw new LoaError('E_DECODER_MISSING', `no ffmpeg for ${format.demuxer}`);
  // The library would run it to find out, and so hold the thread up for 130 ms, on a board for half a second.
  prism.FFmpeg.getInfo = () => ({ command, info: '', version: '', output: '' });
  return new FfmpegDecoder(format, onPcm);
}

class FfmpegDecoder implements Decoder {
  readonly #transform: prism.FFmpeg;
  readonly #exited: Promise<void>;
  #rest: Buffer = Buffer.alloc(0);
  #frames = 0;
  #errors = '';
  #failure: LoaError | undefined;
  #closed = false;
  #held = false;
  #ending = false;
  #limit: NodeJS.Timeout | undefined;

  constructor(format: AudioFormat & { decoder: 'ffmpeg' }, onPcm: OnPcm) {
    this.#transform = new prism.FFmpeg({ args: argumentsFor(format) });
    const child = this.#transform.process;
    // What a file makes it compute must not hold the card up.
    goAlong(child.pid);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-400);
    });
    this.#transform.on('error', (error: Error) => this.#fail(error.message));
    // Without a listener a child that cannot be started ends the whole sound worker.
    child.on('error', (error) => this.#fail(messageOf(error)));
    this.#transform.on('data', (chunk: Buffer) => this.#take(chunk, onPcm));
    this.#exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        if (code !== 0)
          this.#fail(`ffmpeg ended with ${signal ?? code ?? 'nothing'}: ${this.#errors.trim()}`);
        resolve();
      });
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#closed) return;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#transform.write(bytes)) return;
    await new Promise<void>((resolve) => {
      this.#transform.once('drain', resolve);
      void this.#exited.then(resolve);
    });
  }

  async end(): Promise<void> {
    if (this.#closed) return;
    this.#ending = true;
    this.#transform.end();
    this.#limitEnd();
    await this.#exited;
    clearTimeout(this.#limit);
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#frames === 0) throw new LoaError('E_MEDIA_DECODE', `no sound: ${this.#errors.trim()}`);
  }

  hold(wait: boolean): void {
    const { stdout } = this.#transform.process;
    if (wait) stdout?.pause();
    else stdout?.resume();
    this.#held = wait;
    if (this.#ending) this.#limitEnd();
  }

  failed(): boolean {
    return this.#failure !== undefined;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#limit);
    this.#transform.process.kill('SIGKILL');
  }

  #fail(detail: string): void {
    if (this.#closed) return;
    this.#failure ??= new LoaError('E_MEDIA_DECODE', messageOf(detail));
  }

  /** After the end of the input it has so long to come to its own; waiting on request does not count. */
  #limitEnd(): void {
    clearTimeout(this.#limit);
    if (this.#held || this.#closed) return;
    this.#limit = setTimeout(() => this.#transform.process.kill('SIGKILL'), END_LIMIT_MS);
  }

  #take(chunk: Buffer, onPcm: OnPcm): void {
    if (this.#closed) return;
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const whole = bytes.length - (bytes.length % 4);
    this.#rest = bytes.subarray(whole);
    // A copy of its own, which begins where a number may: a chunk of a pipe begins anywhere. Its bytes are little-endian, as are those of each kernel Loa runs on.
    const frames = new Float32Array(Uint8Array.prototype.slice.call(bytes, 0, whole).buffer);
    this.#frames += frames.length;
    if (frames.length > 0) onPcm(frames);
  }
}

/** A small probe starts a stream at once; `nobuffer` would start sooner but loses the head of the sound (measured). */
const PROBES: Readonly<Record<string, readonly string[]>> = {
  aac: ['-probesize', '4096', '-analyzeduration', '0'],
  mpegts: ['-probesize', '65536', '-analyzeduration', '500000'],
};

function argumentsFor({ demuxer, path }: AudioFormat & { decoder: 'ffmpeg' }): string[] {
  // What is inside a file never names another one: ffmpeg may open this one input and nothing else.
  const input = path === undefined ? ['pipe', '-i', 'pipe:0'] : ['file', '-i', `file:${path}`];
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error', ...(PROBES[demuxer] ?? [])],
    ...['-f', demuxer, '-protocol_whitelist', ...input],
    ...['-vn', '-sn', '-dn', '-f', 'f32le', '-ac', '1', '-ar', String(RATE_HZ), '-flush_packets', '1'],
  ];
}
