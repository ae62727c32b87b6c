import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../agent/core/clock.js';
import { makeDecoder } from '../../agent/sound/decoders/make-decoder.js';
import { LiveSource } from '../../agent/sound/sources/live-source.js';
import { startMediaHost } from '../fakes/media-host.js';
import { findLag } from '../heard/lag.js';
import { writeWav } from '../heard/wav.js';
import { missingTool, runTool } from '../support/external-tool.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { waitUntil } from '../support/wait-until.js';
import { babble } from '../unit/heard/synthetic.js';
import { joined } from '../unit/sound/signal.js';

t.setTimeout(180_000);

const RATE_HZ = 48_000;
const speech = babble(6, 5);

const KINDS: readonly [string, readonly string[]][] = [
  ['MPEG-TS with AAC', ['-c:a', 'aac', '-aac_pns', '0', '-f', 'hls', '-hls_segment_type', 'mpegts']],
  ['fragmented MP4', ['-c:a', 'aac', '-aac_pns', '0', '-f', 'hls', '-hls_segment_type', 'fmp4']],
  [
    'fragmented MP4 in one file, by byte ranges',
    ['-c:a', 'aac', '-aac_pns', '0', '-f', 'hls', '-hls_segment_type', 'fmp4', '-hls_flags', 'single_file'],
  ],
  ['MPEG-TS with MP3', ['-c:a', 'libmp3lame', '-f', 'hls', '-hls_segment_type', 'mpegts']],
  [
    'packed AAC',
    [
      '-c:a',
      'aac',
      '-aac_pns',
      '0',
      '-f',
      'segment',
      '-segment_format',
      'adts',
      '-segment_list_type',
      'm3u8',
    ],
  ],
  [
    'packed MP3',
    [
      '-c:a',
      'libmp3lame',
      '-f',
      'segment',
      '-segment_format',
      'mp3',
      '-segment_list_type',
      'm3u8',
      '-segment_format_options',
      'write_xing=0:id3v2_version=0',
    ],
  ],
];
for (const [what, words] of KINDS) {
  t.test(`segments of ${what} are one sound without a seam`, { skip: missingTool('ffmpeg') }, async (t) => {
    const folder = await temporaryFolder(t);
    const wav = join(folder, 'speech.wav');
    await writeWav(wav, { rateHz: RATE_HZ, samples: speech });
    const segments = words.includes('segment')
      ? ['-segment_time', '2', '-segment_list', join(folder, 'list'), join(folder, 'part%d.bin')]
      : ['-hls_time', '2', '-hls_playlist_type', 'vod', join(folder, 'list')];
    const made = await runTool(
      'ffmpeg',
      ['-v', 'error', '-i', wav, '-map', '0', '-b:a', '128k', ...words, ...segments],
      {},
    );
    t.equal(made.errorText, '');
    const host = await startMediaHost(t, (request, response) => {
      void readFile(join(folder, (request.url ?? '').slice(1))).then(
        (bytes) => {
          const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
          if (from === undefined) response.end(bytes);
          else response.writeHead(206).end(bytes.subarray(Number(from), Number(to) + 1));
        },
        () => void response.writeHead(404).end(),
      );
    });
    const troubles: string[] = [];
    const source = new LiveSource(
      host.url('/list'),
      { access: host.access, prerollMs: 100, levelled: false, widen: false },
      { makeDecoder, clock: systemClock, random: () => 1 },
      { onTrouble: ({ code, detail }) => troubles.push(`${code} ${detail}`), onTitle: () => undefined },
    );
    t.teardown(() => source.close());
    const parts: Float32Array[] = [];
    await waitUntil(
      'the end',
      () => {
        for (let count = 1; count > 0;) {
          const block = new Float32Array(480);
          count = source.read(block);
          parts.push(block.subarray(0, count));
        }
        return source.ended || troubles.length > 0;
      },
      { everyMs: 5 },
    );
    t.same(troubles, []);
    const heard = joined(parts);
    const span = { fromFrame: 0, toFrame: Math.min(heard.length, speech.length) };
    const { lagFrames, correlation } = findLag({ heard, reference: speech, rateHz: RATE_HZ, ...span });
    t.ok(correlation > 0.98, `correlation ${correlation} of ${heard.length} frames at ${lagFrames}`);
    t.ok(lagFrames >= 0 && lagFrames <= 2_300, `nothing of its head is missing: ${lagFrames}`);
    t.ok(heard.length - lagFrames >= speech.length - 480, 'nor of its tail');
  });
}
