import { createHash } from 'node:crypto';
import t from 'tap';
import { decibels, PlayTallyBook } from '../../../agent/sound/play-tally.js';

const block = (level: number): Int16Array => new Int16Array(480).fill(Math.round(level * 32_768));

t.test('blocks that follow each other are one span; a pause or another part begins a new one', async (t) => {
  const book = new PlayTallyBook('p');
  book.count(block(0.1), 4_800, 1_000, 'chime');
  book.count(block(0.1), 5_280, 1_010, 'chime');
  book.count(block(0.1), 5_760, 1_020, 'main');
  book.count(block(0.1), 9_600, 1_100, 'main');
  const tally = book.close('completed', undefined, 2, 0);
  t.same(tally.spans, [
    { fromFrame: 4_800, toFrame: 5_760, fromMs: 1_000, part: 'chime' },
    { fromFrame: 5_760, toFrame: 6_240, fromMs: 1_020, part: 'main' },
    { fromFrame: 9_600, toFrame: 10_080, fromMs: 1_100, part: 'main' },
  ]);
  t.match(tally, { framesHeard: 1_920, reconnects: 2, outcome: 'completed', evidence: 'consumed' });
});

t.test('the digest is of the very samples that went to the sink', async (t) => {
  const book = new PlayTallyBook('p');
  const digest = createHash('sha256');
  for (let i = 0; i < 5; i += 1) {
    const samples = Int16Array.from({ length: 480 }, (_, n) => n * i - 700);
    digest.update(new Uint8Array(samples.buffer));
    book.count(samples, i * 480, i, 'main');
  }
  t.equal(book.close('completed', undefined, 0, 0).pcmSha256, digest.digest('hex'));
});

t.test('levels are given by the second, the last one shorter, and the peak of all', async (t) => {
  const book = new PlayTallyBook('p');
  for (let i = 0; i < 150; i += 1) book.count(block(i < 100 ? 0.5 : 0.05), i * 480, 0, 'main');
  const tally = book.close('completed', undefined, 0, 0);
  t.same(tally.rmsDbBySecond, [-6, -26]);
  t.equal(tally.peakDb, -6);
});

t.test('frames that died with their sink are not claimed, and no digest is given for the rest', async (t) => {
  const book = new PlayTallyBook('p');
  for (let i = 0; i < 10; i += 1) book.count(block(0.1), i * 480, 0, 'main');
  book.lose(3_000);
  book.count(block(0.1), 4_800, 0, 'main');
  const tally = book.close('completed', undefined, 0, 0);
  t.equal(tally.framesHeard, 3_000 + 480);
  t.same(
    tally.spans.map(({ fromFrame, toFrame }) => [fromFrame, toFrame]),
    [
      [0, 3_000],
      [4_800, 5_280],
    ],
    'nor do the spans claim them',
  );
  t.equal(tally.pcmSha256, undefined);
});

t.test('frames that the sink still holds at the end are not claimed', async (t) => {
  const book = new PlayTallyBook('p');
  book.count(block(0.1), 0, 0, 'main');
  const tally = book.close('stopped', undefined, 0, 100);
  t.equal(tally.framesHeard, 380);
  t.equal(tally.spans[0]?.toFrame, 380);
});

t.test('what was never heard has no level, no digest and no evidence', async (t) => {
  const failure = { code: 'E_MEDIA_STATUS', detail: '404' } as const;
  const tally = new PlayTallyBook('p').close('failed', failure, 0, 0);
  t.match(tally, { framesHeard: 0, spans: [], evidence: 'none', failure, rmsDbBySecond: [] });
  t.equal(tally.peakDb, undefined);
  t.equal(tally.pcmSha256, undefined);
});

t.test(
  'a play interrupted a thousand times keeps 256 spans, counts all its frames and knows its last',
  async (t) => {
    const book = new PlayTallyBook('p');
    for (let i = 0; i < 1_000; i += 1) book.count(block(0.1), i * 960, 0, 'main');
    t.equal(book.lastFrame, 999 * 960 + 480);
    const tally = book.close('completed', undefined, 0, 0);
    t.equal(tally.spans.length, 256);
    t.equal(tally.framesHeard, 480_000);
  },
);

t.test('levels of a day are bounded at 900 seconds', async (t) => {
  const book = new PlayTallyBook('p');
  for (let i = 0; i < 901; i += 1) book.count(new Int16Array(48_000), i * 48_000, 0, 'main');
  t.equal(book.close('completed', undefined, 0, 0).rmsDbBySecond.length, 900);
});

t.test('silence is −120 dB', async (t) => {
  t.equal(decibels(0), -120);
});
