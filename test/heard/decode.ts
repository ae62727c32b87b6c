import { spawn } from 'node:child_process';
import { LoaError } from '../../agent/core/errors.js';

/** The rate of every reference. */
export const REFERENCE_RATE_HZ = 48_000;

const LONGEST_REFERENCE_S = 30 * 60;

/**
 * Decodes a file, or bytes as they went over the wire, with ffmpeg to one channel at 48 000 Hz: what should have been
 * heard, found by a decoder that the product does not share for MP3 and Opus. `format` names ffmpeg's demuxer when bytes do not tell
 * it themselves ('mp3', 'aac', 'ogg'). `decoder` names one of ffmpeg's decoders where its own choice is not right: its `opus` strays
 * from the reference decoder of RFC 6716 where a stream changes between SILK and CELT (down to 0.92 in single windows of
 * `bulletin.opus`), `libopus` is that reference decoder.
 *
 * Throws `E_DECODER_MISSING` without ffmpeg, `E_MEDIA_DECODE` when ffmpeg fails, finds no sound, or more than 30 minutes.
 */
export async function decodeReference(
  source: string | Uint8Array,
  options: { format?: string; decoder?: 'libopus'; signal?: AbortSignal } = {},
): Promise<Float32Array> {
  const input = [
    ...(options.format === undefined ? [] : ['-f', options.format]),
    ...(options.decoder === undefined ? [] : ['-c:a', options.decoder]),
  ];
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...['-v', 'error', ...(typeof source === 'string' ? ['-nostdin'] : []), ...input],
      ...['-i', typeof source === 'string' ? source : 'pipe:0', '-t', String(LONGEST_REFERENCE_S + 1)],
      ...['-map', '0:a:0', '-ac', '1', '-ar', String(REFERENCE_RATE_HZ), '-f', 'f32le', 'pipe:1'],
    ],
    { stdio: ['pipe', 'pipe', 'pipe'], ...(options.signal === undefined ? {} : { signal: options.signal }) },
  );
  const chunks: Buffer[] = [];
  let complaint = '';
  ffmpeg.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  ffmpeg.stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < 2000) complaint += chunk.toString('utf8');
  });
  // ffmpeg may stop reading before the end; its exit code then tells why.
  ffmpeg.stdin.on('error', () => undefined);
  ffmpeg.stdin.end(typeof source === 'string' ? undefined : source);

  const exitCode = await new Promise<number | null>((resolve, reject) => {
    ffmpeg.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'ENOENT'
          ? new LoaError('E_DECODER_MISSING', 'ffmpeg is not installed', { cause })
          : cause,
      );
    });
    ffmpeg.once('close', resolve);
  });
  const pcm = Buffer.concat(chunks);
  const name = typeof source === 'string' ? source : `${source.length} bytes`;
  if (exitCode !== 0 || pcm.length < 4) {
    throw new LoaError('E_MEDIA_DECODE', `ffmpeg cannot decode ${name}: ${complaint.trim() || 'no sound'}`);
  }
  if (pcm.length > LONGEST_REFERENCE_S * REFERENCE_RATE_HZ * 4) {
    throw new LoaError('E_MEDIA_DECODE', `${name} is longer than ${LONGEST_REFERENCE_S} s`);
  }
  const samples = new Float32Array(Math.floor(pcm.length / 4));
  for (let frame = 0; frame < samples.length; frame += 1) samples[frame] = pcm.readFloatLE(frame * 4);
  return samples;
}
