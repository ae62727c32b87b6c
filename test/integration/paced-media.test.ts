import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import t from 'tap';
import { PacedMedia } from '../rig/paced-media.js';
import type { PacedSound } from '../rig/paced-sound.js';
import type { Teardown } from '../support/temporary-folder.js';
import { waitUntil } from '../support/wait-until.js';

/** Ten seconds of pieces of ten bytes, one each 10 ms, each full of its own number. */
const SOUND: PacedSound = {
  contentType: 'audio/mpeg',
  head: Buffer.from('HEAD'),
  pieces: Array.from({ length: 1_000 }, (_, n) => ({ bytes: Buffer.alloc(10, n % 256), dueMs: n * 10 })),
  lengthMs: 10_000,
};

async function serve(t: Teardown): Promise<PacedMedia> {
  const media = await PacedMedia.start();
  t.teardown(() => media.close());
  return media;
}

async function listen(url: string): Promise<{ response: IncomingMessage; bytes: () => Buffer }> {
  const request = get(url, { agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', () => undefined);
  return { response, bytes: () => Buffer.concat(chunks) };
}

t.test(
  'a listener gets the head, the burst at once, and the rest at its pace, nothing left out',
  async (t) => {
    const media = await serve(t);
    const { bytes } = await listen(media.serve('/live', { sound: SOUND, burstMs: 500, fromStart: true }));
    await waitUntil('the burst', () => bytes().length >= 4 + 500);
    await waitUntil('what follows', () => bytes().length >= 4 + 700);
    t.equal(bytes().toString('latin1', 0, 4), 'HEAD');
    const sound = bytes().subarray(4);
    t.ok(sound.length < 5_000, 'not all at once');
    t.same(
      [...sound.subarray(0, 700)].filter((_, n) => n % 10 === 0),
      Array.from({ length: 70 }, (_, n) => n),
    );
  },
);

t.test('held bytes come all at once when they are let go; stalled ones never', async (t) => {
  const media = await serve(t);
  const url = media.serve('/live', { sound: SOUND, burstMs: 100, fromStart: true });
  const { bytes } = await listen(url);
  await waitUntil('it listens', () => media.listeners('/live') === 1 && bytes().length > 100);
  media.fault('/live', 'hold');
  const other = await listen(url);
  await waitUntil('another listener is well', () => other.bytes().length > 300);
  const held = bytes().length;
  t.ok(held < 300, `${held} bytes`);
  media.fault('/live', undefined);
  await waitUntil('what was held', () => bytes().length >= other.bytes().length);
  media.fault('/live', 'stall');
  const third = await listen(url);
  await waitUntil('a third is well', () => third.bytes().length > 250);
  const stalled = bytes().length;
  await waitUntil('time passes', () => third.bytes().length > 350);
  t.equal(bytes().length, stalled);
});

t.test('noise keeps the length of a piece, a trickle gives next to nothing, an end is clean', async (t) => {
  const media = await serve(t);
  const url = media.serve('/live', { sound: SOUND, burstMs: 0, fromStart: true });
  const { response, bytes } = await listen(url);
  await waitUntil('it listens', () => media.listeners('/live') === 1);
  media.fault('/live', 'corrupt');
  await waitUntil('some noise', () => bytes().length > 4 + 200);
  t.not(
    bytes()
      .subarray(4)
      .compare(Buffer.concat(SOUND.pieces.slice(0, 20).map((one) => Buffer.from(one.bytes)))),
    0,
  );
  t.equal((bytes().length - 4) % 10, 0);
  media.fault('/live', 'trickle');
  const before = bytes().length;
  await waitUntil('the trickle', () => bytes().length > before + 3);
  t.ok(bytes().length < before + 100);
  media.end('/live');
  await once(response, 'end');
  t.equal(response.complete, true);
});

t.test('a redirect leads to itself, and a server that is gone comes back on its port', async (t) => {
  const media = await serve(t);
  const url = media.serve('/live', { sound: SOUND, burstMs: 0, redirect: true });
  const { response } = await listen(url);
  t.equal(response.statusCode, 302);
  t.equal(response.headers.location, '/live');
  response.resume();
  await media.goAway();
  await t.rejects(listen(url), { code: 'ECONNREFUSED' });
  media.serve('/live', { sound: SOUND, burstMs: 100, contentType: 'text/plain' });
  await media.comeBack();
  const again = await listen(url);
  t.equal(again.response.headers['content-type'], 'text/plain');
});
