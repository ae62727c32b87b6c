import t from 'tap';
import { chooseVariant, parsePlaylist } from '../../../agent/sound/sources/hls-playlist.js';

const media = (...lines: string[]): string => ['#EXTM3U', '#EXT-X-TARGETDURATION:6', ...lines].join('\n');

t.test('segments are numbered from the media sequence, with their marks', async (t) => {
  const found = parsePlaylist(
    media(
      '#EXT-X-VERSION:7',
      '#EXT-X-MEDIA-SEQUENCE:41',
      '#EXT-X-MAP:URI="init.mp4"',
      '#EXTINF:5.96,a title, with a comma',
      'a.m4s',
      '#EXT-X-DISCONTINUITY',
      '#EXT-X-PROGRAM-DATE-TIME:2026-11-23T05:00:00Z',
      '#EXTINF:4,',
      'b.m4s?x=1',
      '#EXT-X-GAP',
      '#EXTINF:6',
      'c.m4s',
      '',
    ),
  );
  const map = { uri: 'init.mp4' };
  t.same(found, {
    kind: 'media',
    targetMs: 6_000,
    complete: false,
    segments: [
      { sequence: 41, uri: 'a.m4s', durationMs: 5_960, discontinuity: false, gap: false, map },
      { sequence: 42, uri: 'b.m4s?x=1', durationMs: 4_000, discontinuity: true, gap: false, map },
      { sequence: 43, uri: 'c.m4s', durationMs: 6_000, discontinuity: false, gap: true, map },
    ],
  });
});

t.test('lines may end in CR LF, and a complete playlist says so', async (t) => {
  const found = parsePlaylist(media('#EXTINF:6,', 'a.ts', '#EXT-X-ENDLIST').replaceAll('\n', '\r\n'));
  t.match(found, { complete: true, segments: [{ uri: 'a.ts' }] });
});

t.test('byte ranges follow each other in the same resource', async (t) => {
  const found = parsePlaylist(
    media(
      '#EXT-X-MAP:URI="a.mp4",BYTERANGE="600@0"',
      '#EXTINF:6,',
      '#EXT-X-BYTERANGE:100@600',
      'a.mp4',
      '#EXTINF:6,',
      '#EXT-X-BYTERANGE:50',
      'a.mp4',
    ),
  );
  t.match(found, {
    segments: [
      { range: { offset: 600, length: 100 }, map: { range: { offset: 0, length: 600 } } },
      { range: { offset: 700, length: 50 } },
    ],
  });
});

t.test('of a master playlist the sound alone is taken, and of several the lowest', async (t) => {
  const master = parsePlaylist(
    [
      '#EXTM3U',
      '#EXT-X-STREAM-INF:BANDWIDTH=200000,CODECS="avc1.42e00a,mp4a.40.2"',
      'video-low.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=128000,CODECS="mp4a.40.2"',
      'high.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="mp4a.40.2"',
      'low.m3u8',
    ].join('\n'),
  );
  if (master.kind !== 'master') throw new Error('no master');
  t.equal(chooseVariant(master).uri, 'low.m3u8');
});

t.test('a rendition of sound apart is preferred to its variant with pictures', async (t) => {
  const master = parsePlaylist(
    [
      '#EXTM3U',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="other",URI="other.m3u8"',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Tiếng Việt",DEFAULT=YES,URI="vi.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="avc1.42e00a,mp4a.40.2",AUDIO="a"',
      'video.m3u8',
    ].join('\n'),
  );
  if (master.kind !== 'master') throw new Error('no master');
  t.equal(chooseVariant(master).uri, 'vi.m3u8');
});

const REFUSED: readonly [string, string][] = [
  ['what is no playlist', 'EXTM3U'],
  ['no target duration', '#EXTM3U\n#EXTINF:6,\na.ts'],
  ['a target duration of hours', '#EXTM3U\n#EXT-X-TARGETDURATION:7200\n#EXTINF:6,\na.ts'],
  ['a segment without its duration', media('a.ts')],
  ['a duration that is no number', media('#EXTINF:six,', 'a.ts')],
  ['a negative duration', media('#EXTINF:-6,', 'a.ts')],
  [
    'a media sequence beyond all numbers',
    media('#EXT-X-MEDIA-SEQUENCE:99999999999999999999', '#EXTINF:6,', 'a.ts'),
  ],
  ['a media sequence after a segment', media('#EXTINF:6,', 'a.ts', '#EXT-X-MEDIA-SEQUENCE:4')],
  ['encryption', media('#EXT-X-KEY:METHOD=AES-128,URI="key"', '#EXTINF:6,', 'a.ts')],
  ['a byte range without its begin', media('#EXTINF:6,', '#EXT-X-BYTERANGE:50', 'a.mp4')],
  ['an attribute list that is broken', media('#EXT-X-MAP:URI="init.mp4', '#EXTINF:6,', 'a.ts')],
  ['an address of kilobytes', media('#EXTINF:6,', 'a'.repeat(2_001))],
  ['more segments than a day of them', media(...Array.from({ length: 10_001 }, () => '#EXTINF:6,\na.ts'))],
  ['a master without a variant', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n'],
  ['a master that is media, too', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n#EXTINF:6,\nb'],
];
for (const [what, text] of REFUSED) {
  t.test(`refused: ${what}`, async (t) => {
    t.throws(() => parsePlaylist(text), { code: 'E_MEDIA_FORMAT' });
  });
}
