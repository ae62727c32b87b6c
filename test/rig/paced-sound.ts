import { LoaError } from '../../agent/core/errors.js';
import { framesOfSound } from '../source-system/sound-frames.js';
import { runTool } from '../support/external-tool.js';

/** A piece of an encoded sound that is sent as one, and when it is due, counted from the sound's begin. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly dueMs: number;
}

/** An encoded sound ready to be sent at its own pace. */
export interface PacedSound {
  readonly contentType: string;
  /** What every listener gets first: the header pages of Ogg; empty for MP3 and AAC. */
  readonly head: Uint8Array;
  readonly pieces: readonly Piece[];
  readonly lengthMs: number;
}

/** How a live stream of the bench is encoded. */
export type PacedFormat = 'mp3-128' | 'mp3-64' | 'aac-64' | 'opus-32';

const CODINGS: Readonly<Record<PacedFormat, readonly string[]>> = {
  'mp3-128': ['-c:a', 'libmp3lame', '-b:a', '128k', ...mp3Words()],
  'mp3-64': ['-c:a', 'libmp3lame', '-b:a', '64k', ...mp3Words()],
  // Without noise substitution: a decoder makes that noise at random.
  'aac-64': ['-c:a', 'aac', '-b:a', '64k', '-aac_pns', '0', '-f', 'adts'],
  'opus-32': ['-c:a', 'libopus', '-b:a', '32k', '-vbr', 'off', '-page_duration', '20000', '-f', 'ogg'],
};

function mp3Words(): string[] {
  return ['-reservoir', '0', '-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3'];
}

/** Every file format that a receiver must play, by the name of the file. */
export const FILE_FORMATS = {
  MP3: { name: 'chirp.mp3', words: ['-c:a', 'libmp3lame', '-b:a', '96k', '-f', 'mp3'] },
  'AAC ADTS': { name: 'chirp.aac', words: ['-c:a', 'aac', '-b:a', '96k', '-aac_pns', '0', '-f', 'adts'] },
  'AAC in MP4': {
    name: 'chirp.m4a',
    words: ['-c:a', 'aac', '-b:a', '96k', '-aac_pns', '0', '-movflags', '+faststart', '-f', 'ipod'],
  },
  'Ogg Opus': { name: 'chirp.opus', words: ['-c:a', 'libopus', '-b:a', '96k', '-f', 'ogg'] },
  'Ogg Vorbis': { name: 'chirp.ogg', words: ['-c:a', 'libvorbis', '-b:a', '96k', '-f', 'ogg'] },
  FLAC: { name: 'chirp.flac', words: ['-c:a', 'flac', '-sample_fmt', 's16', '-f', 'flac'] },
  WAV: { name: 'chirp.wav', words: ['-c:a', 'pcm_s16le', '-f', 'wav'] },
} as const satisfies Record<string, { readonly name: string; readonly words: readonly string[] }>;

/** One of {@link FILE_FORMATS}. */
export type FileFormat = keyof typeof FILE_FORMATS;

/** A steady sine of a quarter of full scale (−15 dBFS): whatever silence is heard in it is a fault. ffmpeg's words for its input. */
export function toneInput(hz: number, seconds: number): string[] {
  return ['-f', 'lavfi', '-i', `aevalsrc=0.25*sin(2*PI*${hz}*t):s=48000:d=${seconds}`];
}

/** A sweep from 500 Hz to 4 kHz that is at its full level from its first sample on. ffmpeg's words for its input. */
export function chirpInput(seconds: number): string[] {
  const rise = 3_500 / seconds;
  return ['-f', 'lavfi', '-i', `aevalsrc=0.4*sin(2*PI*(500*t+${rise / 2}*t*t)+0.8):s=48000:d=${seconds}`];
}

/** Encodes by ffmpeg, one channel at 48 kHz. @throws LoaError `E_MEDIA_DECODE` where ffmpeg cannot */
export async function encoded(input: readonly string[], words: readonly string[]): Promise<Buffer> {
  const made = await runTool(
    'ffmpeg',
    [
      ...['-v', 'error', '-nostdin', ...input, '-ac', '1', '-ar', '48000', '-map_metadata', '-1', ...words],
      'pipe:1',
    ],
    { deadlineMs: 120_000 },
  );
  if (made.exitCode !== 0) throw new LoaError('E_MEDIA_DECODE', made.errorText.slice(0, 300));
  return made.output;
}

/** A sound of ffmpeg's input words, encoded and cut for sending. */
export async function pacedSound(input: readonly string[], format: PacedFormat): Promise<PacedSound> {
  const bytes = await encoded(input, CODINGS[format]);
  return format === 'opus-32' ? pagesOf(bytes) : pacedFrames(bytes);
}

/** Cuts MP3 or ADTS into its frames. */
export function pacedFrames(bytes: Uint8Array): PacedSound {
  const { contentType, offsets, samples, rateHz, bytes: sound } = framesOfSound(bytes);
  const pieces = offsets.slice(0, -1).map((offset, index) => ({
    bytes: sound.subarray(offset, offsets[index + 1]),
    dueMs: ((samples[index] ?? 0) * 1000) / rateHz,
  }));
  return { contentType, head: new Uint8Array(), pieces, lengthMs: ((samples.at(-1) ?? 0) * 1000) / rateHz };
}

const GRANULES_PER_MS = 48;

/**
 * Cuts an Ogg Opus into its pages (RFC 3533, 6; RFC 7845, 4: granules count 48 kHz whatever the input was). The pages of
 * header and comment are the head.
 * @throws Error for anything but pages
 */
export function pagesOf(ogg: Buffer): PacedSound {
  const head: Buffer[] = [];
  const pieces: Piece[] = [];
  let untilMs = 0;
  for (let at = 0; at < ogg.length;) {
    if (ogg.toString('latin1', at, at + 4) !== 'OggS') throw new Error(`no page of Ogg at byte ${at}`);
    const segments = ogg.readUInt8(at + 26);
    let length = 27 + segments;
    for (let n = 0; n < segments; n += 1) length += ogg.readUInt8(at + 27 + n);
    const page = ogg.subarray(at, at + length);
    const granule = Number(page.readBigInt64LE(6));
    if (granule === 0 && pieces.length === 0) head.push(page);
    else {
      pieces.push({ bytes: page, dueMs: untilMs });
      untilMs = granule / GRANULES_PER_MS;
    }
    at += length;
  }
  return { contentType: 'audio/ogg', head: Buffer.concat(head), pieces, lengthMs: untilMs };
}
