import t from 'tap';
import { PcmRing } from '../../../agent/sound/pcm-ring.js';
import { asRefusal, PcmFeed } from '../../../agent/sound/sources/pcm-feed.js';
import { LoaError } from '../../../agent/core/errors.js';
import { rawDecoder } from '../../fakes/raw-decoder.js';
import { silentMp3 } from '../../support/silent-sound.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('no frame is lost and none comes twice while the ring is full again and again', async (t) => {
  const ring = new PcmRing(8 * 48_000);
  const decoder = rawDecoder({ framesPerByte: 40 });
  const feed = new PcmFeed(ring, decoder.make, undefined, new AbortController().signal);
  const bytes = silentMp3(100);
  let done = false;
  const work = (async () => {
    for (let at = 0; at < bytes.length; at += 1_000) await feed.write(bytes.subarray(at, at + 1_000));
    await feed.end();
    done = true;
  })();
  const into = new Float32Array(4_801);
  let next = 0;
  while (!done || ring.length > 0) {
    const got = ring.pull(into);
    const wrong = into.subarray(0, got).findIndex((value, i) => value !== next + i);
    if (wrong >= 0) {
      t.fail(`frame ${into[wrong] ?? -1} came where ${next + wrong} was due`);
      break;
    }
    next += got;
    feed.onRead();
    await turn();
  }
  await work;
  t.equal(next, bytes.length * 40);
  t.same(decoder.bytes(), bytes, 'and no byte was lost on the way');
  t.ok(decoder.closed());
});

t.test('while the ring is full the decoder is given nothing more', async (t) => {
  const ring = new PcmRing(8 * 48_000);
  const decoder = rawDecoder({ framesPerByte: 40 });
  const abort = new AbortController();
  const feed = new PcmFeed(ring, decoder.make, undefined, abort.signal);
  const work = feed.write(silentMp3(500));
  for (let i = 0; i < 50; i += 1) await turn();
  t.ok(decoder.bytes().length <= 4 * 2_048, `${decoder.bytes().length} bytes`);
  abort.abort();
  await work;
});

t.test(
  'a decoder that gives more than fits is told to wait, and to go on when all of it was taken',
  async (t) => {
    const ring = new PcmRing(5 * 48_000);
    const decoder = rawDecoder({ framesPerByte: 400 });
    const abort = new AbortController();
    const feed = new PcmFeed(ring, decoder.make, undefined, abort.signal);
    const work = feed.write(silentMp3(5));
    while (decoder.holds.length === 0) await turn();
    t.same(decoder.holds, [true]);
    const into = new Float32Array(48_000);
    for (let i = 0; i < 40 && !decoder.holds.includes(false); i += 1) {
      ring.pull(into);
      feed.onRead();
    }
    t.equal(decoder.holds.at(-1), false);
    abort.abort();
    await work;
  },
);

t.test('aborting ends a write that waits for room, and closes the decoder', async (t) => {
  const ring = new PcmRing(100);
  const decoder = rawDecoder({ framesPerByte: 1 });
  const abort = new AbortController();
  const feed = new PcmFeed(ring, decoder.make, undefined, abort.signal);
  const work = feed.write(silentMp3(100));
  await turn();
  abort.abort();
  await work;
  await feed.end();
  t.ok(decoder.closed());
});

t.test('a tag longer than what came first is dropped to its last byte', async (t) => {
  const tag = Buffer.alloc(30_000, 0x55);
  tag.write('ID3\x04\0\0', 0, 'latin1');
  for (let i = 0; i < 4; i += 1) tag[6 + i] = ((tag.length - 10) >> (7 * (3 - i))) & 127;
  const sound = silentMp3(3);
  const file = Buffer.concat([tag, sound]);
  const decoder = rawDecoder({ framesPerByte: 1 });
  const feed = new PcmFeed(new PcmRing(48_000 * 8), decoder.make, undefined, new AbortController().signal);
  for (let at = 0; at < file.length; at += 700) await feed.write(file.subarray(at, at + 700));
  await feed.end();
  t.same(decoder.bytes(), sound);
});

t.test('what is no sound is refused: at once, when enough came, or at the end', async (t) => {
  const feed = (): PcmFeed =>
    new PcmFeed(
      new PcmRing(100),
      rawDecoder({ framesPerByte: 1 }).make,
      undefined,
      new AbortController().signal,
    );
  await t.rejects(feed().write(Buffer.from('<!DOCTYPE html>')), { code: 'E_MEDIA_FORMAT' });
  await t.rejects(feed().write(Buffer.alloc(9_000, 1)), { code: 'E_MEDIA_FORMAT' });
  const short = feed();
  await short.write(Buffer.alloc(10, 1));
  await t.rejects(short.end(), { code: 'E_MEDIA_FORMAT' });
  await t.rejects(feed().end(), { code: 'E_MEDIA_FORMAT' }, 'and so is nothing at all');
});

t.test('a fault of the decoder comes out of the write', async (t) => {
  const decoder = rawDecoder({ framesPerByte: 1, failAt: 1_000 });
  const feed = new PcmFeed(new PcmRing(48_000 * 8), decoder.make, undefined, new AbortController().signal);
  await t.rejects(feed.write(silentMp3(10)), { code: 'E_MEDIA_DECODE' });
});

t.test('as a refusal an error keeps its code once; what is not ours is a fault of decoding', async (t) => {
  t.same(asRefusal(new LoaError('E_MEDIA_STALL', 'no byte')), { code: 'E_MEDIA_STALL', detail: 'no byte' });
  t.same(asRefusal(new Error('boom')), { code: 'E_MEDIA_DECODE', detail: 'boom' });
});
