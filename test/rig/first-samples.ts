import { setTimeout as sleep } from 'node:timers/promises';
import { compareSegment } from '../heard/compare.js';
import { bestLagWithin } from '../heard/lag.js';
import { decodeReference } from '../heard/decode.js';
import { levelDb } from '../heard/level.js';
import { monotonicMs } from './card-record.js';
import {
  chirpInput,
  encoded,
  FILE_FORMATS,
  pacedSound,
  toneInput,
  type FileFormat,
  type PacedFormat,
} from './paced-sound.js';
import type { SoundBench } from './sound-bench.js';

/** How long the first sample of a live stream took, milliseconds from the publication of its command, one for each play. */
export interface FirstSamples {
  readonly format: PacedFormat | 'hls';
  /** What the server gives a new listener at once, milliseconds of sound. */
  readonly burstMs: number;
  readonly latenciesMs: readonly number[];
  /** Plays of which nothing was heard within the limit. */
  readonly silent: number;
}

const TONE_HZ = 997;
const STREAM_S = 300;
const LIMIT_MS = 6_000;
const QUIET_MS = 150;

/** Plays a live tone again and again on the running receiver, and waits for its first sample on the card. */
export async function firstSamples(
  bench: SoundBench,
  format: PacedFormat,
  { burstMs, count }: { readonly burstMs: number; readonly count: number },
): Promise<FirstSamples> {
  const sound = await pacedSound(toneInput(TONE_HZ, STREAM_S), format);
  const url = bench.media.serve(`/first-${format}-${burstMs}`, { sound, burstMs });
  return { format, burstMs, ...(await firstOf(bench, url, count)) };
}

/** The same of HLS (RFC 8216): a finished list of MPEG-TS segments of two seconds with AAC. */
export async function firstSamplesOfHls(bench: SoundBench, count: number): Promise<FirstSamples> {
  const segmentS = 2;
  const segments = 10;
  const lines = ['#EXTM3U', '#EXT-X-VERSION:3', `#EXT-X-TARGETDURATION:${segmentS}`];
  for (let n = 0; n < segments; n += 1) {
    const words = ['-c:a', 'aac', '-b:a', '64k', '-output_ts_offset', String(n * segmentS), '-f', 'mpegts'];
    const bytes = await encoded(toneInput(TONE_HZ, segmentS), words);
    bench.media.serveFile(`/hls/${n}.ts`, bytes, 'video/mp2t');
    lines.push(`#EXTINF:${segmentS}.0,`, `${n}.ts`);
  }
  lines.push('#EXT-X-ENDLIST', '');
  const list = Buffer.from(lines.join('\n'));
  const url = bench.media.serveFile('/hls/list.m3u8', list, 'application/vnd.apple.mpegurl');
  return { format: 'hls', burstMs: segments * segmentS * 1000, ...(await firstOf(bench, url, count)) };
}

async function firstOf(
  bench: SoundBench,
  url: string,
  count: number,
): Promise<Pick<FirstSamples, 'latenciesMs' | 'silent'>> {
  const latenciesMs: number[] = [];
  let silent = 0;
  for (let n = 0; n < count; n += 1) {
    await bench.record.untilQuiet(QUIET_MS, 10_000);
    await sleep(Math.random() * 40);
    const { sentMs, playId } = await bench.play({ kind: 'live', url });
    const first = await bench.record.firstSound(sentMs, LIMIT_MS).catch(() => undefined);
    if (first === undefined) silent += 1;
    else latenciesMs.push(first - sentMs);
    await bench.stop(playId);
  }
  return { latenciesMs, silent };
}

/** What of a chirp was heard at its ends. */
export interface ChirpHeard {
  readonly format: FileFormat;
  /** How it was played: as a stored file, or as a live stream that begins with it. */
  readonly as: 'file' | 'live';
  /** Correlation of the whole with the reference, the worst of its windows of 0.25 s. */
  readonly worst: number;
  /** Level of the first 5 ms heard less that of the reference's first 5 ms, dB; a ramp of 10 ms makes it about −13. */
  readonly headDb: number;
  /** The same of the last 20 ms. */
  readonly tailDb: number;
}

const CHIRP_S = 3;
const CHIRP_LIMIT_MS = 8_000;

/** Plays a chirp that begins at full level as a stored file of a format, and looks for both its ends on the card. */
export async function chirpOf(bench: SoundBench, format: FileFormat): Promise<ChirpHeard> {
  const { name, words } = FILE_FORMATS[format];
  const bytes = await encodedFile(format, words);
  await bench.record.untilQuiet(QUIET_MS, 10_000);
  const sent = await bench.play(bench.file(name, bytes));
  const reference = await decodeReference(bytes, name.endsWith('.opus') ? { decoder: 'libopus' } : {});
  return { format, as: 'file', ...(await endsHeard(bench, sent, reference)) };
}

/** The same as a live stream that begins with the chirp for each listener. */
export async function liveChirpOf(
  bench: SoundBench,
  format: PacedFormat,
  forMs = (CHIRP_S + 1) * 1000,
): Promise<ChirpHeard> {
  const sound = await pacedSound(chirpInput(CHIRP_S), format);
  const bytes = Buffer.concat([sound.head, ...sound.pieces.map((piece) => piece.bytes)]);
  const name = format === 'opus-32' ? 'Ogg Opus' : format === 'aac-64' ? 'AAC ADTS' : 'MP3';
  const demuxer = { 'mp3-128': 'mp3', 'mp3-64': 'mp3', 'aac-64': 'aac', 'opus-32': 'ogg' }[format];
  const reference = await decodeReference(bytes, {
    format: demuxer,
    ...(format === 'opus-32' ? { decoder: 'libopus' as const } : {}),
  });
  await bench.record.untilQuiet(QUIET_MS, 10_000);
  const url = bench.media.serve(`/chirp-${format}`, { sound, burstMs: 500, fromStart: true });
  const sent = await bench.play({ kind: 'live', url }, { forMs });
  const heard = await endsHeard(bench, sent, reference);
  await bench.stop(sent.playId);
  return { format: name, as: 'live', ...heard };
}

async function encodedFile(format: FileFormat, words: readonly string[]): Promise<Buffer> {
  // The index of an MP4 is written at its head in the end: ffmpeg cannot do that into a pipe.
  if (format !== 'AAC in MP4') return encoded(chirpInput(CHIRP_S), words);
  const fragments = words.map((word) => (word === '+faststart' ? '+frag_keyframe+empty_moov' : word));
  return encoded(chirpInput(CHIRP_S), fragments);
}

async function endsHeard(
  bench: SoundBench,
  { sentMs }: { readonly sentMs: number },
  reference: Float32Array,
): Promise<Pick<ChirpHeard, 'worst' | 'headDb' | 'tailDb'>> {
  const firstMs = await bench.record.firstSound(sentMs, CHIRP_LIMIT_MS);
  const lengthMs = (reference.length * 1000) / 48_000;
  const { samples, rateHz } = await bench.record.between(firstMs - 300, firstMs + lengthMs + 300);
  const begin = Math.round(0.3 * rateHz);
  const inside = Math.round(0.25 * rateHz);
  const head = firstLoud(reference);
  const span = { fromFrame: begin + inside, toFrame: begin + reference.length - 2 * inside };
  const around = Math.round(rateHz / 50);
  // A chirp goes beyond what a coarse search hears: its place is looked for frame by frame around its first sound.
  const place = bestLagWithin(
    samples,
    reference,
    { fromFrame: span.fromFrame, toFrame: span.fromFrame + rateHz },
    [begin - head - around, begin - head + around],
  );
  const found = compareSegment({
    ...{ heard: samples, reference, rateHz, rampFrames: Math.round(rateHz / 100) },
    ...{ ...span, expectedLagFrames: place.lagFrames, searchFrames: 1 },
  });
  const gainDb =
    between(samples, begin + inside, rateHz) - between(reference, begin + inside - found.lagFrames, rateHz);
  const at = head + found.lagFrames;
  const five = Math.round(rateHz / 200);
  const end = lastLoud(reference) + found.lagFrames;
  const tail = Math.round(rateHz / 50);
  return {
    worst: found.worst,
    headDb: levelDb(samples, at, at + five) - levelDb(reference, head, head + five) - gainDb,
    tailDb:
      levelDb(samples, end - tail, end) -
      levelDb(reference, end - tail - found.lagFrames, end - found.lagFrames) -
      gainDb,
  };
}

function between(samples: Float32Array, from: number, frames: number): number {
  return levelDb(samples, from, from + frames);
}

/** Codecs put silence before the first sample and after the last. */
function firstLoud(samples: Float32Array): number {
  return samples.findIndex((sample) => Math.abs(sample) > 0.1);
}

function lastLoud(samples: Float32Array): number {
  return samples.findLastIndex((sample) => Math.abs(sample) > 0.1);
}

/** How long a measurement took, for a person. */
export function minutesSince(sinceMs: number): string {
  return `${((monotonicMs() - sinceMs) / 60_000).toFixed(1)} min`;
}
