import { createHash } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../agent/core/clock.js';
import { makeDecoder } from '../../agent/sound/decoders/make-decoder.js';
import { FileSource } from '../../agent/sound/sources/file-source.js';
import { LiveSource } from '../../agent/sound/sources/live-source.js';
import { MediaStore } from '../../agent/sound/sources/media-store.js';
import type { Source } from '../../agent/sound/sources/source.js';
import { startMediaHost } from '../fakes/media-host.js';
import { correlationAt } from '../heard/lag.js';
import { writeWav } from '../heard/wav.js';
import { missingTool, runTool } from '../support/external-tool.js';
import { temporaryFolder, type Teardown } from '../support/temporary-folder.js';
import { joined } from '../unit/sound/signal.js';
import { readFile } from 'node:fs/promises';

const skip = missingTool('ffmpeg');
const RATE_HZ = 48_000;
/** Longer than one page of Ogg: of a Vorbis file of a single page ffmpeg drops the last 128 frames. */
const LENGTH = 3 * RATE_HZ;

/** Three seconds from 300 to 3 000 Hz, loud from its first frame to its last. */
const chirp = Float32Array.from({ length: LENGTH }, (_, i) => {
  const t = i / RATE_HZ;
  return 0.5 * Math.cos(2 * Math.PI * (300 * t + 450 * t * t));
});

interface Format {
  readonly name: string;
  readonly words: readonly string[];
  /** Frames that the coding puts before the sound, once decoded: its delay where nothing in the file takes it off again. */
  readonly delay: number;
  /** It may be followed by a rest of its last frame, at most so many. */
  readonly padding: number;
  readonly live: boolean;
}

/** MP3: 576 of the encoder (LAME) and 529 of the decoder. ADTS: one frame of AAC. */
const FORMATS: readonly Format[] = [
  {
    name: 'MP3',
    words: ['-c:a', 'libmp3lame', '-b:a', '128k', '-f', 'mp3'],
    delay: 1_105,
    padding: 2_304,
    live: true,
  },
  {
    name: 'MP3 without headers',
    words: ['-c:a', 'libmp3lame', '-b:a', '128k', '-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3'],
    ...{ delay: 1_105, padding: 2_304, live: true },
  },
  {
    name: 'AAC in ADTS',
    words: ['-c:a', 'aac', '-aac_pns', '0', '-b:a', '128k', '-f', 'adts'],
    delay: 1_024,
    padding: 1_024,
    live: true,
  },
  {
    name: 'AAC in MP4, index at the end',
    words: ['-c:a', 'aac', '-aac_pns', '0', '-b:a', '128k', '-f', 'mp4'],
    delay: 0,
    padding: 1_024,
    live: false,
  },
  {
    name: 'AAC in MP4, index in front',
    words: ['-c:a', 'aac', '-aac_pns', '0', '-b:a', '128k', '-movflags', '+faststart', '-f', 'mp4'],
    delay: 0,
    padding: 1_024,
    live: true,
  },
  {
    name: 'Ogg Opus',
    words: ['-c:a', 'libopus', '-b:a', '96k', '-f', 'ogg'],
    delay: 0,
    padding: 960,
    live: true,
  },
  {
    name: 'Ogg Vorbis',
    words: ['-c:a', 'libvorbis', '-b:a', '128k', '-f', 'ogg'],
    delay: 0,
    padding: 64,
    live: true,
  },
  { name: 'FLAC', words: ['-c:a', 'flac', '-f', 'flac'], delay: 0, padding: 0, live: true },
  { name: 'WAV', words: ['-c:a', 'pcm_s16le', '-f', 'wav'], delay: 0, padding: 0, live: true },
];

/** The chirp in a format, a file that ffmpeg has written (so that it may seek back in it). */
async function encoded(folder: string, { words }: Format): Promise<Buffer> {
  const [wav, out] = [join(folder, 'chirp.wav'), join(folder, 'chirp.coded')];
  await writeWav(wav, { rateHz: RATE_HZ, samples: chirp });
  const made = await runTool('ffmpeg', [
    '-v',
    'error',
    '-y',
    '-i',
    wav,
    '-map_metadata',
    '-1',
    ...words,
    out,
  ]);
  if (made.exitCode !== 0) throw new Error(made.errorText);
  return readFile(out);
}

/** Everything a source gives, until it has ended or nothing more comes. */
async function heardOf(source: Source, frames: number): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  let total = 0;
  for (let idle = 0; idle < 400 && !source.ended && total < frames;) {
    const block = new Float32Array(480);
    const count = source.ready ? source.read(block) : 0;
    if (source.failure !== undefined) throw new Error(JSON.stringify(source.failure));
    parts.push(block.subarray(0, count));
    total += count;
    idle = count > 0 ? 0 : idle + 1;
    if (count === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return joined(parts);
}

/** The head and the tail of the chirp stand where the format's delay puts them. */
function checkChirp(
  t: Teardown & { ok(value: boolean, why: string): void },
  heard: Float32Array,
  { delay }: Format,
  tail: boolean,
): void {
  const at = (from: number, to: number): number =>
    correlationAt(heard, chirp, delay + from, delay + to, delay);
  t.ok(at(0, 240) > 0.9, `the first 5 ms: ${at(0, 240).toFixed(3)}`);
  t.ok(at(2_400, 24_000) > 0.99, `the middle: ${at(2_400, 24_000).toFixed(3)}`);
  if (tail) t.ok(at(LENGTH - 240, LENGTH) > 0.9, `the last 5 ms: ${at(LENGTH - 240, LENGTH).toFixed(3)}`);
}

for (const format of FORMATS) {
  t.test(`a file of ${format.name} is heard from its first frame to its last`, { skip }, async (t) => {
    const folder = await temporaryFolder(t);
    const bytes = await encoded(folder, format);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await copyFile(join(folder, 'chirp.coded'), join(folder, sha256));
    const store = new MediaStore(folder, { anchorsPem: [], plainHosts: [], stallMs: 1_000 }, 1 << 30);
    const source = new FileSource(
      { url: 'https://nowhere/', sha256, persistent: false },
      store,
      { makeDecoder, clock: systemClock, random: () => 0 },
      { onTrouble: () => undefined, onTitle: () => undefined },
    );
    t.teardown(() => source.close());
    const heard = await heardOf(source, Infinity);
    checkChirp(t, heard, format, true);
    const rest = heard.length - format.delay - LENGTH;
    t.ok(rest >= 0 && rest <= format.padding, `${rest} frames after it`);
  });

  if (!format.live) continue;
  t.test(`a live stream of ${format.name} is heard from its first frame`, { skip }, async (t) => {
    const bytes = await encoded(await temporaryFolder(t), format);
    const host = await startMediaHost(t, (_, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      response.end(bytes);
    });
    const source = new LiveSource(
      host.url('/x'),
      { access: host.access, prerollMs: 100, widen: false },
      { makeDecoder, clock: systemClock, random: () => 1 },
      { onTrouble: () => undefined, onTitle: () => undefined },
    );
    t.teardown(() => source.close());
    checkChirp(t, await heardOf(source, LENGTH - 480), format, false);
  });
}
