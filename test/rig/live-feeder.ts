import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { LoaError } from '../../agent/core/errors.js';
import { decodeReference } from '../heard/decode.js';
import { within } from '../support/wait-until.js';
import type { Icecast } from './icecast.js';

/** How a live stream is encoded. */
export type LiveFormat = 'mp3' | 'aac' | 'opus';

/** Bits a second of every format: 12 000 bytes, so that Icecast's blocks of 1400 bytes are 117 ms. */
const BIT_RATE = 96_000;

/** Bytes a second of a live stream, for Icecast's burst. */
export const LIVE_BYTES_PER_S = BIT_RATE / 8;

interface Coding {
  readonly contentType: string;
  /** ffmpeg's name of the container, for the decoder too. */
  readonly container: 'mp3' | 'adts' | 'ogg';
  readonly demuxer: 'mp3' | 'aac' | 'ogg';
  readonly words: readonly string[];
}

const CODINGS: Readonly<Record<LiveFormat, Coding>> = {
  mp3: {
    contentType: 'audio/mpeg',
    container: 'mp3',
    demuxer: 'mp3',
    words: ['-c:a', 'libmp3lame', '-reservoir', '0', '-write_xing', '0', '-id3v2_version', '0'],
  },
  aac: {
    contentType: 'audio/aac',
    container: 'adts',
    demuxer: 'aac',
    // Without noise substitution: a decoder makes that noise at random, and no two would agree.
    words: ['-c:a', 'aac', '-profile:a', 'aac_low', '-aac_pns', '0'],
  },
  opus: {
    contentType: 'application/ogg',
    container: 'ogg',
    demuxer: 'ogg',
    // Pages of 100 ms; ffmpeg's default of 1 s would come in lumps.
    words: ['-c:a', 'libopus', '-vbr', 'off', '-application', 'audio', '-page_duration', '100000'],
  },
};

/** Ten minutes of sound. */
const KEPT_BYTES = LIVE_BYTES_PER_S * 600;

/** What feeds a mount point of Icecast, and how. */
export interface FeedOptions {
  readonly icecast: Icecast;
  readonly mount: string;
  readonly format: LiveFormat;
  /** A file of sound; it is read in real time, again and again. */
  readonly input: string;
}

/**
 * A live source: ffmpeg encodes a file at its own pace, and its bytes go to Icecast as they come, each kept. What those
 * bytes decode to, from the first one on, is what a listener should hear.
 */
export class LiveFeeder {
  /** When the first bytes were sent, monotonic milliseconds (`process.hrtime`). */
  readonly startedMs: number;
  readonly #coding: Coding;
  readonly #ffmpeg: ChildProcessByStdio<null, Readable, Readable>;
  readonly #socket: Socket;
  readonly #chunks: Buffer[];

  private constructor(
    coding: Coding,
    ffmpeg: ChildProcessByStdio<null, Readable, Readable>,
    socket: Socket,
    first: Buffer,
  ) {
    this.#coding = coding;
    this.#ffmpeg = ffmpeg;
    this.#socket = socket;
    this.#chunks = [first];
    this.startedMs = Number(process.hrtime.bigint()) / 1e6;
    socket.write(first);
    let held = first.length;
    ffmpeg.stdout.on('data', (chunk: Buffer) => {
      held += chunk.length;
      if (held > KEPT_BYTES) void this.stop();
      else {
        this.#chunks.push(chunk);
        socket.write(chunk);
      }
    });
  }

  /** Connects as source client and begins. @throws where Icecast refuses the source or ffmpeg gives nothing within 10 s */
  static async start({ icecast, mount, format, input }: FeedOptions): Promise<LiveFeeder> {
    const coding = CODINGS[format];
    const socket = await openMount(icecast, mount, coding.contentType);
    const ffmpeg = spawn(
      'ffmpeg',
      [
        ...['-nostdin', '-v', 'error', '-re', '-stream_loop', '-1', '-i', input, '-ac', '1', '-ar', '48000'],
        ...['-map_metadata', '-1', ...coding.words, '-b:a', String(BIT_RATE), '-flush_packets', '1'],
        ...['-f', coding.container, 'pipe:1'],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = '';
    ffmpeg.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-1_000)));
    const first = new Promise<Buffer>((resolve, reject) => {
      ffmpeg.once('error', reject);
      ffmpeg.once('close', () => reject(new Error(`ffmpeg ended: ${said}`)));
      ffmpeg.stdout.once('data', resolve);
    });
    try {
      return new LiveFeeder(coding, ffmpeg, socket, await within('ffmpeg encodes', first));
    } catch (error) {
      ffmpeg.kill('SIGKILL');
      socket.destroy();
      throw error;
    }
  }

  /** Exactly what was sent so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** What was sent so far, decoded by ffmpeg: one channel at 48 kHz, frame 0 being the stream's first. */
  async reference(): Promise<Float32Array> {
    return decodeReference(this.bytes, { format: this.#coding.demuxer });
  }

  /** Ends the source at once. */
  async stop(): Promise<void> {
    this.#socket.destroy();
    const { exitCode, signalCode } = this.#ffmpeg;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.#ffmpeg, 'close');
    this.#ffmpeg.kill('SIGKILL');
    await ended;
  }
}

/** Icecast's source protocol over HTTP/1.0: no length, no chunks, the body is the stream. */
async function openMount(icecast: Icecast, mount: string, contentType: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: icecast.port, noDelay: true });
  const answered = new Promise<string>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('icecast closed the source')));
    socket.once('data', (answer) => resolve(answer.toString('latin1')));
  });
  const login = Buffer.from(`source:${icecast.sourcePassword}`).toString('base64');
  socket.write(
    `PUT /${mount} HTTP/1.0\r\nAuthorization: Basic ${login}\r\nContent-Type: ${contentType}\r\nIce-Public: 0\r\n\r\n`,
  );
  try {
    const answer = await within('icecast takes the source', answered);
    if (!/^HTTP\/1\.[01] 200 /.test(answer)) {
      throw new LoaError('E_MEDIA_STATUS', `icecast refuses the source: ${answer.split('\r\n')[0] ?? ''}`);
    }
  } catch (error) {
    socket.destroy();
    throw error;
  }
  // Icecast may go away, by a test's wish: the feed is then sent nowhere.
  socket.on('error', () => undefined);
  socket.resume();
  return socket;
}
